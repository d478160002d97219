output "launch_template_id" {
  description = "Template to launch workers from, at `$Default`."
  value       = module.cache.worker.launch_template_id
}

output "repository_url" {
  description = "Where to push the image."
  value       = aws_ecr_repository.app.repository_url
}
