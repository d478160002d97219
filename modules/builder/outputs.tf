output "launch_template_id" {
  description = "Id of the builders' launch template: run an instance from it to build now."
  value       = aws_launch_template.builder.id

  precondition {
    condition     = length(var.copy_to) == 0 || length(var.build.at) > 0 && var.build.expression == null
    error_message = "A cache that other regions copy is built at times of day, so that builds keep clear of the replication: give build.at, and no build.expression."
  }

  precondition {
    condition     = length(var.copy_to) == 0 || local.replicate_at != null
    error_message = "Terraform does not know the offsets of time zones: give build.replicate_at in UTC, or build in UTC."
  }

  precondition {
    condition = (
      var.build.time_zone != "UTC" ||
      alltrue([
        for minutes in local.minutes_to_replication :
        minutes > local.longest_build_minutes && minutes < 1370
      ])
    )
    error_message = "Builds would meet the replication at ${coalesce(local.replicate_at, "?")} UTC: each needs ${local.longest_build_minutes} minutes before it, and begins more than 70 minutes after it. Move build.at or build.replicate_at."
  }

  precondition {
    condition = !can(regex(
      "^((c1|c3|c4|cc1|cc2|cg1|cr1|d2|f1|g2|g3|g3s|h1|hi1|hs1|i2|m1|m2|m3|m4|p2|p3|r3|r4|t1|t2|x1|x1e)\\.|i3\\.[0-9lx])",
      local.instance_type
    ))
    error_message = "Instance type ${local.instance_type} runs on Xen, and shows no EBS volume under its id: take one of the Nitro system, such as m7i.large."
  }
}

output "cache_volume_id" {
  description = "Id of the cache volume."
  value       = aws_ebs_volume.cache.id
}

output "availability_zone" {
  description = "Zone of the cache volume, in which builders run."
  value       = aws_ebs_volume.cache.availability_zone
}

output "role_arn" {
  description = "ARN of the builders' role."
  value       = aws_iam_role.builder.arn
}

output "role_name" {
  description = "Name of the builders' role: attach policies of yours to it."
  value       = aws_iam_role.builder.name
}

output "security_group_id" {
  description = "Id of the builders' security group; null if the groups are yours."
  value       = one(aws_security_group.builder[*].id)
}

output "log_group_name" {
  description = "Name of the log group of builds."
  value       = aws_cloudwatch_log_group.builder.name
}
