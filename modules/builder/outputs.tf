output "launch_template_id" {
  description = "Id of the builders' launch template: run an instance from it to build now."
  value       = aws_launch_template.builder.id
}

output "cache_volume_id" {
  description = "Id of the cache volume."
  value       = aws_ebs_volume.cache.id
}

output "role_arn" {
  description = "ARN of the builders' role."
  value       = aws_iam_role.builder.arn
}
