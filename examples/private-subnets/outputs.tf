output "launch_template_id" {
  description = "Template to launch workers from, at `$Default`."
  value       = module.cache.worker.launch_template_id
}
