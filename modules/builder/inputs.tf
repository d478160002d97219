locals {
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
}
