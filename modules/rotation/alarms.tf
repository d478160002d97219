# Never the key that AWS manages for SNS: CloudWatch may not use it, and alarms would be lost
# without a word.
resource "aws_sns_topic" "alarms" {
  count = local.notifications.topic == null ? 1 : 0

  name              = "docker-cache-${var.name}-${var.architecture}-rotation-alarms"
  kms_master_key_id = var.kms_key_arn

  tags = var.tags
}

data "aws_iam_policy_document" "alarms" {
  count = local.notifications.topic == null ? 1 : 0

  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [one(aws_sns_topic.alarms[*].arn)]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.cloudwatch.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:*"]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  count = local.notifications.topic == null ? 1 : 0

  arn    = one(aws_sns_topic.alarms[*].arn)
  policy = one(data.aws_iam_policy_document.alarms[*].json)
}

resource "aws_sns_topic_subscription" "alarms" {
  count = local.notifications.topic == null && local.notifications.email != null ? 1 : 0

  topic_arn = one(aws_sns_topic.alarms[*].arn)
  protocol  = "email"
  endpoint  = local.notifications.email
}

locals {
  alarm_topic_arn = (
    local.notifications.topic == null
    ? one(aws_sns_topic.alarms[*].arn)
    : local.notifications.topic.arn
  )
}

resource "aws_cloudwatch_metric_alarm" "stale" {
  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-stale"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: the promoted snapshot is older than two cadences: are builds, or copies, still arriving?"
  namespace           = "DockerCache"
  metric_name         = "PromotedAgeHours"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.cadence_hours * 2
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "failed_build" {
  count = var.copy_from == null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-failed-build"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a builder ended without a result. Its log is in the builder's log group."
  namespace           = "DockerCache"
  metric_name         = "FailedBuilds"
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "withdrawn" {
  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-withdrawn"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: no snapshot is fit to be promoted: workers start without a cache."
  namespace           = "DockerCache"
  metric_name         = "Withdrawn"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "foreign" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-foreign"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a snapshot that is not ours claims to be, or a second volume does. It was refused; find out who made it."
  namespace           = "DockerCache"
  metric_name         = "ForeignSnapshots"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "overdue_deletions" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-overdue-deletions"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: snapshots due for deletion have not become fewer for a day: something refuses."
  namespace           = "DockerCache"
  metric_name         = "OverdueHours"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 24
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "template_problem" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-template-problem"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a launch template asks for a cache device that EC2 would refuse, and was left as it is."
  namespace           = "DockerCache"
  metric_name         = "TemplateProblems"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "unproven_copy" {
  count = var.alarms == "all" && var.copy_from != null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-unproven-copy"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a copy lacks the tag that proves DLM made it, and was not promoted."
  namespace           = "DockerCache"
  metric_name         = "UnprovenCopies"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "expiring" {
  count = var.alarms == "all" && var.copy_from != null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-expiring"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: what is served expires within a third of its retention, and nothing can replace it."
  namespace           = "DockerCache"
  metric_name         = "ServedLifeHours"
  statistic           = "Minimum"
  period              = 300
  comparison_operator = "LessThanThreshold"
  threshold           = var.copy_retention_days * 8
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-errors"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a run of the rotation failed. Its log is in the function's log group; the next run takes over."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.rotation.function_name }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "not_invoked" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-not-invoked"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: the schedule could not run the function: was it deleted, or its permission?"
  namespace           = "AWS/Events"
  metric_name         = "FailedInvocations"
  dimensions          = { RuleName = "docker-cache-${var.name}-${var.architecture}-rotation-reconcile" }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "given_up" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-given-up"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a scheduled run was given up, and lies in the dead-letter queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "launch_given_up" {
  count = var.alarms == "all" && var.copy_from == null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-launch-given-up"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a scheduled builder could not be launched. The message in the queue says why."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "docker-cache-${var.name}-${var.architecture}-builder-dlq" }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

# Silence is missing data: the alarm is made in that state, and tells only of falling back into it.
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name                = "docker-cache-${var.name}-${var.architecture}-rotation-silent"
  alarm_description         = "Docker cache ${var.name}/${var.architecture}: rotation has stopped running, or cannot promote."
  namespace                 = "DockerCache"
  metric_name               = "RotationRun"
  statistic                 = "Sum"
  period                    = var.reconcile_minutes * 120
  comparison_operator       = "LessThanThreshold"
  threshold                 = 1
  evaluation_periods        = 1
  alarm_actions             = [local.alarm_topic_arn]
  insufficient_data_actions = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}
