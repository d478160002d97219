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

output "alarm_topic_arn" {
  description = "ARN of the SNS topic that alarms go to."
  value       = local.alarm_topic_arn
}
