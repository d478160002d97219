locals {
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
