# Volumes, snapshots, logs and topic under a key of yours, which the same run makes.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  arn     = "arn:${data.aws_partition.current.partition}"
}

data "aws_iam_policy_document" "key" {
  # Policies of the account's roles count: ours have the rights that they need, and no more.
  statement {
    sid       = "PoliciesOfTheAccountCount"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["${local.arn}:iam::${local.account}:root"]
    }
  }

  statement {
    sid       = "AlarmsMayPublish"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "LogsMayEncrypt"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["${local.arn}:logs:${var.region}:${local.account}:log-group:*"]
    }
  }
}

resource "aws_kms_key" "cache" {
  description         = "Docker cache"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
}

# Auto Scaling launches workers for you, and needs the key for their volumes.
resource "aws_kms_grant" "auto_scaling" {
  key_id            = aws_kms_key.cache.key_id
  grantee_principal = "${local.arn}:iam::${local.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
  operations        = ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant"]
}

module "cache" {
  source = "../../modules/cache"

  name        = "ci"
  images      = ["python:3.12-slim"]
  kms_key_arn = aws_kms_key.cache.arn
}
