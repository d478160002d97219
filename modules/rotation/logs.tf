resource "aws_cloudwatch_log_group" "rotation" {
  name              = "/aws/lambda/docker-cache-${var.name}-${var.architecture}-rotation"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days

  tags = local.tags
}
