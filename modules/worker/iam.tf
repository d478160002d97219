data "aws_iam_policy_document" "worker_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.ec2.name]
    }
  }
}

resource "aws_iam_role" "worker" {
  count = var.create_role ? (var.instance_profile_name == null ? 1 : 0) : 0

  name                 = "docker-cache-${var.name}-${var.architecture}-worker-${local.region}"
  description          = "Workers with the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.worker_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid       = "TellWhatBecameOfTheCache"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["DockerCacheWorker"]
    }
  }
}

resource "aws_iam_role_policy" "worker" {
  count = var.create_role ? (var.instance_profile_name == null ? 1 : 0) : 0

  name   = "worker"
  role   = one(aws_iam_role.worker[*].id)
  policy = data.aws_iam_policy_document.worker.json
}

resource "aws_iam_instance_profile" "worker" {
  count = var.create_role ? (var.instance_profile_name == null ? 1 : 0) : 0

  name = "docker-cache-${var.name}-${var.architecture}-worker-${local.region}"
  role = one(aws_iam_role.worker[*].id)
  path = var.role_path

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

resource "aws_iam_role_policy_attachment" "worker" {
  # By their place in the list: an ARN may be unknown while planning.
  for_each = {
    for index, arn in length(aws_iam_role.worker) > 0 ? var.policy_arns : [] : tostring(index) => arn
  }

  role       = one(aws_iam_role.worker[*].id)
  policy_arn = each.value
}

locals {
  instance_profile_name = (
    var.instance_profile_name == null
    ? one(aws_iam_instance_profile.worker[*].name)
    : var.instance_profile_name
  )
}
