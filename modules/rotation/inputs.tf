locals {
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
