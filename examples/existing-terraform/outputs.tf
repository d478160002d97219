output "snapshot_parameter_name" {
  description = "Parameter that names the promoted snapshot."
  value       = module.rotation.snapshot_parameter_name
}

output "alarm_topic_arn" {
  description = "Topic to subscribe to: it says when builds fail or stop."
  value       = module.rotation.alarm_topic_arn
}
