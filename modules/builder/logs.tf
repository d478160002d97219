resource "aws_cloudwatch_log_group" "builder" {
  name              = "/docker-cache/${var.name}/${var.architecture}/builder"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days

  tags = local.tags
}

resource "aws_cloudwatch_log_group" "manifests" {
  name              = "/docker-cache/${var.name}/${var.architecture}/manifests"
  kms_key_id        = var.kms_key_arn
  retention_in_days = 400

  tags = local.tags
}
