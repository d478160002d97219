resource "aws_cloudwatch_log_group" "failures" {
  name              = "/aws/events/docker-cache-pull-through"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days

  tags = local.tags
}

# Never the key that AWS manages for SNS: CloudWatch may not use it, and alarms would be lost
# without a word.
resource "aws_sns_topic" "alarms" {
  count = local.notifications.topic == null ? 1 : 0

  name              = "docker-cache-pull-through-alarms"
  kms_master_key_id = var.kms_key_arn

  tags = local.tags

  depends_on = [aws_cloudwatch_log_group.failures]
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

resource "aws_cloudwatch_event_rule" "failures" {
  name        = "docker-cache-pull-through-failures"
  description = "Images that ECR could not pull through"

  event_pattern = jsonencode({
    source      = ["aws.ecr"]
    detail-type = ["ECR Pull Through Cache Action"]
    detail = {
      sync-status           = [{ anything-but = ["SUCCESS"] }]
      ecr-repository-prefix = keys(local.all_rules)
    }
  })

  tags = local.tags

  depends_on = [aws_cloudwatch_log_group.failures]
}

data "aws_iam_policy_document" "failures" {
  statement {
    sid       = "LinesOfEventBridge"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.failures.arn}:*"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.events.name]
    }
  }

  statement {
    sid       = "LinesOfDelivery"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.failures.arn}:*"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.delivery.name]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "failures" {
  policy_document = data.aws_iam_policy_document.failures.json
  policy_name     = "docker-cache-pull-through-failures"
}

# ECR's reason is not escaped by EventBridge: a quote in it may lose the line, and never the alarm.
resource "aws_cloudwatch_event_target" "failures" {
  rule = aws_cloudwatch_event_rule.failures.name
  arn  = aws_cloudwatch_log_group.failures.arn

  input_transformer {
    input_template = "{\"timestamp\": <time>, \"message\": \"pull through failed: repository <repository>, tag <tag>, upstream <upstream>, code <code>: <reason>. What to do: docs/pull-through.md#troubleshooting-by-message\"}"

    input_paths = {
      time       = "$.time"
      repository = "$.detail.repository-name"
      tag        = "$.detail.image-tag"
      upstream   = "$.detail.upstream-registry-url"
      code       = "$.detail.failure-code"
      reason     = "$.detail.failure-reason"
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.failures]
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  alarm_name          = "docker-cache-pull-through-failures"
  alarm_description   = "Docker pull-through: ECR could not fetch from an upstream registry. Builds go on without it; lines in /aws/events/docker-cache-pull-through say why."
  namespace           = "AWS/Events"
  metric_name         = "MatchedEvents"
  dimensions          = { RuleName = aws_cloudwatch_event_rule.failures.name }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}
