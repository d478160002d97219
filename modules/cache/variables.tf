variable "name" {
  description = "Name of the cache."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "name: expected 1 to 32 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "architecture" {
  description = "CPU architecture."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture: expected one of x86_64, arm64."
  }
}

variable "images" {
  description = <<-EOT
    Images of the cache, each an object or a line `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`: by tag or digest, may be missing, read ahead whole, command that proves it. Needed except with `copy_from`, and unused with it.
    `reference` (string, required): Image by tag or digest, as `docker pull` takes it; workers find it under this name.
    `optional` (bool, default false): A build goes on without this image if it cannot be pulled or does not run.
    `warm` (string, default "start"): What workers read ahead of the image before the rest of the volume: what its proof touched, or every file of its layers.
    `smoke` (string, default null): Command run in a container of the image as part of the proof. null: the container is only started.
  EOT
  type        = any
  default     = []
  nullable    = false

  validation {
    condition = (
      can([for item in var.images : item]) &&
      !can(keys(var.images)) &&
      try(length(var.images) <= 1000, true)
    )
    error_message = "images: expected a list of 0 to 1000, each REFERENCE[ optional][ warm=whole][ smoke=COMMAND], or a map."
  }

  validation {
    condition = alltrue([
      for name in distinct(flatten([for item in try(var.images, []) : try(keys(item), [])])) :
      contains(["reference", "optional", "warm", "smoke"], name)
    ])
    error_message = "each of images: found the unknown key ${join("; ", [for name in distinct(flatten([for item in try(var.images, []) : try(keys(item), [])])) : join(", perhaps ", compact([name, join(" or ", [for known in ["reference", "optional", "warm", "smoke"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["reference", "optional", "warm", "smoke"], name)])}; expected one of reference, optional, warm, smoke."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.images :
        (
          can(keys(item))
          ? true
          : try(can(regex("^(\\S+)( optional)?( warm=whole)?( smoke=(\\S[^\\r\\n]*))?$", item)), false)
        )
      ]),
      true
    )
    error_message = "each of images: expected REFERENCE[ optional][ warm=whole][ smoke=COMMAND]."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.images :
        (
          can(keys(item))
          ? try(can(tostring(item.reference)) && length(item.reference) <= 1024, false)
          : true
        )
      ]),
      true
    )
    error_message = "each of images.reference: expected an image reference such as python:3.12-slim, at most 1024 characters."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.images :
        (
          can(keys(item))
          ? try(item.optional, null) == null
          ? true
          : try(can(tobool(item.optional)), false)
          : true
        )
      ]),
      true
    )
    error_message = "each of images.optional: expected true or false."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.images :
        (
          can(keys(item))
          ? try(item.warm, null) == null
          ? true
          : try(can(tostring(item.warm)) && contains(["start", "whole"], item.warm), false)
          : true
        )
      ]),
      true
    )
    error_message = "each of images.warm: expected one of start, whole."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.images :
        (
          can(keys(item))
          ? try(item.smoke, null) == null
          ? true
          : try(can(regex("^[^\\s].*$", item.smoke)) && length(item.smoke) <= 1024, false)
          : true
        )
      ]),
      true
    )
    error_message = "each of images.smoke: expected one line, at most 1024 characters, or null."
  }
}

variable "image_store" {
  description = "Docker's image store on builders and workers; containerd's needs Docker 24 or later and more space."
  type        = string
  default     = "overlay2"
  nullable    = false

  validation {
    condition     = contains(["overlay2", "containerd"], var.image_store)
    error_message = "image_store: expected one of overlay2, containerd."
  }
}

variable "volume" {
  description = <<-EOT
    The cache volume.
    `size_gib` (number, default 100): Size in GiB. A larger size grows volume and file system in place; a smaller one needs a new `generation`.
    `type` (string, default "gp3"): EBS volume type.
    `iops` (number, default null): Provisioned IOPS. gp3: 3,000 to 80,000, at most 500 per GiB, null for its baseline of 3,000; gp2: none can be given; io2: 100 to 256,000, at most 1,000 per GiB, must be given; io1: 100 to 64,000, at most 50 per GiB, must be given.
    `throughput_mibps` (number, default null): Provisioned throughput in MiB/s, gp3 only, at most one for 4 IOPS. null: its baseline of 125. AWS provider 5.100 accepts at most 1,000; later ones more.
    `file_system` (string, default "xfs"): File system on the volume, made so that the oldest supported worker kernel can mount it.
    `generation` (number, default 1): Raise by one to replace the volume by a new, empty one, when its snapshots have grown too large. Pointer, snapshots and copies stay.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.volume))
    error_message = "volume: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.volume), []) :
      contains(["size_gib", "type", "iops", "throughput_mibps", "file_system", "generation"], name)
    ])
    error_message = "volume: found the unknown key ${join("; ", [for name in try(keys(var.volume), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["size_gib", "type", "iops", "throughput_mibps", "file_system", "generation"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["size_gib", "type", "iops", "throughput_mibps", "file_system", "generation"], name)])}; expected one of size_gib, type, iops, throughput_mibps, file_system, generation."
  }

  validation {
    condition = (
      try(var.volume.size_gib, null) == null
      ? true
      : try(
        var.volume.size_gib >= 4 && var.volume.size_gib <= 65536 && var.volume.size_gib % 1 == 0,
        false
      )
    )
    error_message = "volume.size_gib: expected a whole number from 4 to 65536."
  }

  validation {
    condition = (
      try(var.volume.type, null) == null
      ? true
      : try(
        can(tostring(var.volume.type)) && contains(["gp3", "gp2", "io2", "io1"], var.volume.type),
        false
      )
    )
    error_message = "volume.type: expected one of gp3, gp2, io2, io1."
  }

  validation {
    condition = (
      try(var.volume.iops, null) == null
      ? true
      : try(var.volume.iops >= 100 && var.volume.iops <= 256000 && var.volume.iops % 1 == 0, false)
    )
    error_message = "volume.iops: expected a whole number from 100 to 256000, or null."
  }

  validation {
    condition = (
      try(var.volume.throughput_mibps, null) == null
      ? true
      : try(
        (
          var.volume.throughput_mibps >= 125 &&
          var.volume.throughput_mibps <= 2000 &&
          var.volume.throughput_mibps % 1 == 0
        ),
        false
      )
    )
    error_message = "volume.throughput_mibps: expected a whole number from 125 to 2000, or null."
  }

  validation {
    condition = (
      try(var.volume.file_system, null) == null
      ? true
      : try(
        can(tostring(var.volume.file_system)) && contains(["xfs", "ext4"], var.volume.file_system),
        false
      )
    )
    error_message = "volume.file_system: expected one of xfs, ext4."
  }

  validation {
    condition = (
      try(var.volume.generation, null) == null
      ? true
      : try(
        var.volume.generation >= 1 && var.volume.generation <= 9999 && var.volume.generation % 1 == 0,
        false
      )
    )
    error_message = "volume.generation: expected a whole number from 1 to 9999."
  }
}

variable "build" {
  description = <<-EOT
    When and how the cache is built.
    `at` (list, default ["02:00"]): Times of day "HH:MM" in `time_zone` at which a builder starts. Empty: by `expression`, or by hand alone.
    `time_zone` (string, default "UTC"): IANA time zone of `at` and of a cron() expression, such as Europe/Berlin; daylight saving is followed.
    `expression` (string, default null): EventBridge Scheduler rate() or cron() expression, with `at: []`, where no region copies the cache. null: `at` holds.
    `replicate_at` (string, default null): Time of day "HH:MM" in UTC at which DLM snapshots the volume for the copying regions; builders keep clear of it. null: after the first build of the day, at its latest in UTC, `launch_retry_minutes` and `watchdog_minutes`, rounded up to the hour.
    `launch_retry_minutes` (number, default 60): Minutes for which EventBridge Scheduler retries to launch a builder, where capacity is short for instance.
    `watchdog_minutes` (number, default 120): Minutes after which a builder powers off, whatever it is doing, and rotation sweeps what is left of it.
    `parallel_pulls` (number, default 4): Images pulled at once.
    `hot_set_percent` (number, default 20): Share of the cache's used bytes that the hot set may take, in percent, though never less than 64 MiB. Images with `warm: whole` come on top.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.build))
    error_message = "build: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.build), []) :
      contains(
        [
          "at",
          "time_zone",
          "expression",
          "replicate_at",
          "launch_retry_minutes",
          "watchdog_minutes",
          "parallel_pulls",
          "hot_set_percent",
        ],
        name
      )
    ])
    error_message = "build: found the unknown key ${join("; ", [for name in try(keys(var.build), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["at", "time_zone", "expression", "replicate_at", "launch_retry_minutes", "watchdog_minutes", "parallel_pulls", "hot_set_percent"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["at", "time_zone", "expression", "replicate_at", "launch_retry_minutes", "watchdog_minutes", "parallel_pulls", "hot_set_percent"], name)])}; expected one of at, time_zone, expression, replicate_at, launch_retry_minutes, watchdog_minutes, parallel_pulls, hot_set_percent."
  }

  validation {
    condition = (
      try(var.build.at, null) == null
      ? true
      : try(can(tolist(var.build.at)) && length(var.build.at) <= 24, false)
    )
    error_message = "build.at: expected a list of 0 to 24, each a time of day \"HH:MM\", 00:00 to 23:59."
  }

  validation {
    condition = (
      try(var.build.at, null) == null
      ? true
      : try(
        alltrue([for item in var.build.at : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", item))]),
        false
      )
    )
    error_message = "each of build.at: expected a time of day \"HH:MM\", 00:00 to 23:59."
  }

  validation {
    condition = (
      try(var.build.time_zone, null) == null
      ? true
      : try(can(tostring(var.build.time_zone)) && length(var.build.time_zone) <= 64, false)
    )
    error_message = "build.time_zone: expected the IANA name of a time zone such as Europe/Berlin, at most 64 characters."
  }

  validation {
    condition = (
      try(var.build.expression, null) == null
      ? true
      : try(can(regex("^(rate|cron)\\(.+\\)$", var.build.expression)), false)
    )
    error_message = "build.expression: expected rate(…) or cron(…) of EventBridge Scheduler, such as rate(12 hours), or null."
  }

  validation {
    condition = (
      try(var.build.replicate_at, null) == null
      ? true
      : try(can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.build.replicate_at)), false)
    )
    error_message = "build.replicate_at: expected a time of day \"HH:MM\", 00:00 to 23:59, or null."
  }

  validation {
    condition = (
      try(var.build.launch_retry_minutes, null) == null
      ? true
      : try(
        (
          var.build.launch_retry_minutes >= 1 &&
          var.build.launch_retry_minutes <= 1440 &&
          var.build.launch_retry_minutes % 1 == 0
        ),
        false
      )
    )
    error_message = "build.launch_retry_minutes: expected a whole number from 1 to 1440."
  }

  validation {
    condition = (
      try(var.build.watchdog_minutes, null) == null
      ? true
      : try(
        (
          var.build.watchdog_minutes >= 10 &&
          var.build.watchdog_minutes <= 720 &&
          var.build.watchdog_minutes % 1 == 0
        ),
        false
      )
    )
    error_message = "build.watchdog_minutes: expected a whole number from 10 to 720."
  }

  validation {
    condition = (
      try(var.build.parallel_pulls, null) == null
      ? true
      : try(
        (
          var.build.parallel_pulls >= 1 &&
          var.build.parallel_pulls <= 32 &&
          var.build.parallel_pulls % 1 == 0
        ),
        false
      )
    )
    error_message = "build.parallel_pulls: expected a whole number from 1 to 32."
  }

  validation {
    condition = (
      try(var.build.hot_set_percent, null) == null
      ? true
      : try(
        (
          var.build.hot_set_percent >= 1 &&
          var.build.hot_set_percent <= 100 &&
          var.build.hot_set_percent % 1 == 0
        ),
        false
      )
    )
    error_message = "build.hot_set_percent: expected a whole number from 1 to 100."
  }
}

variable "registries" {
  description = <<-EOT
    Registries that builders log in to. Their secrets are read on the builder, never put in user data or state.
    `host` (string, required): Host as in the image references, `docker.io` for Docker Hub. Amazon ECR needs no entry.
    `secret_name` (string, required): Name of a Secrets Manager secret that exists in every building region: JSON with `username` and `password`, or `accessToken`.
    `kms_key_arn` (string, default null): Key of the secret. null: the AWS managed key.
  EOT
  type        = any
  default     = []
  nullable    = false

  validation {
    condition     = can([for item in var.registries : item]) && !can(keys(var.registries))
    error_message = "registries: expected a list, each a map."
  }

  validation {
    condition = alltrue([
      for name in distinct(flatten([for item in try(var.registries, []) : try(keys(item), [])])) :
      contains(["host", "secret_name", "kms_key_arn"], name)
    ])
    error_message = "each of registries: found the unknown key ${join("; ", [for name in distinct(flatten([for item in try(var.registries, []) : try(keys(item), [])])) : join(", perhaps ", compact([name, join(" or ", [for known in ["host", "secret_name", "kms_key_arn"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["host", "secret_name", "kms_key_arn"], name)])}; expected one of host, secret_name, kms_key_arn."
  }

  validation {
    condition     = try(alltrue([for item in var.registries : can(keys(item))]), true)
    error_message = "each of registries: expected an object."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.registries :
        try(
          can(regex(
            "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$",
            item.host
          )),
          false
        )
      ]),
      true
    )
    error_message = "each of registries.host: expected the host of a registry such as ghcr.io or registry.example.com:5000."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.registries :
        try(can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", item.secret_name)), false)
      ]),
      true
    )
    error_message = "each of registries.secret_name: expected the name of a Secrets Manager secret, not its ARN."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.registries :
        (
          try(item.kms_key_arn, null) == null
          ? true
          : try(
            can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", item.kms_key_arn)),
            false
          )
        )
      ]),
      true
    )
    error_message = "each of registries.kms_key_arn: expected the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID; an alias will not do, DLM refuses it), or null."
  }
}

variable "pull_through" {
  description = "Upstream host, or host and path, to the beginning of a repository in ECR, as output `pull_through` of the module `pull-through` has it: builders pull through ECR of their region and keep the original names. The longest that fits wins. null: {}."
  type        = map(string)
  default     = null

  validation {
    condition = (
      var.pull_through == null
      ? true
      : alltrue([
        for key in keys(var.pull_through) :
        can(regex(
          "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
          key
        ))
      ])
    )
    error_message = "each key of pull_through: expected the host of a registry such as ghcr.io, or a host with a path such as docker.io/library."
  }

  validation {
    condition = (
      var.pull_through == null
      ? true
      : alltrue([
        for item in values(var.pull_through) :
        (
          can(regex("^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$", item)) &&
          length(item) <= 128
        )
      ])
    )
    error_message = "each value of pull_through: expected an ECR repository prefix such as docker-hub, or a path below one, at most 128 characters."
  }
}

variable "copy_from" {
  description = "Region whose DLM copies the snapshots here; it must build the cache itself. null: this region builds for itself."
  type        = string
  default     = null

  validation {
    condition = (
      var.copy_from == null
      ? true
      : can(regex("^[a-z]{2,4}(-[a-z]+){1,2}-[1-9]$", var.copy_from))
    )
    error_message = "copy_from: expected an AWS region such as eu-west-1, or null."
  }
}

variable "copy_to" {
  description = <<-EOT
    Regions that copy the cache from here; each is a call with `copy_from`.
    `region` (string, required): Region that copies.
    `kms_key_arn` (string, default null): Customer key of that region for the copies, the `kms_key_arn` of its own call. null: the AWS managed key.
    `schedule` (number, default 1): Which of the source's four DLM schedules serves this region, three regions each. Never change it once deployed.
  EOT
  type        = any
  default     = []
  nullable    = false

  validation {
    condition = (
      can([for item in var.copy_to : item]) &&
      !can(keys(var.copy_to)) &&
      try(length(var.copy_to) <= 12, true)
    )
    error_message = "copy_to: expected a list of 0 to 12, each a map."
  }

  validation {
    condition = alltrue([
      for name in distinct(flatten([for item in try(var.copy_to, []) : try(keys(item), [])])) :
      contains(["region", "kms_key_arn", "schedule"], name)
    ])
    error_message = "each of copy_to: found the unknown key ${join("; ", [for name in distinct(flatten([for item in try(var.copy_to, []) : try(keys(item), [])])) : join(", perhaps ", compact([name, join(" or ", [for known in ["region", "kms_key_arn", "schedule"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["region", "kms_key_arn", "schedule"], name)])}; expected one of region, kms_key_arn, schedule."
  }

  validation {
    condition     = try(alltrue([for item in var.copy_to : can(keys(item))]), true)
    error_message = "each of copy_to: expected an object."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.copy_to : try(can(regex("^[a-z]{2,4}(-[a-z]+){1,2}-[1-9]$", item.region)), false)
      ]),
      true
    )
    error_message = "each of copy_to.region: expected an AWS region such as eu-west-1."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.copy_to :
        (
          try(item.kms_key_arn, null) == null
          ? true
          : try(
            can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", item.kms_key_arn)),
            false
          )
        )
      ]),
      true
    )
    error_message = "each of copy_to.kms_key_arn: expected the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID; an alias will not do, DLM refuses it), or null."
  }

  validation {
    condition = try(
      alltrue([
        for item in var.copy_to :
        (
          try(item.schedule, null) == null
          ? true
          : try(item.schedule >= 1 && item.schedule <= 4 && item.schedule % 1 == 0, false)
        )
      ]),
      true
    )
    error_message = "each of copy_to.schedule: expected a whole number from 1 to 4."
  }
}

variable "retention" {
  description = <<-EOT
    Which snapshots are kept.
    `keep_last` (number, default 3): Newest healthy snapshots kept in each region.
    `keep_within_days` (number, default 0): Healthy snapshots younger than this many days are kept too; 0: none.
    `min_keep` (number, default 2): Never fewer healthy snapshots than this, whatever else says so.
    `deletion_grace_hours` (number, default 24): Hours between marking a snapshot for deletion and deleting it.
    `max_deletions_per_run` (number, default 2): Most snapshots that one rotation run deletes, two API calls each; the rest goes in later runs. Never more than two or a fifth of the cache's snapshots, whichever is more.
    `recycle_bin_days` (number, default null): Days that the Recycle Bin keeps deleted snapshots of the cache. null: no retention rule.
    `copy_retention_days` (number, default 14): Days that DLM keeps its snapshots in the building region and its copies in the others; much longer than the time between builds.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.retention))
    error_message = "retention: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.retention), []) :
      contains(
        [
          "keep_last",
          "keep_within_days",
          "min_keep",
          "deletion_grace_hours",
          "max_deletions_per_run",
          "recycle_bin_days",
          "copy_retention_days",
        ],
        name
      )
    ])
    error_message = "retention: found the unknown key ${join("; ", [for name in try(keys(var.retention), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["keep_last", "keep_within_days", "min_keep", "deletion_grace_hours", "max_deletions_per_run", "recycle_bin_days", "copy_retention_days"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["keep_last", "keep_within_days", "min_keep", "deletion_grace_hours", "max_deletions_per_run", "recycle_bin_days", "copy_retention_days"], name)])}; expected one of keep_last, keep_within_days, min_keep, deletion_grace_hours, max_deletions_per_run, recycle_bin_days, copy_retention_days."
  }

  validation {
    condition = (
      try(var.retention.keep_last, null) == null
      ? true
      : try(
        var.retention.keep_last >= 1 && var.retention.keep_last <= 100 && var.retention.keep_last % 1 == 0,
        false
      )
    )
    error_message = "retention.keep_last: expected a whole number from 1 to 100."
  }

  validation {
    condition = (
      try(var.retention.keep_within_days, null) == null
      ? true
      : try(
        (
          var.retention.keep_within_days >= 0 &&
          var.retention.keep_within_days <= 365 &&
          var.retention.keep_within_days % 1 == 0
        ),
        false
      )
    )
    error_message = "retention.keep_within_days: expected a whole number from 0 to 365."
  }

  validation {
    condition = (
      try(var.retention.min_keep, null) == null
      ? true
      : try(
        var.retention.min_keep >= 2 && var.retention.min_keep <= 100 && var.retention.min_keep % 1 == 0,
        false
      )
    )
    error_message = "retention.min_keep: expected a whole number from 2 to 100."
  }

  validation {
    condition = (
      try(var.retention.deletion_grace_hours, null) == null
      ? true
      : try(
        (
          var.retention.deletion_grace_hours >= 24 &&
          var.retention.deletion_grace_hours <= 720 &&
          var.retention.deletion_grace_hours % 1 == 0
        ),
        false
      )
    )
    error_message = "retention.deletion_grace_hours: expected a whole number from 24 to 720."
  }

  validation {
    condition = (
      try(var.retention.max_deletions_per_run, null) == null
      ? true
      : try(
        (
          var.retention.max_deletions_per_run >= 2 &&
          var.retention.max_deletions_per_run <= 20 &&
          var.retention.max_deletions_per_run % 1 == 0
        ),
        false
      )
    )
    error_message = "retention.max_deletions_per_run: expected a whole number from 2 to 20."
  }

  validation {
    condition = (
      try(var.retention.recycle_bin_days, null) == null
      ? true
      : try(
        (
          var.retention.recycle_bin_days >= 1 &&
          var.retention.recycle_bin_days <= 365 &&
          var.retention.recycle_bin_days % 1 == 0
        ),
        false
      )
    )
    error_message = "retention.recycle_bin_days: expected a whole number from 1 to 365, or null."
  }

  validation {
    condition = (
      try(var.retention.copy_retention_days, null) == null
      ? true
      : try(
        (
          var.retention.copy_retention_days >= 1 &&
          var.retention.copy_retention_days <= 365 &&
          var.retention.copy_retention_days % 1 == 0
        ),
        false
      )
    )
    error_message = "retention.copy_retention_days: expected a whole number from 1 to 365."
  }
}

variable "fast_restore_zones" {
  description = "Zones in which fast snapshot restore is on for the promoted snapshot, at about 0.75 USD per zone and hour."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.fast_restore_zones) <= 6
    error_message = "fast_restore_zones: expected a list of 0 to 6, each an availability zone such as eu-west-1a."
  }

  validation {
    condition = alltrue([
      for item in var.fast_restore_zones : can(regex("^[a-z]{2,4}(-[a-z]+){1,2}-[1-9][a-z]$", item))
    ])
    error_message = "each of fast_restore_zones: expected an availability zone such as eu-west-1a."
  }
}

variable "notifications" {
  description = <<-EOT
    Where the alarms of a region go.
    `email` (string, default null): Subscribed to the alarm topic of ours.
    `topic` (object, default null): SNS topic of yours in place of ours, unencrypted or with a key that cloudwatch.amazonaws.com may use.
    `topic.arn` (string, required): ARN of the topic, which the same run may create.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.notifications))
    error_message = "notifications: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.notifications), []) : contains(["email", "topic"], name)
    ])
    error_message = "notifications: found the unknown key ${join("; ", [for name in try(keys(var.notifications), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["email", "topic"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["email", "topic"], name)])}; expected one of email, topic."
  }

  validation {
    condition = (
      try(var.notifications.email, null) == null
      ? true
      : try(can(tostring(var.notifications.email)), false)
    )
    error_message = "notifications.email: expected an e-mail address, or null."
  }

  validation {
    condition     = try(var.notifications.topic, null) == null ? true : can(keys(var.notifications.topic))
    error_message = "notifications.topic: expected an object."
  }

  validation {
    condition = (
      try(var.notifications.topic, null) == null
      ? true
      : alltrue([for name in try(keys(var.notifications.topic), []) : contains(["arn"], name)])
    )
    error_message = "notifications.topic: found the unknown key ${join("; ", [for name in try(keys(var.notifications.topic), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["arn"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["arn"], name)])}; expected one of arn."
  }

  validation {
    condition = (
      try(var.notifications.topic, null) == null
      ? true
      : try(
        can(regex(
          "^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$",
          var.notifications.topic.arn
        )),
        false
      )
    )
    error_message = "notifications.topic.arn: expected the ARN of a standard SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)."
  }
}

variable "proxy" {
  description = <<-EOT
    Outgoing proxy of builders and workers; nothing given: none.
    `http` (string, default null): Proxy for http.
    `https` (string, default null): Proxy for https.
    `no` (string, default null): Hosts reached directly, joined by commas; the metadata address is always added.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.proxy))
    error_message = "proxy: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.proxy), []) : contains(["http", "https", "no"], name)
    ])
    error_message = "proxy: found the unknown key ${join("; ", [for name in try(keys(var.proxy), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["http", "https", "no"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["http", "https", "no"], name)])}; expected one of http, https, no."
  }

  validation {
    condition = (
      try(var.proxy.http, null) == null
      ? true
      : try(can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?$", var.proxy.http)), false)
    )
    error_message = "proxy.http: expected http://HOST:PORT or https://HOST:PORT, without user and password, or null."
  }

  validation {
    condition = (
      try(var.proxy.https, null) == null
      ? true
      : try(can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?$", var.proxy.https)), false)
    )
    error_message = "proxy.https: expected http://HOST:PORT or https://HOST:PORT, without user and password, or null."
  }

  validation {
    condition = (
      try(var.proxy.no, null) == null
      ? true
      : try(can(regex("^[A-Za-z0-9.:/*,_-]+$", var.proxy.no)), false)
    )
    error_message = "proxy.no: expected hosts, domains or address ranges joined by commas, without blanks, or null."
  }
}

variable "kms_key_arn" {
  description = "Customer key of this region for volumes, snapshots, logs and topic; another one needs a new cache volume (`generation`). null: the AWS managed keys. Queues are encrypted by SQS itself."
  type        = string
  default     = null

  validation {
    condition = (
      var.kms_key_arn == null
      ? true
      : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    )
    error_message = "kms_key_arn: expected the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID; an alias will not do, DLM refuses it), or null."
  }
}

variable "tags" {
  description = "Tags for every resource, beside our own; at most 30, since DLM takes 45 with ours, and AWS 50."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key in keys(var.tags) : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key))
    ])
    error_message = "each key of tags: expected 1 to 128 letters, digits, blanks and _ . : / = + - @."
  }

  validation {
    condition = alltrue([
      for item in values(var.tags) : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", item))
    ])
    error_message = "each value of tags: expected at most 256 letters, digits, blanks and _ . : / = + - @."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of all roles. null: none."
  type        = string
  default     = null

  validation {
    condition = (
      var.permissions_boundary_arn == null
      ? true
      : can(regex(
        "^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$",
        var.permissions_boundary_arn
      ))
    )
    error_message = "permissions_boundary_arn: expected the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME), or null."
  }
}

variable "role_path" {
  description = "IAM path of all roles."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([A-Za-z0-9+=,.@_-]+/)*$", var.role_path)) && length(var.role_path) <= 512
    error_message = "role_path: expected an IAM path that begins and ends with /, at most 512 characters."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192,
        2557, 2922, 3288, 3653,
      ],
      var.log_retention_days
    )
    error_message = "log_retention_days: expected one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "builder" {
  description = <<-EOT
    What the builder alone has: its instances and their network.
    `instance_type` (string, default null): EC2 instance type of builders, of the Nitro system; it must match the architecture. null: m6i.xlarge for x86_64, m6g.xlarge for arm64.
    `image_id` (string, default null): AMI of builders: resolve:ssm:PARAMETER, resolved at each launch, or, in a deployment of one region, an AMI id. It must ship Docker 20.10 to 29. null: resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id for x86_64, resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id for arm64.
    `root_device_name` (string, default "/dev/xvda"): Root device name of the AMI; `/dev/sda1` on Ubuntu.
    `root_volume_size_gib` (number, default 30): Size of the root disk in GiB, at least that of the AMI's snapshot.
    `subnet_id` (string, default null): Subnet of builders, whose zone is that of the cache volume. null: a default subnet of the default VPC, with a public IP address as its only way out.
    `associate_public_ip_address` (bool, default null): Whether instances in `subnet_id` get a public IP address. null: no. Only with `subnet_id`.
    `security_group_ids` (list, default []): Security groups of builders in place of ours, which lets nothing in.
    `create_security_group` (bool, default true): Make the builders' security group, unless `security_group_ids` names some. false: it must.
    `create_role` (bool, default true): Make the builders' role and instance profile. false: `instance_profile_name` and `role_arn` are yours, and the role has what `role_policy_json` says. Schedule and copies have roles of their own in any case.
    `instance_profile_name` (string, default null): Instance profile of yours for builders, only with `create_role = false`.
    `role_arn` (string, default null): Role of that instance profile, which the schedule passes to the instances.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.builder))
    error_message = "builder: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.builder), []) :
      contains(
        [
          "instance_type",
          "image_id",
          "root_device_name",
          "root_volume_size_gib",
          "subnet_id",
          "associate_public_ip_address",
          "security_group_ids",
          "create_security_group",
          "create_role",
          "instance_profile_name",
          "role_arn",
        ],
        name
      )
    ])
    error_message = "builder: found the unknown key ${join("; ", [for name in try(keys(var.builder), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["instance_type", "image_id", "root_device_name", "root_volume_size_gib", "subnet_id", "associate_public_ip_address", "security_group_ids", "create_security_group", "create_role", "instance_profile_name", "role_arn"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["instance_type", "image_id", "root_device_name", "root_volume_size_gib", "subnet_id", "associate_public_ip_address", "security_group_ids", "create_security_group", "create_role", "instance_profile_name", "role_arn"], name)])}; expected one of instance_type, image_id, root_device_name, root_volume_size_gib, subnet_id, associate_public_ip_address, security_group_ids, create_security_group, create_role, instance_profile_name, role_arn."
  }

  validation {
    condition = (
      try(var.builder.instance_type, null) == null
      ? true
      : try(can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.builder.instance_type)), false)
    )
    error_message = "builder.instance_type: expected an EC2 instance type such as m7i.large, or null."
  }

  validation {
    condition = (
      try(var.builder.image_id, null) == null
      ? true
      : try(
        can(regex(
          "^(ami-[0-9a-f]{8,17}|resolve:ssm:[A-Za-z0-9_./-]+(:[A-Za-z0-9_.-]+)?)$",
          var.builder.image_id
        )),
        false
      )
    )
    error_message = "builder.image_id: expected ami-… or resolve:ssm:PARAMETER, or null."
  }

  validation {
    condition = (
      try(var.builder.root_device_name, null) == null
      ? true
      : try(can(regex("^/dev/[a-z0-9]+$", var.builder.root_device_name)), false)
    )
    error_message = "builder.root_device_name: expected a device name such as /dev/xvda."
  }

  validation {
    condition = (
      try(var.builder.root_volume_size_gib, null) == null
      ? true
      : try(
        (
          var.builder.root_volume_size_gib >= 8 &&
          var.builder.root_volume_size_gib <= 16384 &&
          var.builder.root_volume_size_gib % 1 == 0
        ),
        false
      )
    )
    error_message = "builder.root_volume_size_gib: expected a whole number from 8 to 16384."
  }

  validation {
    condition = (
      try(var.builder.subnet_id, null) == null
      ? true
      : try(can(regex("^subnet-[0-9a-f]{8,17}$", var.builder.subnet_id)), false)
    )
    error_message = "builder.subnet_id: expected subnet-…, or null."
  }

  validation {
    condition = (
      try(var.builder.associate_public_ip_address, null) == null
      ? true
      : try(can(tobool(var.builder.associate_public_ip_address)), false)
    )
    error_message = "builder.associate_public_ip_address: expected true or false, or null."
  }

  validation {
    condition = (
      try(var.builder.security_group_ids, null) == null
      ? true
      : try(
        can(tolist(var.builder.security_group_ids)) && length(var.builder.security_group_ids) <= 5,
        false
      )
    )
    error_message = "builder.security_group_ids: expected a list of 0 to 5, each sg-…."
  }

  validation {
    condition = (
      try(var.builder.security_group_ids, null) == null
      ? true
      : try(
        alltrue([for item in var.builder.security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", item))]),
        false
      )
    )
    error_message = "each of builder.security_group_ids: expected sg-…."
  }

  validation {
    condition = (
      try(var.builder.create_security_group, null) == null
      ? true
      : try(can(tobool(var.builder.create_security_group)), false)
    )
    error_message = "builder.create_security_group: expected true or false."
  }

  validation {
    condition = (
      try(var.builder.create_role, null) == null
      ? true
      : try(can(tobool(var.builder.create_role)), false)
    )
    error_message = "builder.create_role: expected true or false."
  }

  validation {
    condition = (
      try(var.builder.instance_profile_name, null) == null
      ? true
      : try(can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", var.builder.instance_profile_name)), false)
    )
    error_message = "builder.instance_profile_name: expected the name of an instance profile, not its ARN, or null."
  }

  validation {
    condition = (
      try(var.builder.role_arn, null) == null
      ? true
      : try(
        can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", var.builder.role_arn)),
        false
      )
    )
    error_message = "builder.role_arn: expected the ARN of an IAM role (arn:aws:iam::ACCOUNT:role/NAME), or null."
  }
}

variable "rotation" {
  description = <<-EOT
    What rotation alone has.
    `cadence_hours` (number, default null): Longest time between two builds in hours; an alarm rises at twice this age. null: as `build` says, except with a cron() expression, which needs it.
    `reconcile_minutes` (number, default 10): Minutes between the runs that rotation makes in any case; a new snapshot makes it run at once.
    `alarms` (string, default "all"): Alarms, at about 0.40 USD each a month with its metric: `all`, or `essential`, the four that tell that workers get no cache, or an old one, or that a build or rotation itself has failed.
    `reserved_concurrency` (number, default 1): Reserved concurrency of the function, from 1 to 1000. -1: none, where the quota of a young account refuses it; nothing relies on it.
    `lambda_runtime` (string, default "nodejs22.x"): Lambda runtime. nodejs24.x needs AWS provider 6.19.0 or later: an older one refuses it, so require that in your `required_providers`.
    `copy_proof` (string, default "dlm"): How a copying region proves a copy: `dlm`, by a tag that only DLM can write, or `tags`, by ours, for accounts whose copies lack DLM's.
    `max_engine` (number, default null): Highest Docker Engine major version whose snapshots are promoted, the oldest that workers run. null: any.
    `wake` (string, default "rule"): What wakes the function between its scheduled runs. `rule`: a rule of its own, which each snapshot of the region sets off, whosever it is. `router`: the router of a rotation stack in the region. `none`: nothing.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.rotation))
    error_message = "rotation: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.rotation), []) :
      contains(
        [
          "cadence_hours",
          "reconcile_minutes",
          "alarms",
          "reserved_concurrency",
          "lambda_runtime",
          "copy_proof",
          "max_engine",
          "wake",
        ],
        name
      )
    ])
    error_message = "rotation: found the unknown key ${join("; ", [for name in try(keys(var.rotation), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["cadence_hours", "reconcile_minutes", "alarms", "reserved_concurrency", "lambda_runtime", "copy_proof", "max_engine", "wake"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["cadence_hours", "reconcile_minutes", "alarms", "reserved_concurrency", "lambda_runtime", "copy_proof", "max_engine", "wake"], name)])}; expected one of cadence_hours, reconcile_minutes, alarms, reserved_concurrency, lambda_runtime, copy_proof, max_engine, wake."
  }

  validation {
    condition = (
      try(var.rotation.cadence_hours, null) == null
      ? true
      : try(
        (
          var.rotation.cadence_hours >= 1 &&
          var.rotation.cadence_hours <= 8784 &&
          var.rotation.cadence_hours % 1 == 0
        ),
        false
      )
    )
    error_message = "rotation.cadence_hours: expected a whole number from 1 to 8784, or null."
  }

  validation {
    condition = (
      try(var.rotation.reconcile_minutes, null) == null
      ? true
      : try(
        (
          var.rotation.reconcile_minutes >= 5 &&
          var.rotation.reconcile_minutes <= 10 &&
          var.rotation.reconcile_minutes % 1 == 0
        ),
        false
      )
    )
    error_message = "rotation.reconcile_minutes: expected a whole number from 5 to 10."
  }

  validation {
    condition = (
      try(var.rotation.alarms, null) == null
      ? true
      : try(
        can(tostring(var.rotation.alarms)) && contains(["all", "essential"], var.rotation.alarms),
        false
      )
    )
    error_message = "rotation.alarms: expected one of all, essential."
  }

  validation {
    condition = (
      try(var.rotation.reserved_concurrency, null) == null
      ? true
      : try(
        (
          var.rotation.reserved_concurrency >= -1 &&
          var.rotation.reserved_concurrency <= 1000 &&
          var.rotation.reserved_concurrency % 1 == 0
        ),
        false
      )
    )
    error_message = "rotation.reserved_concurrency: expected a whole number from -1 to 1000."
  }

  validation {
    condition = (
      try(var.rotation.lambda_runtime, null) == null
      ? true
      : try(
        (
          can(tostring(var.rotation.lambda_runtime)) &&
          contains(["nodejs22.x", "nodejs24.x"], var.rotation.lambda_runtime)
        ),
        false
      )
    )
    error_message = "rotation.lambda_runtime: expected one of nodejs22.x, nodejs24.x."
  }

  validation {
    condition = (
      try(var.rotation.copy_proof, null) == null
      ? true
      : try(
        can(tostring(var.rotation.copy_proof)) && contains(["dlm", "tags"], var.rotation.copy_proof),
        false
      )
    )
    error_message = "rotation.copy_proof: expected one of dlm, tags."
  }

  validation {
    condition = (
      try(var.rotation.max_engine, null) == null
      ? true
      : try(
        (
          var.rotation.max_engine >= 20 &&
          var.rotation.max_engine <= 999 &&
          var.rotation.max_engine % 1 == 0
        ),
        false
      )
    )
    error_message = "rotation.max_engine: expected a whole number from 20 to 999, or null."
  }

  validation {
    condition = (
      try(var.rotation.wake, null) == null
      ? true
      : try(
        can(tostring(var.rotation.wake)) && contains(["rule", "router", "none"], var.rotation.wake),
        false
      )
    )
    error_message = "rotation.wake: expected one of rule, router, none."
  }
}

variable "create_worker" {
  description = "Make the worker. false: workers have launch templates of yours."
  type        = bool
  default     = true
  nullable    = false
}

variable "worker" {
  description = <<-EOT
    What the worker alone has: its instances, their network, and their use of the cache.
    `instance_type` (string, default null): EC2 instance type of workers; it must match the architecture. null: m6i.large for x86_64, m6g.large for arm64.
    `image_id` (string, default null): AMI of workers: resolve:ssm:PARAMETER, resolved at each launch, or, in a deployment of one region, an AMI id. It must ship Docker 20.10 to 29. null: resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id for x86_64, resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id for arm64.
    `root_device_name` (string, default "/dev/xvda"): Root device name of the AMI; `/dev/sda1` on Ubuntu.
    `root_volume_size_gib` (number, default 30): Size of the root disk in GiB, at least that of the AMI's snapshot.
    `subnet_id` (string, default null): Subnet of workers. null: left to whoever launches them, such as an Auto Scaling group.
    `associate_public_ip_address` (bool, default null): Whether instances in `subnet_id` get a public IP address. null: no. Only with `subnet_id`.
    `security_group_ids` (list, default []): Security groups of workers in place of ours, which lets nothing in.
    `create_launch_template` (bool, default true): Make the workers' launch template. false: yours has `consume_tags` and user data of this module.
    `create_security_group` (bool, default true): Make the workers' security group, unless `security_group_ids` names some. false, and none named: EC2 takes the VPC's default group.
    `create_role` (bool, default true): Make the workers' role and instance profile, unless `instance_profile_name` names one. false, and none named: workers have no role, and tell no metric.
    `initialization_rate_mibps` (number, default null): Volume initialization rate in MiB/s, billed per launch. null: blocks are loaded on first touch. An account has 5,000 MiB/s per region at a time.
    `hydrate` (string, default "all"): What is read ahead in the background of the boot: `hot`, the hot set of the build; `all`, then the rest that the cache uses, once a volume; or `none`.
    `hydrate_rate_mibps` (number, default 80): Ceiling for reading ahead of the rest, in MiB/s; the hot set is read at full speed. 0: none.
    `start` (string, default "early"): When the cache is put in place at boot. `early`: in cloud-init's network stage, before Docker, which then comes up once, on the cache. `late`: after Docker has started, which is then stopped and started again.
    `timeout_seconds` (number, default 60): Longest wait for the cache, in seconds; then Docker starts without it.
    `min_free_gib` (number, default 5): Least free space on the worker's cache volume, in GiB; with less, Docker starts without it.
    `volume` (object): The worker's cache volume.
    `volume.size_gib` (number, default null): Size in GiB, at least the builder's. null: the builder's plus 50 GiB of room for containers and layers of the worker's own.
    `volume.type` (string, default "gp3"): EBS volume type.
    `volume.iops` (number, default null): Provisioned IOPS. gp3: 3,000 to 80,000, at most 500 per GiB, null for its baseline of 3,000; gp2: none can be given; io2: 100 to 256,000, at most 1,000 per GiB, must be given; io1: 100 to 64,000, at most 50 per GiB, must be given.
    `volume.throughput_mibps` (number, default null): Provisioned throughput in MiB/s, gp3 only, at most one for 4 IOPS. null: its baseline of 125. AWS provider 5.100 accepts at most 1,000; later ones more.
    `metadata_hop_limit` (number, default 1): Hop limit of the instance metadata service; 2 where containers need it.
    `instance_profile_name` (string, default null): Instance profile of your own. null: one of ours, whose role has no EC2 permission.
    `policy_arns` (list, default []): IAM policies attached to our worker role.
    `script` (string, default null): A script of your own, run after ours whether the cache worked or not. It is readable by whoever can read the launch template: no secrets. null: none.
    `read_pointer` (bool, default false): Read which snapshot is promoted, for the outputs `snapshot_id` and `block_device_mappings`; plans then change with every promotion.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.worker))
    error_message = "worker: expected an object."
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.worker), []) :
      contains(
        [
          "instance_type",
          "image_id",
          "root_device_name",
          "root_volume_size_gib",
          "subnet_id",
          "associate_public_ip_address",
          "security_group_ids",
          "create_launch_template",
          "create_security_group",
          "create_role",
          "initialization_rate_mibps",
          "hydrate",
          "hydrate_rate_mibps",
          "start",
          "timeout_seconds",
          "min_free_gib",
          "volume",
          "metadata_hop_limit",
          "instance_profile_name",
          "policy_arns",
          "script",
          "read_pointer",
        ],
        name
      )
    ])
    error_message = "worker: found the unknown key ${join("; ", [for name in try(keys(var.worker), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["instance_type", "image_id", "root_device_name", "root_volume_size_gib", "subnet_id", "associate_public_ip_address", "security_group_ids", "create_launch_template", "create_security_group", "create_role", "initialization_rate_mibps", "hydrate", "hydrate_rate_mibps", "start", "timeout_seconds", "min_free_gib", "volume", "metadata_hop_limit", "instance_profile_name", "policy_arns", "script", "read_pointer"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["instance_type", "image_id", "root_device_name", "root_volume_size_gib", "subnet_id", "associate_public_ip_address", "security_group_ids", "create_launch_template", "create_security_group", "create_role", "initialization_rate_mibps", "hydrate", "hydrate_rate_mibps", "start", "timeout_seconds", "min_free_gib", "volume", "metadata_hop_limit", "instance_profile_name", "policy_arns", "script", "read_pointer"], name)])}; expected one of instance_type, image_id, root_device_name, root_volume_size_gib, subnet_id, associate_public_ip_address, security_group_ids, create_launch_template, create_security_group, create_role, initialization_rate_mibps, hydrate, hydrate_rate_mibps, start, timeout_seconds, min_free_gib, volume, metadata_hop_limit, instance_profile_name, policy_arns, script, read_pointer."
  }

  validation {
    condition = (
      try(var.worker.instance_type, null) == null
      ? true
      : try(can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.worker.instance_type)), false)
    )
    error_message = "worker.instance_type: expected an EC2 instance type such as m7i.large, or null."
  }

  validation {
    condition = (
      try(var.worker.image_id, null) == null
      ? true
      : try(
        can(regex(
          "^(ami-[0-9a-f]{8,17}|resolve:ssm:[A-Za-z0-9_./-]+(:[A-Za-z0-9_.-]+)?)$",
          var.worker.image_id
        )),
        false
      )
    )
    error_message = "worker.image_id: expected ami-… or resolve:ssm:PARAMETER, or null."
  }

  validation {
    condition = (
      try(var.worker.root_device_name, null) == null
      ? true
      : try(can(regex("^/dev/[a-z0-9]+$", var.worker.root_device_name)), false)
    )
    error_message = "worker.root_device_name: expected a device name such as /dev/xvda."
  }

  validation {
    condition = (
      try(var.worker.root_volume_size_gib, null) == null
      ? true
      : try(
        (
          var.worker.root_volume_size_gib >= 8 &&
          var.worker.root_volume_size_gib <= 16384 &&
          var.worker.root_volume_size_gib % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.root_volume_size_gib: expected a whole number from 8 to 16384."
  }

  validation {
    condition = (
      try(var.worker.subnet_id, null) == null
      ? true
      : try(can(regex("^subnet-[0-9a-f]{8,17}$", var.worker.subnet_id)), false)
    )
    error_message = "worker.subnet_id: expected subnet-…, or null."
  }

  validation {
    condition = (
      try(var.worker.associate_public_ip_address, null) == null
      ? true
      : try(can(tobool(var.worker.associate_public_ip_address)), false)
    )
    error_message = "worker.associate_public_ip_address: expected true or false, or null."
  }

  validation {
    condition = (
      try(var.worker.security_group_ids, null) == null
      ? true
      : try(
        can(tolist(var.worker.security_group_ids)) && length(var.worker.security_group_ids) <= 5,
        false
      )
    )
    error_message = "worker.security_group_ids: expected a list of 0 to 5, each sg-…."
  }

  validation {
    condition = (
      try(var.worker.security_group_ids, null) == null
      ? true
      : try(
        alltrue([for item in var.worker.security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", item))]),
        false
      )
    )
    error_message = "each of worker.security_group_ids: expected sg-…."
  }

  validation {
    condition = (
      try(var.worker.create_launch_template, null) == null
      ? true
      : try(can(tobool(var.worker.create_launch_template)), false)
    )
    error_message = "worker.create_launch_template: expected true or false."
  }

  validation {
    condition = (
      try(var.worker.create_security_group, null) == null
      ? true
      : try(can(tobool(var.worker.create_security_group)), false)
    )
    error_message = "worker.create_security_group: expected true or false."
  }

  validation {
    condition = (
      try(var.worker.create_role, null) == null
      ? true
      : try(can(tobool(var.worker.create_role)), false)
    )
    error_message = "worker.create_role: expected true or false."
  }

  validation {
    condition = (
      try(var.worker.initialization_rate_mibps, null) == null
      ? true
      : try(
        (
          var.worker.initialization_rate_mibps >= 100 &&
          var.worker.initialization_rate_mibps <= 300 &&
          var.worker.initialization_rate_mibps % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.initialization_rate_mibps: expected a whole number from 100 to 300, or null."
  }

  validation {
    condition = (
      try(var.worker.hydrate, null) == null
      ? true
      : try(
        can(tostring(var.worker.hydrate)) && contains(["hot", "all", "none"], var.worker.hydrate),
        false
      )
    )
    error_message = "worker.hydrate: expected one of hot, all, none."
  }

  validation {
    condition = (
      try(var.worker.hydrate_rate_mibps, null) == null
      ? true
      : try(
        (
          var.worker.hydrate_rate_mibps >= 0 &&
          var.worker.hydrate_rate_mibps <= 10000 &&
          var.worker.hydrate_rate_mibps % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.hydrate_rate_mibps: expected a whole number from 0 to 10000."
  }

  validation {
    condition = (
      try(var.worker.start, null) == null
      ? true
      : try(can(tostring(var.worker.start)) && contains(["early", "late"], var.worker.start), false)
    )
    error_message = "worker.start: expected one of early, late."
  }

  validation {
    condition = (
      try(var.worker.timeout_seconds, null) == null
      ? true
      : try(
        (
          var.worker.timeout_seconds >= 5 &&
          var.worker.timeout_seconds <= 600 &&
          var.worker.timeout_seconds % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.timeout_seconds: expected a whole number from 5 to 600."
  }

  validation {
    condition = (
      try(var.worker.min_free_gib, null) == null
      ? true
      : try(
        (
          var.worker.min_free_gib >= 1 &&
          var.worker.min_free_gib <= 16384 &&
          var.worker.min_free_gib % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.min_free_gib: expected a whole number from 1 to 16384."
  }

  validation {
    condition     = try(var.worker.volume, null) == null ? true : can(keys(var.worker.volume))
    error_message = "worker.volume: expected an object."
  }

  validation {
    condition = (
      try(var.worker.volume, null) == null
      ? true
      : alltrue([
        for name in try(keys(var.worker.volume), []) :
        contains(["size_gib", "type", "iops", "throughput_mibps"], name)
      ])
    )
    error_message = "worker.volume: found the unknown key ${join("; ", [for name in try(keys(var.worker.volume), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["size_gib", "type", "iops", "throughput_mibps"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["size_gib", "type", "iops", "throughput_mibps"], name)])}; expected one of size_gib, type, iops, throughput_mibps."
  }

  validation {
    condition = (
      try(var.worker.volume, null) == null
      ? true
      : try(var.worker.volume.size_gib, null) == null
      ? true
      : try(
        (
          var.worker.volume.size_gib >= 4 &&
          var.worker.volume.size_gib <= 65536 &&
          var.worker.volume.size_gib % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.volume.size_gib: expected a whole number from 4 to 65536, or null."
  }

  validation {
    condition = (
      try(var.worker.volume, null) == null
      ? true
      : try(var.worker.volume.type, null) == null
      ? true
      : try(
        (
          can(tostring(var.worker.volume.type)) &&
          contains(["gp3", "gp2", "io2", "io1"], var.worker.volume.type)
        ),
        false
      )
    )
    error_message = "worker.volume.type: expected one of gp3, gp2, io2, io1."
  }

  validation {
    condition = (
      try(var.worker.volume, null) == null
      ? true
      : try(var.worker.volume.iops, null) == null
      ? true
      : try(
        (
          var.worker.volume.iops >= 100 &&
          var.worker.volume.iops <= 256000 &&
          var.worker.volume.iops % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.volume.iops: expected a whole number from 100 to 256000, or null."
  }

  validation {
    condition = (
      try(var.worker.volume, null) == null
      ? true
      : try(var.worker.volume.throughput_mibps, null) == null
      ? true
      : try(
        (
          var.worker.volume.throughput_mibps >= 125 &&
          var.worker.volume.throughput_mibps <= 2000 &&
          var.worker.volume.throughput_mibps % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.volume.throughput_mibps: expected a whole number from 125 to 2000, or null."
  }

  validation {
    condition = (
      try(var.worker.metadata_hop_limit, null) == null
      ? true
      : try(
        (
          var.worker.metadata_hop_limit >= 1 &&
          var.worker.metadata_hop_limit <= 64 &&
          var.worker.metadata_hop_limit % 1 == 0
        ),
        false
      )
    )
    error_message = "worker.metadata_hop_limit: expected a whole number from 1 to 64."
  }

  validation {
    condition = (
      try(var.worker.instance_profile_name, null) == null
      ? true
      : try(can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", var.worker.instance_profile_name)), false)
    )
    error_message = "worker.instance_profile_name: expected the name of an instance profile, not its ARN, or null."
  }

  validation {
    condition = (
      try(var.worker.policy_arns, null) == null
      ? true
      : try(can(tolist(var.worker.policy_arns)) && length(var.worker.policy_arns) <= 9, false)
    )
    error_message = "worker.policy_arns: expected a list of 0 to 9, each the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME)."
  }

  validation {
    condition = (
      try(var.worker.policy_arns, null) == null
      ? true
      : try(
        alltrue([
          for item in var.worker.policy_arns :
          can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", item))
        ]),
        false
      )
    )
    error_message = "each of worker.policy_arns: expected the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME)."
  }

  validation {
    condition = (
      try(var.worker.script, null) == null
      ? true
      : try(can(regex("^#![^\\r]*$", var.worker.script)) && length(var.worker.script) <= 12288, false)
    )
    error_message = "worker.script: expected a script that begins with #!, without a byte-order mark, and whose lines end in a newline alone, not in CRLF, at most 12288 characters, or null."
  }

  validation {
    condition = (
      try(var.worker.read_pointer, null) == null
      ? true
      : try(can(tobool(var.worker.read_pointer)), false)
    )
    error_message = "worker.read_pointer: expected true or false."
  }
}
