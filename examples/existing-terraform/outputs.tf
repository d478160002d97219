output "snapshot_parameter_name" {
  description = "Parameter that names the promoted snapshot."
  value       = module.cache.rotation.snapshot_parameter_name
}

output "alarm_topic_arn" {
  description = "Topic to subscribe to: it says when builds fail or stop."
  value       = module.cache.rotation.alarm_topic_arn
}
