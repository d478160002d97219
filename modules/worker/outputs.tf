output "launch_template_id" {
  description = "Id of the launch template; `$Default` always carries the promoted snapshot."
  value       = aws_launch_template.worker.id
}

output "user_data" {
  description = "User data that mounts the cache and starts Docker, in base64, for templates of your own."
  value       = local.user_data
}

output "role_name" {
  description = "Name of the workers' role; null where the instance profile is yours."
  value       = one(aws_iam_role.worker[*].name)
}

output "instance_profile_name" {
  description = "Name of the workers' instance profile."
  value = (
    var.instance_profile_name == null
    ? one(aws_iam_instance_profile.worker[*].name)
    : var.instance_profile_name
  )
}

output "security_group_id" {
  description = "Id of the workers' security group; null where the groups are yours."
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
