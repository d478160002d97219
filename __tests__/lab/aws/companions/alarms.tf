resource "aws_sns_topic" "alarms" {
  name = "companions-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for service in ["events", "budgets", "cloudwatch"] : {
        Effect    = "Allow"
        Principal = { Service = "${service}.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
      }
    ]
  })
}

resource "aws_cloudwatch_event_rule" "failed_pull" {
  name = "companions-failed-pull"
  event_pattern = jsonencode({
    source        = ["aws.ecr"]
    "detail-type" = ["ECR Pull Through Cache Action"]
    detail = {
      "sync-status"             = ["FAILED"]
      "ecr-repository-prefix"   = [{ prefix = "quay" }]
      "upstream-registry-url"   = [{ "anything-but" = { prefix = "public." } }]
      "failure-code"            = [{ exists = true }]
      (var.changed ? "a" : "b") = [{ exists = false }]
    }
  })
}

resource "aws_cloudwatch_event_target" "failed_pull" {
  rule = aws_cloudwatch_event_rule.failed_pull.name
  arn  = aws_sns_topic.alarms.arn

  input_transformer {
    input_paths = {
      repository = "$.detail.repository-name"
      code       = "$.detail.failure-code"
    }
    input_template = <<-EOT
      "ECR could not pull <repository>: <code>."
      "${var.changed ? "See the other page." : "See the page."}"
    EOT
  }
}

resource "aws_cloudwatch_log_group" "failed_pull" {
  name              = "/aws/events/companions"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_resource_policy" "failed_pull" {
  policy_name = "companions"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com", "delivery.logs.amazonaws.com"] }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.failed_pull.arn}:*"
    }]
  })
}

resource "aws_cloudwatch_event_target" "log" {
  rule = aws_cloudwatch_event_rule.failed_pull.name
  arn  = aws_cloudwatch_log_group.failed_pull.arn

  input_transformer {
    input_paths = {
      at         = "$.time"
      repository = "$.detail.repository-name"
    }
    input_template = "{\"timestamp\": <at>, \"message\": \"${var.changed ? "lost" : "failed"}: <repository>\"}"
  }
}

resource "aws_cloudwatch_metric_alarm" "failed_pull" {
  alarm_name          = "companions-failed-pull"
  namespace           = "AWS/Events"
  metric_name         = "MatchedEvents"
  dimensions          = { RuleName = aws_cloudwatch_event_rule.failed_pull.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
