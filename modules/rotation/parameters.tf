resource "aws_ssm_parameter" "pointer" {
  name           = "/docker-cache/${var.name}/${var.architecture}/snapshot-id"
  description    = "Promoted snapshot of the Docker cache ${var.name}/${var.architecture}"
  type           = "String"
  insecure_value = "none"

  tags = local.tags

  # Written outside Terraform from the first promotion on.
  lifecycle {
    ignore_changes = [insecure_value]
  }
}

resource "aws_ssm_parameter" "rejected" {
  name           = "/docker-cache/${var.name}/${var.architecture}/rejected"
  description    = "Contents of ${var.name}/${var.architecture} that are not built or promoted again"
  type           = "String"
  insecure_value = "none"

  tags = local.tags

  # Written outside Terraform from the first promotion on.
  lifecycle {
    ignore_changes = [insecure_value]
  }
}
