resource "aws_budgets_budget" "registry" {
  name         = "companions-registry"
  budget_type  = "COST"
  limit_amount = var.changed ? "50.5" : "100"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "Service"
    values = ["Amazon EC2 Container Registry (ECR)"]
  }

  notification {
    notification_type          = "ACTUAL"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = var.changed ? ["b@example.com", "c@example.com"] : ["a@example.com"]
    subscriber_sns_topic_arns  = [aws_sns_topic.alarms.arn]
  }

  notification {
    notification_type         = "FORECASTED"
    comparison_operator       = "GREATER_THAN"
    threshold                 = var.changed ? 90 : 100.5
    threshold_type            = "ABSOLUTE_VALUE"
    subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
  }

  tags = var.changed ? { more = "tags" } : { cache = "ci" }
}
