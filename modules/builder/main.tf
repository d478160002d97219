data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

data "aws_service_principal" "scheduler" {
  service_name = "scheduler"
}

data "aws_service_principal" "dlm" {
  service_name = "dlm"
}

data "aws_subnets" "default" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

locals {
  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix

  proxy = {
    http  = tostring(try(var.proxy.http, null))
    https = tostring(try(var.proxy.https, null))
    no    = tostring(try(var.proxy.no, null))
  }

  volume = {
    size_gib         = coalesce(tonumber(try(var.volume.size_gib, null)), 100)
    type             = coalesce(tostring(try(var.volume.type, null)), "gp3")
    iops             = tonumber(try(var.volume.iops, null))
    throughput_mibps = tonumber(try(var.volume.throughput_mibps, null))
    file_system      = coalesce(tostring(try(var.volume.file_system, null)), "xfs")
    generation       = coalesce(tonumber(try(var.volume.generation, null)), 1)
  }

  build = {
    at                   = coalesce(tolist(lookup(var.build, "at", null)), ["02:00"])
    time_zone            = coalesce(tostring(try(var.build.time_zone, null)), "UTC")
    expression           = tostring(try(var.build.expression, null))
    replicate_at         = tostring(try(var.build.replicate_at, null))
    launch_retry_minutes = coalesce(tonumber(try(var.build.launch_retry_minutes, null)), 60)
    watchdog_minutes     = coalesce(tonumber(try(var.build.watchdog_minutes, null)), 120)
    parallel_pulls       = coalesce(tonumber(try(var.build.parallel_pulls, null)), 4)
    hot_set_percent      = coalesce(tonumber(try(var.build.hot_set_percent, null)), 20)
  }

  copy_to = [
    for item in var.copy_to : {
      region      = tostring(try(item.region, null))
      kms_key_arn = tostring(try(item.kms_key_arn, null))
      schedule    = coalesce(tonumber(try(item.schedule, null)), 1)
    }
  ]

  registries = [
    for item in var.registries : {
      host        = tostring(try(item.host, null))
      secret_name = tostring(try(item.secret_name, null))
      kms_key_arn = tostring(try(item.kms_key_arn, null))
    }
  ]

  # As the builder reads them: REFERENCE[ optional][ warm=whole][ smoke=COMMAND].
  image_lines = [
    for image in var.images :
    join("", [
      try(image.reference, image),
      coalesce(tobool(try(image.optional, null)), false) ? " optional" : "",
      try(image.warm, null) == "whole" ? " warm=whole" : "",
      try(image.smoke, null) == null ? "" : format(" smoke=%s", image.smoke),
    ])
  ]

  default_image_id = {
    x86_64 = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    arm64  = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
  }

  image_id = coalesce(var.image_id, local.default_image_id[var.architecture])

  default_instance_type = {
    x86_64 = "m6i.xlarge"
    arm64  = "m6g.xlarge"
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
  image_references      = [for image in var.images : try(image.reference, split(" ", image)[0])]

  # As Docker takes them apart.
  image_parts = [
    for reference in local.image_references :
    regex(
      "(?s)^(?:(?P<domain>localhost|[^/@]*[.:A-Z][^/@]*)/)?(?P<path>[^@]*?)(?::(?P<tag>[^/@:]*))?(?:@(?P<digest>.*))?$",
      reference
    )
  ]

  image_domains = [
    for part in local.image_parts :
    part.domain == null || part.domain == "index.docker.io" ? "docker.io" : part.domain
  ]

  image_paths = [
    for index, part in local.image_parts :
    (
      local.image_domains[index] == "docker.io" && length(regexall("/", part.path)) == 0
      ? format("library/%s", part.path)
      : part.path
    )
  ]

  image_problems = [
    for index, reference in local.image_references :
    (
      can(regex("^[a-f0-9]{64}$", reference))
      ? "64 hex digits are an image id, not a reference"
      : !can(regex(
        "^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$",
        local.image_domains[index]
      ))
      ? format("\"%s\" is no registry host", local.image_domains[index])
      : local.image_paths[index] != lower(local.image_paths[index])
      ? format("the repository \"%s\" must be lower case", local.image_paths[index])
      : !can(regex(
        "^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$",
        local.image_paths[index]
      ))
      ? format("\"%s\" is no repository name", local.image_paths[index])
      : length(local.image_paths[index]) > 255
      ? format("the repository has %d characters, over 255", length(local.image_paths[index]))
      : (
        local.image_parts[index].tag != null &&
        !can(regex("^\\w[\\w.-]{0,127}$", local.image_parts[index].tag))
      )
      ? format("\"%s\" is no tag", local.image_parts[index].tag)
      : (
        local.image_parts[index].digest != null &&
        !can(regex(
          "^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$",
          local.image_parts[index].digest
        ))
      )
      ? format("\"%s\" is no digest such as sha256: and 64 hex digits", local.image_parts[index].digest)
      : null
    )
  ]

  # Equal for images that are the same, however they are spelled.
  full_image_references = [
    for index, part in local.image_parts :
    join("", [
      local.image_domains[index],
      "/",
      local.image_paths[index],
      (
        part.digest == null
        ? format(":%s", coalesce(part.tag, "latest"))
        : part.tag == null
        ? ""
        : format(":%s", part.tag)
      ),
      part.digest == null ? "" : format("@%s", part.digest),
    ])
  ]
}
