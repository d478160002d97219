output "launch_template_id" {
  description = "Id of the launch template, whose `$Default` always carries the promoted snapshot; null without one."
  value       = one(aws_launch_template.worker[*].id)
}

output "launch_template_arn" {
  description = "ARN of the launch template; null without one."
  value       = one(aws_launch_template.worker[*].arn)
}

output "launch_template_name" {
  description = "Name of the launch template; null without one."
  value       = one(aws_launch_template.worker[*].name)
}

output "consume_tags" {
  description = "Tags for a launch template of your own: rotation then writes its cache device, as it does that of the module's."
  value = {
    "docker-cache:consume" = "${var.name}/${var.architecture}"
    "docker-cache:device"  = "/dev/sdf"
    "docker-cache:mapping" = join(" ", compact([
      "size=${local.volume.size_gib}",
      "type=${local.volume.type}",
      local.volume.iops == null ? "" : "iops=${local.volume.iops}",
      local.volume.throughput_mibps == null ? "" : "throughput=${local.volume.throughput_mibps}",
      var.initialization_rate_mibps == null ? "" : "rate=${var.initialization_rate_mibps}",
    ]))
  }
}

output "user_data" {
  description = "One plain script, in base64: it puts Docker on the cache after Docker has started, and then runs `script`. For a template without user data of its own, or as one part of it; lines that you put behind it run too. Gzip the user data that it is in: as text it is too long for EC2."
  value       = base64encode(local.user_data_plain)
}

output "user_data_parts" {
  description = "The best for user data of several parts, `content_type`, `filename` and `content` of each, as `cloudinit_config` takes them: the first puts Docker on the cache before Docker starts, the second runs `script`, if there is one."
  value = concat(
    [{
      content_type = "text/cloud-boothook"
      filename     = "docker-cache-early"
      content      = local.user_data_early
    }],
    [
      for script in var.script[*] : {
        content_type = "text/x-shellscript"
        filename     = "docker-cache-script"
        content      = local.user_data_script
      }
    ]
  )
}

output "user_data_snippet" {
  description = "Lines for the middle of a shell script: they put Docker on the cache after Docker has started. The script goes on whatever happens in them; `script` is not among them."
  value = join("\n", [
    "(",
    "set +eu",
    local.user_data_settings,
    "export WORKER_SCRIPT='${base64gzip(join("", [file("${path.module}/userdata/later-boots.sh"), file("${path.module}/userdata/worker.sh")]))}'",
    file("${path.module}/userdata/unpack.sh"),
    file("${path.module}/userdata/call-late.sh"),
    ") || true",
    "",
  ])
}

output "role_name" {
  description = "Name of the workers' role; null if none is made."
  value       = one(aws_iam_role.worker[*].id)
}

output "role_arn" {
  description = "ARN of the workers' role; null if none is made."
  value       = one(aws_iam_role.worker[*].arn)
}

output "role_policy_json" {
  description = "What a role of yours must be allowed in place of ours."
  value       = data.aws_iam_policy_document.worker.json
}

output "instance_profile_name" {
  description = "Name of the workers' instance profile, ours or yours."
  value       = local.instance_profile_name
}

output "instance_profile_arn" {
  description = "ARN of the workers' instance profile; null if none is made."
  value       = one(aws_iam_instance_profile.worker[*].arn)
}

output "security_group_id" {
  description = "Id of the workers' security group; null if none is made."
  value       = one(aws_security_group.worker[*].id)
}

output "snapshot_id" {
  description = "Promoted snapshot, with `read_pointer`; null without it and before the first promotion."
  value       = local.snapshot_id
}

output "block_device_mappings" {
  description = "The cache device as `block_device_mappings` of an `aws_launch_template` has it, with `read_pointer`; empty without it and before the first promotion."
  value = [
    for id in local.snapshot_id[*] : {
      device_name = "/dev/sdf"
      ebs = {
        snapshot_id                = id
        volume_size                = local.volume.size_gib
        volume_type                = local.volume.type
        iops                       = local.volume.iops
        throughput                 = local.volume.throughput_mibps
        volume_initialization_rate = var.initialization_rate_mibps
        delete_on_termination      = true
      }
    }
  ]
}

output "block_device_mapping" {
  description = "The same as one flat object, with `read_pointer`; null without it and before the first promotion."
  value = one([
    for id in local.snapshot_id[*] : {
      device_name                = "/dev/sdf"
      snapshot_id                = id
      volume_size                = local.volume.size_gib
      volume_type                = local.volume.type
      iops                       = local.volume.iops
      throughput                 = local.volume.throughput_mibps
      volume_initialization_rate = var.initialization_rate_mibps
      delete_on_termination      = true
    }
  ])
}

output "name_prefix" {
  description = "Beginning of the names of what is made."
  value       = "docker-cache-${var.name}-${var.architecture}"

  precondition {
    condition     = length("docker-cache-${var.name}-${var.architecture}-worker-${local.region}") <= 64
    error_message = "name: found docker-cache-${var.name}-${var.architecture}-worker-${local.region}, ${length("docker-cache-${var.name}-${var.architecture}-worker-${local.region}")} characters, expected at most 64 characters as the name of an IAM role. Shorten the cache's name by ${length("docker-cache-${var.name}-${var.architecture}-worker-${local.region}") - 64}."
  }

  precondition {
    condition = length([
      for key in keys(var.tags) : key if can(regex("(?i)^(aws:|docker-cache:)", key))
    ]) == 0
    error_message = "tags: found the key ${join(", ", [for key in keys(var.tags) : key if can(regex("(?i)^(aws:|docker-cache:)", key))])}, expected a key that does not begin with aws: or docker-cache:, which are AWS's and ours. Rename or remove it."
  }

  precondition {
    condition     = length(var.tags) <= 30
    error_message = "tags: found ${length(var.tags)} tags, expected at most 30. Remove some."
  }

  precondition {
    condition = (
      var.architecture == "x86_64" ||
      !can(regex("^(t2|t3|t3a|[cmr][3-9](a|i|d|n|ad|dn|id|in|idn|i-flex)?)\\.", local.instance_type))
    )
    error_message = "instance_type: found ${local.instance_type}, which is x86_64, expected an instance type of architecture ${var.architecture}. Take one such as ${ { x86_64 = "m7i.large", arm64 = "m7g.large" }[var.architecture]}, or set architecture to x86_64."
  }

  precondition {
    condition = (
      var.architecture == "x86_64" ||
      !can(regex("^resolve:.*[/_-](x86_64|amd64)([/_-]|$)", local.image_id))
    )
    error_message = "image_id: found ${local.image_id}, which is of x86_64, expected an AMI of architecture ${var.architecture}. Name the parameter of ${var.architecture}, or set architecture to x86_64."
  }

  precondition {
    condition = (
      var.architecture == "arm64" ||
      !can(regex("^([a-z]+[0-9]+g[a-z]*|a1)\\.", local.instance_type))
    )
    error_message = "instance_type: found ${local.instance_type}, which is arm64, expected an instance type of architecture ${var.architecture}. Take one such as ${ { x86_64 = "m7i.large", arm64 = "m7g.large" }[var.architecture]}, or set architecture to arm64."
  }

  precondition {
    condition = (
      var.architecture == "arm64" ||
      !can(regex("^resolve:.*[/_-](arm64|aarch64)([/_-]|$)", local.image_id))
    )
    error_message = "image_id: found ${local.image_id}, which is of arm64, expected an AMI of architecture ${var.architecture}. Name the parameter of ${var.architecture}, or set architecture to arm64."
  }

  precondition {
    condition     = var.associate_public_ip_address == null || var.subnet_id != null
    error_message = "associate_public_ip_address: found ${coalesce(var.associate_public_ip_address, false)}, expected `subnet_id` beside it, for without one the default subnet decides. Add subnet_id, or remove it."
  }

  precondition {
    condition = (
      local.volume.size_gib >= local.volume_type.size_gib[0] &&
      local.volume.size_gib <= local.volume_type.size_gib[1]
    )
    error_message = "volume.size_gib: found ${local.volume.size_gib} GiB, expected ${local.volume_type.size_gib[0]} to ${local.volume_type.size_gib[1]} GiB of type ${local.volume.type}. Change the size, or take type gp3."
  }

  precondition {
    condition     = local.volume.iops != null || local.volume_type.baseline_iops != null
    error_message = "volume.iops: found nothing, expected IOPS for a volume of type ${local.volume.type}. Add iops, or take type gp3."
  }

  precondition {
    condition     = local.volume.iops == null || local.volume_type.iops != null
    error_message = "volume.iops: found ${coalesce(local.volume.iops, 0)}, expected no IOPS, for ${local.volume.type} takes none. Remove it, or take type gp3."
  }

  precondition {
    condition = try(
      local.volume.iops >= local.volume_type.iops[0] && local.volume.iops <= local.most_iops,
      true
    )
    error_message = "volume.iops: found ${coalesce(local.volume.iops, 0)}, expected ${try(local.volume_type.iops[0], 0)} to ${local.most_iops} IOPS for ${local.volume.size_gib} GiB of type ${local.volume.type}. Change it, or enlarge the volume."
  }

  precondition {
    condition     = local.volume.throughput_mibps == null || local.volume_type.throughput_mibps != null
    error_message = "volume.throughput_mibps: found ${coalesce(local.volume.throughput_mibps, 0)} MiB/s, expected no throughput, for ${local.volume.type} takes none. Remove it, or take type gp3."
  }

  precondition {
    condition = (
      local.volume.throughput_mibps == null || local.volume_type.throughput_mibps == null
      ? true
      : local.volume.throughput_mibps <= local.most_throughput_mibps
    )
    error_message = "volume.throughput_mibps: found ${coalesce(local.volume.throughput_mibps, 0)} MiB/s, expected at most ${local.most_throughput_mibps} MiB/s with ${coalesce(local.volume.iops, local.volume_type.baseline_iops, 0)} IOPS. Ask for ${coalesce(local.volume.throughput_mibps, 0) * 4} IOPS or more, or lower it."
  }

  precondition {
    condition     = var.min_free_gib < local.volume.size_gib
    error_message = "min_free_gib: found ${var.min_free_gib} GiB, expected less than the ${local.volume.size_gib} GiB of the worker's cache volume. Lower it, or enlarge volume.size_gib."
  }

  precondition {
    condition = (
      (var.create_role ? var.instance_profile_name == null : false) ||
      length(var.policy_arns) == 0
    )
    error_message = "policy_arns: found ${length(var.policy_arns)} of them, expected none beside an instance profile of your own, whose role is yours to give policies. Attach them to your role, and remove them here."
  }
}
