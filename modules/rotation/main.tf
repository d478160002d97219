data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_service_principal" "cloudwatch" {
  service_name = "cloudwatch"
}

data "aws_service_principal" "lambda" {
  service_name = "lambda"
}

data "aws_service_principal" "events" {
  service_name = "events"
}

locals {
  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  retention = {
    keep_last             = coalesce(tonumber(try(var.retention.keep_last, null)), 3)
    keep_within_days      = coalesce(tonumber(try(var.retention.keep_within_days, null)), 0)
    min_keep              = coalesce(tonumber(try(var.retention.min_keep, null)), 2)
    deletion_grace_hours  = coalesce(tonumber(try(var.retention.deletion_grace_hours, null)), 24)
    max_deletions_per_run = coalesce(tonumber(try(var.retention.max_deletions_per_run, null)), 2)
    recycle_bin_days      = tonumber(try(var.retention.recycle_bin_days, null))
  }

  notifications = {
    email = tostring(try(var.notifications.email, null))
    topic = (
      lookup(var.notifications, "topic", null) == null
      ? null
      : { arn = tostring(try(var.notifications.topic.arn, null)) }
    )
  }
}

# What bears a cache's name is replaced by another name, and by nothing that is merely unknown while
# planning.
resource "terraform_data" "identity" {
  input = {
    name         = var.name
    architecture = var.architecture
  }
}

locals {
  tags = merge(var.tags, {
    "docker-cache:name"         = var.name
    "docker-cache:architecture" = var.architecture
  })
}
