output "launch_template_id" {
  description = "Template to launch runners from, at `$Default`."
  value       = aws_launch_template.runners.id
}
