# Another number replaces the cache volume by a new one: blocks once written are never given back.
resource "terraform_data" "generation" {
  input = local.volume.generation
}

resource "aws_ebs_volume" "cache" {
  type              = local.volume.type
  availability_zone = data.aws_subnet.builder.availability_zone
  size              = local.volume.size_gib
  iops              = local.volume.iops == null && local.volume.type == "gp3" ? 3000 : local.volume.iops
  encrypted         = true
  kms_key_id        = var.kms_key_arn

  throughput = (
    local.volume.throughput_mibps == null && local.volume.type == "gp3"
    ? 125
    : local.volume.throughput_mibps
  )

  tags = merge(local.tags, {
    Name                     = "docker-cache-${var.name}-${var.architecture}-builder"
    "docker-cache:role"      = "cache-volume"
    "docker-cache:replicate" = "${var.name}/${var.architecture}"
  })

  # A volume keeps its zone and its key. These tags belong to the builder, which says with them what
  # the volume holds.
  lifecycle {
    replace_triggered_by = [terraform_data.generation, terraform_data.identity]

    ignore_changes = [
      availability_zone,
      kms_key_id,
      tags["docker-cache:state"],
      tags["docker-cache:build-id"],
      tags["docker-cache:content"],
      tags["docker-cache:checked"],
      tags["docker-cache:store"],
      tags["docker-cache:manifest"],
    ]
  }
}

locals {
  # A local value, so that what is looked up of it is known while it has changes.
  cache_volume_id = aws_ebs_volume.cache.id
}

data "aws_ebs_volume" "cache" {
  filter {
    name   = "volume-id"
    values = [local.cache_volume_id]
  }
}

# The key that the volume was made with; empty: AWS's own.
resource "terraform_data" "volume_key" {
  input = var.kms_key_arn == null ? "" : var.kms_key_arn

  lifecycle {
    ignore_changes       = [input]
    replace_triggered_by = [terraform_data.generation, terraform_data.identity]
  }
}

resource "aws_ssm_parameter" "volume_id" {
  name           = "/docker-cache/${var.name}/${var.architecture}/volume-id"
  description    = "Cache volume of ${var.name}/${var.architecture}"
  type           = "String"
  insecure_value = aws_ebs_volume.cache.id

  tags = local.tags
}
