locals {
  rules = {
    for key, item in var.rules :
    key => {
      upstream        = tostring(try(item.upstream, null))
      secret_name     = tostring(try(item.secret_name, null))
      role_arn        = tostring(try(item.role_arn, null))
      upstream_prefix = tostring(try(item.upstream_prefix, null))
    }
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
