resource "aws_rbin_rule" "snapshots" {
  count = local.retention.recycle_bin_days == null ? 0 : 1

  description   = "Deleted snapshots of the Docker cache ${var.name}"
  resource_type = "EBS_SNAPSHOT"

  resource_tags {
    resource_tag_key   = "docker-cache:name"
    resource_tag_value = var.name
  }

  retention_period {
    retention_period_unit  = "DAYS"
    retention_period_value = local.retention.recycle_bin_days
  }

  tags = local.tags
}
