data "aws_region" "current" {}

data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

locals {
  region = data.aws_region.current.id

  proxy = {
    http  = tostring(try(var.proxy.http, null))
    https = tostring(try(var.proxy.https, null))
    no    = tostring(try(var.proxy.no, null))
  }

  volume = {
    size_gib         = coalesce(tonumber(try(var.volume.size_gib, null)), 150)
    type             = coalesce(tostring(try(var.volume.type, null)), "gp3")
    iops             = tonumber(try(var.volume.iops, null))
    throughput_mibps = tonumber(try(var.volume.throughput_mibps, null))
  }

  default_image_id = {
    x86_64 = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    arm64  = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
  }

  image_id = coalesce(var.image_id, local.default_image_id[var.architecture])

  default_instance_type = {
    x86_64 = "m6i.large"
    arm64  = "m6g.large"
  }

  instance_type = coalesce(var.instance_type, local.default_instance_type[var.architecture])
}

# What bears a cache's name is replaced by another name, and by nothing that is merely unknown while
# planning.
resource "terraform_data" "identity" {
  input = {
    name         = var.name
    architecture = var.architecture
  }
}

locals {
  tags = merge(var.tags, {
    "docker-cache:name"         = var.name
    "docker-cache:architecture" = var.architecture
  })
}

# Read by path: before rotation has made the parameter, there is none, and that is no error.
data "aws_ssm_parameters_by_path" "pointer" {
  count = var.read_pointer ? 1 : 0

  path = "/docker-cache/${var.name}/${var.architecture}"
}

locals {
  pointer = one([
    for parameters in data.aws_ssm_parameters_by_path.pointer :
    lookup(
      zipmap(parameters.names, nonsensitive(parameters.values)),
      "/docker-cache/${var.name}/${var.architecture}/snapshot-id",
      "none"
    )
  ])

  snapshot_id = local.pointer == "none" ? null : local.pointer

  # What EBS takes of each type; null: nothing.
  volume_types = {
    gp3 = {
      size_gib         = [1, 65536]
      iops             = [3000, 80000]
      iops_per_gib     = 500
      baseline_iops    = 3000
      throughput_mibps = [125, 2000]
    }
    gp2 = {
      size_gib         = [1, 16384]
      iops             = null
      iops_per_gib     = 3
      baseline_iops    = 100
      throughput_mibps = null
    }
    io2 = {
      size_gib         = [4, 65536]
      iops             = [100, 256000]
      iops_per_gib     = 1000
      baseline_iops    = null
      throughput_mibps = null
    }
    io1 = {
      size_gib         = [4, 16384]
      iops             = [100, 64000]
      iops_per_gib     = 50
      baseline_iops    = null
      throughput_mibps = null
    }
  }

  volume_type = local.volume_types[local.volume.type]

  most_iops = try(
    min(local.volume_type.iops[1], max(
      local.volume_type.iops_per_gib * local.volume.size_gib,
      coalesce(local.volume_type.baseline_iops, 0)
    )),
    0
  )

  most_throughput_mibps = floor(coalesce(local.volume.iops, local.volume_type.baseline_iops, 0) / 4)
}
