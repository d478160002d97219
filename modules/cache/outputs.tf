output "builder" {
  description = "Outputs of the module `builder`; null with `copy_from`."
  value       = one(module.builder[*])

  precondition {
    condition     = local.cadence_hours != null
    error_message = "Terraform does not know how often ${coalesce(local.build.expression, "?")} builds: give rotation.cadence_hours, the longest time between two builds in hours."
  }

  precondition {
    condition     = try(local.cadence_hours >= local.build_hours, true)
    error_message = "rotation.cadence_hours is ${coalesce(local.rotation.cadence_hours, 0)}, and builds are up to ${coalesce(local.build_hours, 0)} hours apart: an alarm would rise without a cause. Leave it out, or give at least that."
  }
}

output "rotation" {
  description = "Outputs of the module `rotation`."
  value       = module.rotation
}

output "worker" {
  description = "Outputs of the module `worker`; null without `create_worker`."
  value       = one(module.worker[*])
}
