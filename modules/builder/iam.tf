locals {
  # ARNs of the repositories in ECR that the image list names.
  ecr_repositories = sort(distinct(flatten([
    for line in local.image_lines : [
      for part in regexall(
        replace(
          "^([0-9]{12})[.]dkr[.-]ecr(-fips)?[.]([a-z0-9-]+)[.](DNS_SUFFIX|on[.]aws|on[.]amazonwebservices[.](com[.]cn|eu))/([^:@ ]+)",
          "DNS_SUFFIX",
          replace(local.dns_suffix, ".", "[.]")
        ),
        line
      ) :
      "arn:${local.partition}:ecr:${part[2]}:${part[0]}:repository/${part[5]}"
    ]
  ])))
}

data "aws_iam_policy_document" "builder_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.ec2.name]
    }
  }
}

resource "aws_iam_role" "builder" {
  count = var.create_role ? (var.instance_profile_name == null ? 1 : 0) : 0

  name                 = "docker-cache-${var.name}-${var.architecture}-builder-${local.region}"
  description          = "Builder of the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.builder_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "builder" {
  statement {
    sid       = "AttachCacheVolume"
    actions   = ["ec2:AttachVolume"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["cache-volume"]
    }
  }

  statement {
    sid       = "AttachToBuilder"
    actions   = ["ec2:AttachVolume"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["builder"]
    }
  }

  statement {
    sid       = "TagCacheVolume"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["cache-volume"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"

      values = [
        "docker-cache:state",
        "docker-cache:build-id",
        "docker-cache:content",
        "docker-cache:checked",
        "docker-cache:store",
        "docker-cache:manifest",
      ]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "TagOutcome"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["builder"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["docker-cache:outcome"]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "SnapshotCacheVolume"
    actions   = ["ec2:CreateSnapshot"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["cache-volume"]
    }
  }

  statement {
    sid       = "CreateOwnSnapshot"
    actions   = ["ec2:CreateSnapshot"]
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:architecture"
      values   = [var.architecture]
    }
  }

  statement {
    sid       = "TagNewSnapshot"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateSnapshot"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "ForAllValues:StringNotEquals"
      variable = "aws:TagKeys"

      values = [
        "docker-cache:consume",
        "docker-cache:delete-after",
        "docker-cache:deletion-refused",
        "docker-cache:pin",
        "docker-cache:replicate",
        "docker-cache:role",
      ]
    }
  }

  statement {
    sid       = "Describe"
    actions   = ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"]
    resources = ["*"]
  }

  statement {
    sid     = "ReadParameters"
    actions = ["ssm:GetParameter", "ssm:GetParametersByPath"]

    resources = [
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/images",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/images/*",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/rejected",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/script/*",
    ]
  }

  statement {
    sid     = "WriteLog"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]

    resources = [
      "${aws_cloudwatch_log_group.builder.arn}:*",
      "${aws_cloudwatch_log_group.manifests.arn}:*",
    ]
  }

  dynamic "statement" {
    for_each = length(local.ecr_repositories) > 0 ? [true] : []

    content {
      sid       = "PullFromEcr"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = local.ecr_repositories
    }
  }

  dynamic "statement" {
    for_each = length(local.ecr_repositories) > 0 ? [true] : []

    content {
      sid       = "LogInToEcr"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.pull_through) > 0 ? [true] : []

    content {
      sid = "PullThroughEcr"

      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
      ]

      resources = [
        for key, value in local.pull_through :
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${value}/*"
      ]
    }
  }

  dynamic "statement" {
    for_each = length(local.pull_through) > 0 ? [true] : []

    content {
      sid     = "TagNewRepositories"
      actions = ["ecr:TagResource"]

      resources = [
        for key, value in local.pull_through :
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${value}/*"
      ]

      condition {
        test     = "StringEquals"
        variable = "aws:RequestTag/docker-cache:companion"
        values   = ["pull-through"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.pull_through) > 0 ? [true] : []

    content {
      sid       = "LogInToPullThrough"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.registries) > 0 ? [true] : []

    content {
      sid     = "ReadRegistrySecrets"
      actions = ["secretsmanager:GetSecretValue"]

      resources = [
        for item in local.registries :
        "arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${item.secret_name}-??????"
      ]
    }
  }

  dynamic "statement" {
    for_each = length(distinct(compact(local.registries[*].kms_key_arn))) > 0 ? [true] : []

    content {
      sid       = "DecryptRegistrySecrets"
      actions   = ["kms:Decrypt"]
      resources = distinct(compact(local.registries[*].kms_key_arn))

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid = "UseKey"

      actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ]

      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ec2.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "GrantKeyToServices"
      actions   = ["kms:CreateGrant"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ec2.${local.region}.${local.dns_suffix}"]
      }

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "builder" {
  count = var.create_role ? (var.instance_profile_name == null ? 1 : 0) : 0

  name   = "builder"
  role   = one(aws_iam_role.builder[*].id)
  policy = data.aws_iam_policy_document.builder.json
}

resource "aws_iam_instance_profile" "builder" {
  count = var.create_role ? (var.instance_profile_name == null ? 1 : 0) : 0

  name = "docker-cache-${var.name}-${var.architecture}-builder-${local.region}"
  role = one(aws_iam_role.builder[*].id)
  path = var.role_path

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}
