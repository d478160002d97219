variable "name" {
  description = "Name of the cache, the same for builder, rotation and worker."
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

variable "images" {
  description = <<-EOT
    Images of the cache, each an object or a line `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`: by tag or digest, may be missing, read ahead whole, command that proves it.
    `reference` (string, required): Image by tag or digest, as `docker pull` takes it; workers find it under this name.
    `optional` (bool, default false): A build goes on without this image if it cannot be pulled or does not run.
    `warm` (string, default "start"): What workers read ahead of the image before the rest of the volume: what its proof touched, or every file of its layers.
    `smoke` (string, default null): Command run in a container of the image as part of the proof. null: the container is only started.
  EOT
  type        = any

  validation {
    condition = (
      can([for item in var.images : item]) &&
      !can(keys(var.images)) &&
      try(length(var.images) >= 1 && length(var.images) <= 1000, true)
    )
    error_message = "images: expected a list of 1 to 1000, each REFERENCE[ optional][ warm=whole][ smoke=COMMAND], or a map."
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

variable "instance_type" {
  description = "EC2 instance type of builders, of the Nitro system; it must match the architecture. null: m6i.xlarge for x86_64, m6g.xlarge for arm64."
  type        = string
  default     = null

  validation {
    condition = (
      var.instance_type == null
      ? true
      : can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.instance_type))
    )
    error_message = "instance_type: expected an EC2 instance type such as m7i.large, or null."
  }
}

variable "image_id" {
  description = "AMI of builders: resolve:ssm:PARAMETER, resolved at each launch, or, in a deployment of one region, an AMI id. It must ship Docker 20.10 to 29. null: resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id for x86_64, resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id for arm64."
  type        = string
  default     = null

  validation {
    condition = (
      var.image_id == null
      ? true
      : can(regex(
        "^(ami-[0-9a-f]{8,17}|resolve:ssm:[A-Za-z0-9_./-]+(:[A-Za-z0-9_.-]+)?)$",
        var.image_id
      ))
    )
    error_message = "image_id: expected ami-… or resolve:ssm:PARAMETER, or null."
  }
}

variable "root_device_name" {
  description = "Root device name of the AMI; `/dev/sda1` on Ubuntu."
  type        = string
  default     = "/dev/xvda"
  nullable    = false

  validation {
    condition     = can(regex("^/dev/[a-z0-9]+$", var.root_device_name))
    error_message = "root_device_name: expected a device name such as /dev/xvda."
  }
}

variable "root_volume_size_gib" {
  description = "Size of the root disk in GiB, at least that of the AMI's snapshot."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = (
      var.root_volume_size_gib >= 8 &&
      var.root_volume_size_gib <= 16384 &&
      var.root_volume_size_gib % 1 == 0
    )
    error_message = "root_volume_size_gib: expected a whole number from 8 to 16384."
  }
}

variable "subnet_id" {
  description = "Subnet of builders, whose zone is that of the cache volume. null: a default subnet of the default VPC, with a public IP address as its only way out."
  type        = string
  default     = null

  validation {
    condition     = var.subnet_id == null ? true : can(regex("^subnet-[0-9a-f]{8,17}$", var.subnet_id))
    error_message = "subnet_id: expected subnet-…, or null."
  }
}

variable "associate_public_ip_address" {
  description = "Whether instances in `subnet_id` get a public IP address. null: no. Only with `subnet_id`."
  type        = bool
  default     = null
}

variable "security_group_ids" {
  description = "Security groups of builders in place of ours, which lets nothing in."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) <= 5
    error_message = "security_group_ids: expected a list of 0 to 5, each sg-…."
  }

  validation {
    condition     = alltrue([for item in var.security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", item))])
    error_message = "each of security_group_ids: expected sg-…."
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

variable "create_security_group" {
  description = "Make the builders' security group, unless `security_group_ids` names some. false: it must."
  type        = bool
  default     = true
  nullable    = false
}

variable "create_role" {
  description = "Make the builders' role and instance profile. false: `instance_profile_name` and `role_arn` are yours, and the role has what `role_policy_json` says. Schedule and copies have roles of their own in any case."
  type        = bool
  default     = true
  nullable    = false
}

variable "instance_profile_name" {
  description = "Instance profile of yours for builders, only with `create_role = false`."
  type        = string
  default     = null

  validation {
    condition = (
      var.instance_profile_name == null
      ? true
      : can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", var.instance_profile_name))
    )
    error_message = "instance_profile_name: expected the name of an instance profile, not its ARN, or null."
  }
}

variable "role_arn" {
  description = "Role of that instance profile, which the schedule passes to the instances."
  type        = string
  default     = null

  validation {
    condition = (
      var.role_arn == null
      ? true
      : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", var.role_arn))
    )
    error_message = "role_arn: expected the ARN of an IAM role (arn:aws:iam::ACCOUNT:role/NAME), or null."
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

variable "copy_to" {
  description = <<-EOT
    Regions that copy the cache from here; their rotation names this region in `copy_from`.
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

variable "copy_retention_days" {
  description = "Days that DLM keeps its snapshots in the building region and its copies in the others; much longer than the time between builds."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition = (
      var.copy_retention_days >= 1 &&
      var.copy_retention_days <= 365 &&
      var.copy_retention_days % 1 == 0
    )
    error_message = "copy_retention_days: expected a whole number from 1 to 365."
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
