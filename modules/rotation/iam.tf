data "aws_iam_policy_document" "rotation_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.lambda.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "rotation" {
  name                 = "docker-cache-${var.name}-${var.architecture}-rotation-${local.region}"
  description          = "Promotes and deletes snapshots of the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.rotation_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "rotation" {
  statement {
    sid = "Describe"

    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "ec2:DescribeFastSnapshotRestores",
      "ec2:DescribeImages",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribeLockedSnapshots",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
    ]

    resources = ["*"]
  }

  statement {
    sid     = "ReadParameters"
    actions = ["ssm:GetParameterHistory", "ssm:GetParameters"]

    resources = [
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/snapshot-id",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/rejected",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/volume-id",
    ]
  }

  statement {
    sid     = "MovePointer"
    actions = ["ssm:PutParameter"]

    resources = [
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/snapshot-id",
    ]
  }

  statement {
    sid = "KeepAndDeleteSnapshots"

    actions = [
      "ec2:DeleteSnapshot",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DisableFastSnapshotRestores",
      "ec2:EnableFastSnapshotRestores",
    ]

    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

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
  }

  statement {
    sid       = "AnnounceDeletion"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

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
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["docker-cache:delete-after", "docker-cache:deletion-refused"]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid = "WriteCacheDevice"

    actions = [
      "ec2:CreateLaunchTemplateVersion",
      "ec2:DeleteLaunchTemplateVersions",
      "ec2:ModifyLaunchTemplate",
    ]

    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:launch-template/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:consume"
      values   = ["${var.name}/${var.architecture}"]
    }
  }

  statement {
    sid       = "SweepBuilders"
    actions   = ["ec2:TerminateInstances"]
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
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.rotation.arn}:*"]
  }

  statement {
    sid       = "GiveUp"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  statement {
    sid       = "Trace"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "rotation" {
  name   = "rotation"
  role   = aws_iam_role.rotation.id
  policy = data.aws_iam_policy_document.rotation.json
}
