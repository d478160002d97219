resource "aws_sqs_queue" "dead_letters" {
  name                      = "docker-cache-${var.name}-${var.architecture}-builder-dlq"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  tags = local.tags
}

resource "aws_scheduler_schedule_group" "builder" {
  name = "docker-cache-${var.name}-${var.architecture}-builder"

  tags = local.tags
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.scheduler.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.builder.arn]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name                 = "docker-cache-${var.name}-${var.architecture}-scheduler-${local.region}"
  description          = "Launches builders of the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.scheduler_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid     = "LaunchBuilder"
    actions = ["ec2:RunInstances"]

    resources = [
      aws_launch_template.builder.arn,
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:network-interface/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:security-group/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:subnet/*",
      "arn:${local.partition}:ec2:${local.region}::image/*",
      "arn:${local.partition}:ec2:${local.region}::snapshot/*",
    ]

    condition {
      test     = "ArnEquals"
      variable = "ec2:LaunchTemplate"
      values   = [aws_launch_template.builder.arn]
    }

    condition {
      test     = "Bool"
      variable = "ec2:IsLaunchTemplateResource"
      values   = ["true"]
    }
  }

  statement {
    sid     = "TagBuilder"
    actions = ["ec2:CreateTags"]

    resources = [
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:network-interface/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*",
    ]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances"]
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
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:role"
      values   = ["builder"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"

      values = keys(merge(local.tags, {
        Name                            = "docker-cache-${var.name}-${var.architecture}-builder"
        "docker-cache:role"             = "builder"
        "docker-cache:watchdog-minutes" = tostring(local.build.watchdog_minutes)
      }))
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "PassBuilderRole"
    actions   = ["iam:PassRole"]
    resources = [var.create_role ? one(aws_iam_role.builder[*].arn) : var.role_arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = [data.aws_service_principal.ec2.name]
    }
  }

  statement {
    sid       = "GiveUp"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  dynamic "statement" {
    for_each = flatten(regexall("^resolve:ssm:([^:]+)", local.image_id))

    content {
      sid     = "ReadImageParameter"
      actions = ["ssm:GetParameters"]

      resources = [
        "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/${trimprefix(statement.value, "/")}",
        "arn:${local.partition}:ssm:${local.region}::parameter/${trimprefix(statement.value, "/")}",
      ]
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

resource "aws_iam_role_policy" "scheduler" {
  name   = "scheduler"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

locals {
  schedules = merge(
    {
      for time in local.build.at :
      replace(time, ":", "") => "cron(${tonumber(split(":", time)[1])} ${tonumber(split(":", time)[0])} * * ? *)"
    },
    { for expression in local.build.expression[*] : "expression" => expression }
  )
}

# The universal target calls RunInstances itself: no function in between that could fail.
resource "aws_scheduler_schedule" "builder" {
  for_each = local.schedules

  name                         = "docker-cache-${var.name}-${var.architecture}-builder-${each.key}"
  description                  = "Builds the Docker cache ${var.name}/${var.architecture}"
  group_name                   = aws_scheduler_schedule_group.builder.name
  schedule_expression          = each.value
  schedule_expression_timezone = local.build.time_zone

  flexible_time_window {
    mode = "OFF"
  }

  # jsonencode escapes < and >, and Scheduler would not know the scheduled time again.
  target {
    arn      = "arn:${local.partition}:scheduler:::aws-sdk:ec2:runInstances"
    role_arn = aws_iam_role.scheduler.arn

    input = replace(
      replace(
        jsonencode({
          LaunchTemplate = {
            LaunchTemplateId = aws_launch_template.builder.id
            Version          = "$Default"
          }
          MinCount    = 1
          MaxCount    = 1
          ClientToken = "${aws_launch_template.builder.id}-<aws.scheduler.scheduled-time>"
        }),
        "\\u003c",
        "<"
      ),
      "\\u003e",
      ">"
    )

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }

    retry_policy {
      maximum_event_age_in_seconds = local.build.launch_retry_minutes * 60
    }
  }
}
