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

  build_minutes = sort([
    for time in local.build.at :
    format("%04d", try(tonumber(split(":", time)[0]) * 60 + tonumber(split(":", time)[1]), 0))
  ])

  build_gaps = [
    for index, minute in local.build_minutes :
    try(local.build_minutes[index + 1], local.build_minutes[0] + 1440) - minute
  ]

  build_rate = try(regex("^rate\\(([0-9]+) (minute|hour|day)s?\\)$", local.build.expression), null)

  # Longest time between two builds; null with cron(), which Terraform cannot read.
  build_hours = (
    local.build.expression == null
    ? try(ceil(max(local.build_gaps...) / 60), 744)
    : try(
      max(1, ceil(
        local.build_rate[0] * {
          minute = 1
          hour   = 60
          day    = 1440
        }[local.build_rate[1]] / 60
      )),
      null
    )
  )

  cadence_hours = try(
    coalesce(
      local.rotation.cadence_hours,
      var.copy_from == null ? local.build_hours : max(24, local.build_hours)
    ),
    null
  )
}

# A region that copies does not build.
module "builder" {
  source = "../builder"
  count  = var.copy_from == null ? 1 : 0

  name                        = var.name
  image_id                    = local.builder.image_id
  instance_type               = local.builder.instance_type
  subnet_id                   = local.builder.subnet_id
  associate_public_ip_address = local.builder.associate_public_ip_address
  architecture                = var.architecture
  permissions_boundary_arn    = var.permissions_boundary_arn
  role_path                   = var.role_path
  kms_key_arn                 = var.kms_key_arn
  log_retention_days          = var.log_retention_days
  images                      = var.images
  image_store                 = var.image_store
  root_device_name            = local.builder.root_device_name
  root_volume_size_gib        = local.builder.root_volume_size_gib
  security_group_ids          = local.builder.security_group_ids
  proxy                       = local.proxy
  volume                      = local.volume
  build                       = local.build
  copy_to                     = local.copy_to
  copy_retention_days         = local.retention.copy_retention_days
  registries                  = local.registries
  pull_through                = var.pull_through

  tags = var.tags
}

module "rotation" {
  source = "../rotation"

  name                     = var.name
  architecture             = var.architecture
  permissions_boundary_arn = var.permissions_boundary_arn
  role_path                = var.role_path
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  image_store              = var.image_store
  copy_from                = var.copy_from
  cadence_hours            = local.cadence_hours
  copy_retention_days      = local.retention.copy_retention_days
  reconcile_minutes        = local.rotation.reconcile_minutes
  alarms                   = local.rotation.alarms
  reserved_concurrency     = local.rotation.reserved_concurrency
  lambda_runtime           = local.rotation.lambda_runtime
  copy_proof               = local.rotation.copy_proof
  max_engine               = local.rotation.max_engine
  wake                     = local.rotation.wake
  fast_restore_zones       = var.fast_restore_zones
  watchdog_minutes         = local.build.watchdog_minutes
  notifications            = local.notifications

  retention = {
    keep_last             = local.retention.keep_last
    keep_within_days      = local.retention.keep_within_days
    min_keep              = local.retention.min_keep
    deletion_grace_hours  = local.retention.deletion_grace_hours
    max_deletions_per_run = local.retention.max_deletions_per_run
    recycle_bin_days      = local.retention.recycle_bin_days
  }

  tags = var.tags
}

module "worker" {
  source = "../worker"
  count  = var.create_worker ? 1 : 0

  name                        = var.name
  image_id                    = local.worker.image_id
  instance_type               = local.worker.instance_type
  subnet_id                   = local.worker.subnet_id
  associate_public_ip_address = local.worker.associate_public_ip_address
  architecture                = var.architecture
  permissions_boundary_arn    = var.permissions_boundary_arn
  role_path                   = var.role_path
  kms_key_arn                 = var.kms_key_arn
  image_store                 = var.image_store
  root_device_name            = local.worker.root_device_name
  root_volume_size_gib        = local.worker.root_volume_size_gib
  security_group_ids          = local.worker.security_group_ids
  proxy                       = local.proxy
  initialization_rate_mibps   = local.worker.initialization_rate_mibps
  hydrate                     = local.worker.hydrate
  hydrate_rate_mibps          = local.worker.hydrate_rate_mibps
  start                       = local.worker.start
  timeout_seconds             = local.worker.timeout_seconds
  min_free_gib                = local.worker.min_free_gib
  metadata_hop_limit          = local.worker.metadata_hop_limit
  instance_profile_name       = local.worker.instance_profile_name
  policy_arns                 = local.worker.policy_arns
  script                      = local.worker.script
  read_pointer                = local.worker.read_pointer

  volume = merge(local.worker.volume, {
    size_gib = coalesce(local.worker.volume.size_gib, local.volume.size_gib + 50)
  })

  tags = var.tags
}
