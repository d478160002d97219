locals {
  build_minutes = [
    for time in local.build.at : tonumber(split(":", time)[0]) * 60 + tonumber(split(":", time)[1])
  ]

  # From the scheduled time to the watchdog of the last retry.
  longest_build_minutes = local.build.launch_retry_minutes + 10 + local.build.watchdog_minutes

  # The hour after the first build of the day has ended at the latest.
  default_replicate_at = (
    local.build.time_zone == "UTC"
    ? try(
      format(
        "%02d:00",
        (floor((min(local.build_minutes...) + local.longest_build_minutes) / 60) + 1) % 24
      ),
      null
    )
    : null
  )

  replicate_at = (
    length(local.copy_to) == 0
    ? null
    : try(coalesce(local.build.replicate_at, local.default_replicate_at), null)
  )

  replicate_minute = (
    local.replicate_at == null
    ? null
    : tonumber(split(":", local.replicate_at)[0]) * 60 + tonumber(split(":", local.replicate_at)[1])
  )

  minutes_to_replication = [
    for start in local.build_minutes : (local.replicate_minute - start + 1440) % 1440
    if local.replicate_minute != null
  ]

  copy_kms_key_arns = compact(concat([var.kms_key_arn], local.copy_to[*].kms_key_arn))
}

data "aws_iam_policy_document" "replication_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.dlm.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:dlm:${local.region}:${local.account_id}:policy/*"]
    }
  }
}

resource "aws_iam_role" "replication" {
  count = length(local.copy_to) > 0 ? 1 : 0

  name                 = "docker-cache-${var.name}-${var.architecture}-dlm-${local.region}"
  description          = "Copies the Docker cache ${var.name}/${var.architecture} to other regions"
  assume_role_policy   = data.aws_iam_policy_document.replication_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    sid = "SnapshotAndCopy"

    actions = [
      "ec2:CopySnapshot",
      "ec2:CreateSnapshot",
      "ec2:DeleteSnapshot",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInstances",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
    ]

    resources = ["*"]
  }

  statement {
    sid       = "TagSnapshots"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:*::snapshot/*"]
  }

  dynamic "statement" {
    for_each = length(local.copy_kms_key_arns) > 0 ? [true] : []

    content {
      sid = "UseKeys"

      actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ]

      resources = local.copy_kms_key_arns
    }
  }

  dynamic "statement" {
    for_each = length(local.copy_kms_key_arns) > 0 ? [true] : []

    content {
      sid       = "GrantKeysToServices"
      actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
      resources = local.copy_kms_key_arns

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "replication" {
  count = length(local.copy_to) > 0 ? 1 : 0

  name   = "replication"
  role   = one(aws_iam_role.replication[*].id)
  policy = data.aws_iam_policy_document.replication.json
}

# Schedules keep their numbers: DLM forgets the snapshots of a schedule that is renamed.
resource "aws_dlm_lifecycle_policy" "replication" {
  count = length(local.copy_to) > 0 ? 1 : 0

  description        = "Copies of the Docker cache ${var.name} ${var.architecture}"
  execution_role_arn = one(aws_iam_role.replication[*].arn)

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { "docker-cache:replicate" = "${var.name}/${var.architecture}" }

    dynamic "schedule" {
      for_each = sort(distinct([for copy in local.copy_to : tostring(copy.schedule)]))

      content {
        name      = "replicate-${schedule.value}"
        copy_tags = true

        create_rule {
          interval      = 24
          interval_unit = "HOURS"
          times         = [local.replicate_at]
        }

        retain_rule {
          interval      = var.copy_retention_days
          interval_unit = "DAYS"
        }

        dynamic "cross_region_copy_rule" {
          for_each = [for copy in local.copy_to : copy if copy.schedule == tonumber(schedule.value)]

          content {
            encrypted = true
            target    = cross_region_copy_rule.value.region
            cmk_arn   = cross_region_copy_rule.value.kms_key_arn
            copy_tags = true

            retain_rule {
              interval      = var.copy_retention_days
              interval_unit = "DAYS"
            }
          }
        }
      }
    }
  }

  tags = local.tags

  lifecycle {
    precondition {
      condition = alltrue([
        for number in local.copy_to[*].schedule :
        (
          contains([1, 2, 3, 4], number) &&
          length([for other in local.copy_to[*].schedule : other if other == number]) <= 3
        )
      ])
      error_message = "${var.name}/${var.architecture} is copied to more regions than one DLM policy serves: schedules are numbered 1 to 4, with at most three regions each."
    }
  }
}
