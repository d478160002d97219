output "launch_template_id" {
  description = "Template to launch workers from, at `$Default`."
  value       = module.cache.worker.launch_template_id
}

output "launch_template_id_far" {
  description = "The same in the region that is copied to."
  value       = module.cache_far.worker.launch_template_id

  precondition {
    condition     = var.region != var.far_region
    error_message = "region and far_region are both ${var.region}: name two regions."
  }
}
