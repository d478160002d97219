resource "aws_sns_topic" "alarms" {
  name = "companions-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for service in ["events", "budgets"] : {
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
