# Of all repositories in the region: ECR's costs are not told apart by tags.
resource "aws_budgets_budget" "ecr" {
  count = var.monthly_budget_usd == null ? 0 : 1

  name         = "docker-cache-pull-through-${local.region}"
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "Service"
    values = ["Amazon EC2 Container Registry (ECR)"]
  }

  cost_filter {
    name   = "Region"
    values = [local.region]
  }

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    notification_type          = "ACTUAL"
    subscriber_email_addresses = local.notifications.email == null ? [] : [local.notifications.email]
    subscriber_sns_topic_arns  = local.notifications.email == null ? [local.alarm_topic_arn] : []
    threshold_type             = "PERCENTAGE"
  }

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    notification_type          = "FORECASTED"
    subscriber_email_addresses = local.notifications.email == null ? [] : [local.notifications.email]
    subscriber_sns_topic_arns  = local.notifications.email == null ? [local.alarm_topic_arn] : []
    threshold_type             = "PERCENTAGE"
  }

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}
