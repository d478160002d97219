locals {
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
  create_security_group       = local.builder.create_security_group
  create_role                 = local.builder.create_role
  instance_profile_name       = local.builder.instance_profile_name
  role_arn                    = local.builder.role_arn
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
  create_launch_template      = local.worker.create_launch_template
  create_security_group       = local.worker.create_security_group
  create_role                 = local.worker.create_role
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
