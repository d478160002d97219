locals {
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

  registries = [
    for item in var.registries : {
      host        = tostring(try(item.host, null))
      secret_name = tostring(try(item.secret_name, null))
      kms_key_arn = tostring(try(item.kms_key_arn, null))
    }
  ]

  copy_to = [
    for item in var.copy_to : {
      region      = tostring(try(item.region, null))
      kms_key_arn = tostring(try(item.kms_key_arn, null))
      schedule    = coalesce(tonumber(try(item.schedule, null)), 1)
    }
  ]

  retention = {
    keep_last             = coalesce(tonumber(try(var.retention.keep_last, null)), 3)
    keep_within_days      = coalesce(tonumber(try(var.retention.keep_within_days, null)), 0)
    min_keep              = coalesce(tonumber(try(var.retention.min_keep, null)), 2)
    deletion_grace_hours  = coalesce(tonumber(try(var.retention.deletion_grace_hours, null)), 24)
    max_deletions_per_run = coalesce(tonumber(try(var.retention.max_deletions_per_run, null)), 2)
    recycle_bin_days      = tonumber(try(var.retention.recycle_bin_days, null))
    copy_retention_days   = coalesce(tonumber(try(var.retention.copy_retention_days, null)), 14)
  }

  notifications = {
    email = tostring(try(var.notifications.email, null))
    topic = (
      lookup(var.notifications, "topic", null) == null
      ? null
      : { arn = tostring(try(var.notifications.topic.arn, null)) }
    )
  }

  proxy = {
    http  = tostring(try(var.proxy.http, null))
    https = tostring(try(var.proxy.https, null))
    no    = tostring(try(var.proxy.no, null))
  }

  builder = {
    instance_type               = tostring(try(var.builder.instance_type, null))
    image_id                    = tostring(try(var.builder.image_id, null))
    root_device_name            = coalesce(tostring(try(var.builder.root_device_name, null)), "/dev/xvda")
    root_volume_size_gib        = coalesce(tonumber(try(var.builder.root_volume_size_gib, null)), 30)
    subnet_id                   = tostring(try(var.builder.subnet_id, null))
    associate_public_ip_address = tobool(try(var.builder.associate_public_ip_address, null))
    security_group_ids          = coalesce(tolist(lookup(var.builder, "security_group_ids", null)), [])
    create_security_group       = coalesce(tobool(try(var.builder.create_security_group, null)), true)
    create_role                 = coalesce(tobool(try(var.builder.create_role, null)), true)
    instance_profile_name       = tostring(try(var.builder.instance_profile_name, null))
    role_arn                    = tostring(try(var.builder.role_arn, null))
  }

  rotation = {
    cadence_hours        = tonumber(try(var.rotation.cadence_hours, null))
    reconcile_minutes    = coalesce(tonumber(try(var.rotation.reconcile_minutes, null)), 10)
    alarms               = coalesce(tostring(try(var.rotation.alarms, null)), "all")
    reserved_concurrency = coalesce(tonumber(try(var.rotation.reserved_concurrency, null)), 1)
    lambda_runtime       = coalesce(tostring(try(var.rotation.lambda_runtime, null)), "nodejs22.x")
    copy_proof           = coalesce(tostring(try(var.rotation.copy_proof, null)), "dlm")
    max_engine           = tonumber(try(var.rotation.max_engine, null))
    wake                 = coalesce(tostring(try(var.rotation.wake, null)), "rule")
  }

  worker = {
    instance_type               = tostring(try(var.worker.instance_type, null))
    image_id                    = tostring(try(var.worker.image_id, null))
    root_device_name            = coalesce(tostring(try(var.worker.root_device_name, null)), "/dev/xvda")
    root_volume_size_gib        = coalesce(tonumber(try(var.worker.root_volume_size_gib, null)), 30)
    subnet_id                   = tostring(try(var.worker.subnet_id, null))
    associate_public_ip_address = tobool(try(var.worker.associate_public_ip_address, null))
    security_group_ids          = coalesce(tolist(lookup(var.worker, "security_group_ids", null)), [])
    create_launch_template      = coalesce(tobool(try(var.worker.create_launch_template, null)), true)
    create_security_group       = coalesce(tobool(try(var.worker.create_security_group, null)), true)
    create_role                 = coalesce(tobool(try(var.worker.create_role, null)), true)
    initialization_rate_mibps   = tonumber(try(var.worker.initialization_rate_mibps, null))
    hydrate                     = coalesce(tostring(try(var.worker.hydrate, null)), "all")
    hydrate_rate_mibps          = coalesce(tonumber(try(var.worker.hydrate_rate_mibps, null)), 80)
    start                       = coalesce(tostring(try(var.worker.start, null)), "early")
    timeout_seconds             = coalesce(tonumber(try(var.worker.timeout_seconds, null)), 60)
    min_free_gib                = coalesce(tonumber(try(var.worker.min_free_gib, null)), 5)
    volume = {
      size_gib         = tonumber(try(var.worker.volume.size_gib, null))
      type             = coalesce(tostring(try(var.worker.volume.type, null)), "gp3")
      iops             = tonumber(try(var.worker.volume.iops, null))
      throughput_mibps = tonumber(try(var.worker.volume.throughput_mibps, null))
    }
    metadata_hop_limit    = coalesce(tonumber(try(var.worker.metadata_hop_limit, null)), 1)
    instance_profile_name = tostring(try(var.worker.instance_profile_name, null))
    policy_arns           = coalesce(tolist(lookup(var.worker, "policy_arns", null)), [])
    script                = tostring(try(var.worker.script, null))
    read_pointer          = coalesce(tobool(try(var.worker.read_pointer, null)), false)
  }
}
