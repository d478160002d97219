locals {
  build_minutes = sort([
    for time in var.build.at :
    format("%04d", try(tonumber(split(":", time)[0]) * 60 + tonumber(split(":", time)[1]), 0))
  ])

  build_gaps = [
    for index, minute in local.build_minutes :
    try(local.build_minutes[index + 1], local.build_minutes[0] + 1440) - minute
  ]

  build_rate = try(regex("^rate\\(([0-9]+) (minute|hour|day)s?\\)$", var.build.expression), null)

  # Longest time between two builds; null with cron(), which Terraform cannot read.
  build_hours = (
    var.build.expression == null
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
      var.rotation.cadence_hours,
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
  image_id                    = var.builder.image_id
  instance_type               = var.builder.instance_type
  subnet_id                   = var.builder.subnet_id
  associate_public_ip_address = var.builder.associate_public_ip_address
  architecture                = var.architecture
  permissions_boundary_arn    = var.permissions_boundary_arn
  role_path                   = var.role_path
  kms_key_arn                 = var.kms_key_arn
  log_retention_days          = var.log_retention_days
  images                      = var.images
  image_store                 = var.image_store
  root_device_name            = var.builder.root_device_name
  root_volume_size_gib        = var.builder.root_volume_size_gib
  security_group_ids          = var.builder.security_group_ids
  proxy                       = var.proxy
  volume                      = var.volume
  build                       = var.build
  copy_to                     = var.copy_to
  copy_retention_days         = var.retention.copy_retention_days
  registries                  = var.registries
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
  copy_retention_days      = var.retention.copy_retention_days
  reconcile_minutes        = var.rotation.reconcile_minutes
  alarms                   = var.rotation.alarms
  reserved_concurrency     = var.rotation.reserved_concurrency
  lambda_runtime           = var.rotation.lambda_runtime
  copy_proof               = var.rotation.copy_proof
  max_engine               = var.rotation.max_engine
  wake                     = var.rotation.wake
  fast_restore_zones       = var.fast_restore_zones
  watchdog_minutes         = var.build.watchdog_minutes
  notifications            = var.notifications

  retention = {
    keep_last             = var.retention.keep_last
    keep_within_days      = var.retention.keep_within_days
    min_keep              = var.retention.min_keep
    deletion_grace_hours  = var.retention.deletion_grace_hours
    max_deletions_per_run = var.retention.max_deletions_per_run
    recycle_bin_days      = var.retention.recycle_bin_days
  }

  tags = var.tags
}

module "worker" {
  source = "../worker"
  count  = var.create_worker ? 1 : 0

  name                        = var.name
  image_id                    = var.worker.image_id
  instance_type               = var.worker.instance_type
  subnet_id                   = var.worker.subnet_id
  associate_public_ip_address = var.worker.associate_public_ip_address
  architecture                = var.architecture
  permissions_boundary_arn    = var.permissions_boundary_arn
  role_path                   = var.role_path
  kms_key_arn                 = var.kms_key_arn
  image_store                 = var.image_store
  root_device_name            = var.worker.root_device_name
  root_volume_size_gib        = var.worker.root_volume_size_gib
  security_group_ids          = var.worker.security_group_ids
  proxy                       = var.proxy
  initialization_rate_mibps   = var.worker.initialization_rate_mibps
  hydrate                     = var.worker.hydrate
  hydrate_rate_mibps          = var.worker.hydrate_rate_mibps
  start                       = var.worker.start
  timeout_seconds             = var.worker.timeout_seconds
  min_free_gib                = var.worker.min_free_gib
  metadata_hop_limit          = var.worker.metadata_hop_limit
  instance_profile_name       = var.worker.instance_profile_name
  policy_arns                 = var.worker.policy_arns
  script                      = var.worker.script
  read_pointer                = var.worker.read_pointer

  volume = merge(var.worker.volume, {
    size_gib = coalesce(var.worker.volume.size_gib, var.volume.size_gib + 50)
  })

  tags = var.tags
}
