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
