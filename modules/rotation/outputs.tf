output "function_arn" {
  description = "ARN of the rotation function."
  value       = aws_lambda_function.rotation.arn
}

output "function_name" {
  description = "Name of the rotation function."
  value       = aws_lambda_function.rotation.function_name
}

output "role_arn" {
  description = "ARN of the rotation function's role."
  value       = aws_iam_role.rotation.arn
}

output "snapshot_parameter_name" {
  description = "Name of the parameter that holds the promoted snapshot's id, `none` before the first."
  value       = aws_ssm_parameter.pointer.name
}

output "snapshot_parameter_arn" {
  description = "ARN of that parameter, for policies of those who read it."
  value       = aws_ssm_parameter.pointer.arn
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.rotation.name
}

output "dead_letter_queue_name" {
  description = "Name of the queue of scheduled runs that were given up."
  value       = aws_sqs_queue.dead_letters.name
}

output "dead_letter_queue_arn" {
  description = "ARN of that queue."
  value       = aws_sqs_queue.dead_letters.arn
}

output "dead_letter_queue_url" {
  description = "URL of that queue."
  value       = aws_sqs_queue.dead_letters.url
}

output "alarm_topic_arn" {
  description = "ARN of the SNS topic that alarms go to."
  value       = local.alarm_topic_arn
}

output "name_prefix" {
  description = "Beginning of the names of what is made."
  value       = "docker-cache-${var.name}-${var.architecture}"

  precondition {
    condition     = length("docker-cache-${var.name}-${var.architecture}-rotation-${local.region}") <= 64
    error_message = "name: found docker-cache-${var.name}-${var.architecture}-rotation-${local.region}, ${length("docker-cache-${var.name}-${var.architecture}-rotation-${local.region}")} characters, expected at most 64 characters as the name of an IAM role. Shorten the cache's name by ${length("docker-cache-${var.name}-${var.architecture}-rotation-${local.region}") - 64}."
  }

  precondition {
    condition = length([
      for key in keys(var.tags) : key if can(regex("(?i)^(aws:|docker-cache:)", key))
    ]) == 0
    error_message = "tags: found the key ${join(", ", [for key in keys(var.tags) : key if can(regex("(?i)^(aws:|docker-cache:)", key))])}, expected a key that does not begin with aws: or docker-cache:, which are AWS's and ours. Rename or remove it."
  }

  precondition {
    condition     = length(var.tags) <= 30
    error_message = "tags: found ${length(var.tags)} tags, expected at most 30. Remove some."
  }

  precondition {
    condition     = var.copy_from == null ? true : var.copy_from != local.region
    error_message = "copy_from: found ${local.region}, the region itself, expected a region that builds the cache itself. Name the region that builds it, or leave it out."
  }

  precondition {
    condition = length([
      for zone in var.fast_restore_zones : zone if substr(zone, 0, length(zone) - 1) != local.region
    ]) == 0
    error_message = "fast_restore_zones: found ${join(", ", [for zone in var.fast_restore_zones : zone if substr(zone, 0, length(zone) - 1) != local.region])}, expected a zone of ${local.region}. Name zones of the region."
  }

  precondition {
    condition     = local.notifications.email == null || local.notifications.topic == null
    error_message = "notifications.email: found ${coalesce(local.notifications.email, "an address")} beside a topic, expected an address, or a topic of yours: only a topic of ours gets subscriptions. Subscribe the address to your topic, and remove it here."
  }

  precondition {
    condition     = var.reserved_concurrency != 0
    error_message = "reserved_concurrency: found 0, with which Lambda runs the function never, expected a whole number from 1 to 1000, or -1 for none. Take -1, or leave it out."
  }

  precondition {
    condition     = var.image_store != "containerd" || var.max_engine == null ? true : var.max_engine >= 24
    error_message = "max_engine: found ${coalesce(var.max_engine, 0)}, expected 24 or later, as `image_store` is containerd. Raise it, or take image_store overlay2."
  }
}
