output "launch_template_id" {
  description = "Template to launch workers from, at `$Default`."
  value       = module.worker.launch_template_id
}

output "launch_template_id_far" {
  description = "The same in the region that is copied to."
  value       = module.worker_far.launch_template_id
}
