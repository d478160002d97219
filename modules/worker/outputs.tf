output "launch_template_id" {
  description = "Id of the launch template; `$Default` always carries the promoted snapshot."
  value       = aws_launch_template.worker.id
}

output "launch_template_arn" {
  description = "ARN of the launch template."
  value       = aws_launch_template.worker.arn
}

output "launch_template_name" {
  description = "Name of the launch template."
  value       = aws_launch_template.worker.name
}

output "consume_tags" {
  description = "Tags for a launch template of your own: rotation then writes its cache device, as it does that of the module's."
  value = {
    "docker-cache:consume" = "${var.name}/${var.architecture}"
    "docker-cache:device"  = "/dev/sdf"
    "docker-cache:mapping" = join(" ", compact([
      "size=${var.volume.size_gib}",
      "type=${var.volume.type}",
      var.volume.iops == null ? "" : "iops=${var.volume.iops}",
      var.volume.throughput_mibps == null ? "" : "throughput=${var.volume.throughput_mibps}",
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
  description = "Name of the workers' role; null if the instance profile is yours."
  value       = one(aws_iam_role.worker[*].name)
}

output "role_arn" {
  description = "ARN of the workers' role; null if the instance profile is yours."
  value       = one(aws_iam_role.worker[*].arn)
}

output "instance_profile_name" {
  description = "Name of the workers' instance profile."
  value = (
    var.instance_profile_name == null
    ? one(aws_iam_instance_profile.worker[*].name)
    : var.instance_profile_name
  )
}

output "instance_profile_arn" {
  description = "ARN of the workers' instance profile; null if it is yours."
  value       = one(aws_iam_instance_profile.worker[*].arn)
}

output "security_group_id" {
  description = "Id of the workers' security group; null if the groups are yours."
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
        volume_size                = var.volume.size_gib
        volume_type                = var.volume.type
        iops                       = var.volume.iops
        throughput                 = var.volume.throughput_mibps
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
      volume_size                = var.volume.size_gib
      volume_type                = var.volume.type
      iops                       = var.volume.iops
      throughput                 = var.volume.throughput_mibps
      volume_initialization_rate = var.initialization_rate_mibps
      delete_on_termination      = true
    }
  ])
}
