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
  description = "Customer key of this region for volumes, snapshots, logs, queue and topic. null: the AWS managed keys."
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
  description = "Images of the cache, each `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`: by tag or digest, may be missing, read ahead whole, command that proves it."
  type        = list(string)

  validation {
    condition     = length(var.images) >= 1 && length(var.images) <= 1000
    error_message = "images: expected a list of 1 to 1000, each REFERENCE[ optional][ warm=whole][ smoke=COMMAND]."
  }

  validation {
    condition = alltrue([
      for item in var.images :
      can(regex("^(\\S+)( optional)?( warm=whole)?( smoke=(\\S[^\\r\\n]*))?$", item))
    ])
    error_message = "each of images: expected REFERENCE[ optional][ warm=whole][ smoke=COMMAND]."
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
      floor(var.root_volume_size_gib) == var.root_volume_size_gib
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
    `http`: Proxy for http.
    `https`: Proxy for https.
    `no`: Hosts reached directly, joined by commas; the metadata address is always added.
  EOT
  type = object({
    http  = optional(string)
    https = optional(string)
    no    = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition = (
      var.proxy.http == null
      ? true
      : can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?$", var.proxy.http))
    )
    error_message = "proxy.http: expected http://HOST:PORT or https://HOST:PORT, without user and password, or null."
  }

  validation {
    condition = (
      var.proxy.https == null
      ? true
      : can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?$", var.proxy.https))
    )
    error_message = "proxy.https: expected http://HOST:PORT or https://HOST:PORT, without user and password, or null."
  }

  validation {
    condition     = var.proxy.no == null ? true : can(regex("^[A-Za-z0-9.:/*,_-]+$", var.proxy.no))
    error_message = "proxy.no: expected hosts, domains or address ranges joined by commas, without blanks, or null."
  }
}

variable "volume" {
  description = <<-EOT
    The cache volume.
    `size_gib`: Size in GiB. A larger size grows volume and file system in place; a smaller one needs a new `generation`.
    `type`: EBS volume type.
    `iops`: Provisioned IOPS. gp3: 3,000 to 80,000, at most 500 per GiB, null for its baseline of 3,000; gp2: none can be given; io2: 100 to 256,000, at most 1,000 per GiB, must be given; io1: 100 to 64,000, at most 50 per GiB, must be given.
    `throughput_mibps`: Provisioned throughput in MiB/s, gp3 only, at most one for 4 IOPS. null: its baseline of 125. AWS provider 5.100 accepts at most 1,000; later ones more.
    `file_system`: File system on the volume, made so that the oldest supported worker kernel can mount it.
    `generation`: Raise by one to replace the volume by a new, empty one, when its snapshots have grown too large. Pointer, snapshots and copies stay.
  EOT
  type = object({
    size_gib         = optional(number, 100)
    type             = optional(string, "gp3")
    iops             = optional(number)
    throughput_mibps = optional(number)
    file_system      = optional(string, "xfs")
    generation       = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition = (
      var.volume.size_gib >= 4 &&
      var.volume.size_gib <= 65536 &&
      floor(var.volume.size_gib) == var.volume.size_gib
    )
    error_message = "volume.size_gib: expected a whole number from 4 to 65536."
  }

  validation {
    condition     = contains(["gp3", "gp2", "io2", "io1"], var.volume.type)
    error_message = "volume.type: expected one of gp3, gp2, io2, io1."
  }

  validation {
    condition = (
      var.volume.iops == null
      ? true
      : var.volume.iops >= 100 && var.volume.iops <= 256000 && floor(var.volume.iops) == var.volume.iops
    )
    error_message = "volume.iops: expected a whole number from 100 to 256000, or null."
  }

  validation {
    condition = (
      var.volume.throughput_mibps == null
      ? true
      : (
        var.volume.throughput_mibps >= 125 &&
        var.volume.throughput_mibps <= 2000 &&
        floor(var.volume.throughput_mibps) == var.volume.throughput_mibps
      )
    )
    error_message = "volume.throughput_mibps: expected a whole number from 125 to 2000, or null."
  }

  validation {
    condition     = contains(["xfs", "ext4"], var.volume.file_system)
    error_message = "volume.file_system: expected one of xfs, ext4."
  }

  validation {
    condition = (
      var.volume.generation >= 1 &&
      var.volume.generation <= 9999 &&
      floor(var.volume.generation) == var.volume.generation
    )
    error_message = "volume.generation: expected a whole number from 1 to 9999."
  }
}

variable "build" {
  description = <<-EOT
    When and how the cache is built.
    `at`: Times of day "HH:MM" in `time_zone` at which a builder starts. Empty: by `expression`, or by hand alone.
    `time_zone`: IANA time zone of `at` and of a cron() expression, such as Europe/Berlin; daylight saving is followed.
    `expression`: EventBridge Scheduler rate() or cron() expression, with `at: []`, where no region copies the cache. null: `at` holds.
    `replicate_at`: Time of day "HH:MM" in UTC at which DLM snapshots the volume for the copying regions; builders keep clear of it. null: after the first build of the day, at its latest in UTC, `launch_retry_minutes` and `watchdog_minutes`, rounded up to the hour.
    `launch_retry_minutes`: Minutes for which EventBridge Scheduler retries to launch a builder, where capacity is short for instance.
    `watchdog_minutes`: Minutes after which a builder powers off, whatever it is doing, and rotation sweeps what is left of it.
    `parallel_pulls`: Images pulled at once.
    `hot_set_percent`: Share of the cache's used bytes that the hot set may take, in percent, though never less than 64 MiB. Images with `warm: whole` come on top.
  EOT
  type = object({
    at                   = optional(list(string), ["02:00"])
    time_zone            = optional(string, "UTC")
    expression           = optional(string)
    replicate_at         = optional(string)
    launch_retry_minutes = optional(number, 60)
    watchdog_minutes     = optional(number, 120)
    parallel_pulls       = optional(number, 4)
    hot_set_percent      = optional(number, 20)
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(var.build.at) <= 24
    error_message = "build.at: expected a list of 0 to 24, each a time of day \"HH:MM\", 00:00 to 23:59."
  }

  validation {
    condition = alltrue([
      for item in var.build.at : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", item))
    ])
    error_message = "each of build.at: expected a time of day \"HH:MM\", 00:00 to 23:59."
  }

  validation {
    condition     = length(var.build.time_zone) <= 64
    error_message = "build.time_zone: expected the IANA name of a time zone such as Europe/Berlin, at most 64 characters."
  }

  validation {
    condition = (
      var.build.expression == null
      ? true
      : can(regex("^(rate|cron)\\(.+\\)$", var.build.expression))
    )
    error_message = "build.expression: expected rate(…) or cron(…) of EventBridge Scheduler, such as rate(12 hours), or null."
  }

  validation {
    condition = (
      var.build.replicate_at == null
      ? true
      : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.build.replicate_at))
    )
    error_message = "build.replicate_at: expected a time of day \"HH:MM\", 00:00 to 23:59, or null."
  }

  validation {
    condition = (
      var.build.launch_retry_minutes >= 1 &&
      var.build.launch_retry_minutes <= 1440 &&
      floor(var.build.launch_retry_minutes) == var.build.launch_retry_minutes
    )
    error_message = "build.launch_retry_minutes: expected a whole number from 1 to 1440."
  }

  validation {
    condition = (
      var.build.watchdog_minutes >= 10 &&
      var.build.watchdog_minutes <= 720 &&
      floor(var.build.watchdog_minutes) == var.build.watchdog_minutes
    )
    error_message = "build.watchdog_minutes: expected a whole number from 10 to 720."
  }

  validation {
    condition = (
      var.build.parallel_pulls >= 1 &&
      var.build.parallel_pulls <= 32 &&
      floor(var.build.parallel_pulls) == var.build.parallel_pulls
    )
    error_message = "build.parallel_pulls: expected a whole number from 1 to 32."
  }

  validation {
    condition = (
      var.build.hot_set_percent >= 1 &&
      var.build.hot_set_percent <= 100 &&
      floor(var.build.hot_set_percent) == var.build.hot_set_percent
    )
    error_message = "build.hot_set_percent: expected a whole number from 1 to 100."
  }
}

variable "copy_to" {
  description = "Regions that copy the cache from here; their rotation names this region in `copy_from`."
  type = list(object({
    region      = string
    kms_key_arn = optional(string)
    schedule    = optional(number, 1)
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(var.copy_to) <= 12
    error_message = "copy_to: expected a list of 0 to 12, each a map."
  }

  validation {
    condition = alltrue([
      for item in var.copy_to : can(regex("^[a-z]{2,4}(-[a-z]+){1,2}-[1-9]$", item.region))
    ])
    error_message = "each of copy_to.region: expected an AWS region such as eu-west-1."
  }

  validation {
    condition = alltrue([
      for item in var.copy_to :
      (
        item.kms_key_arn == null
        ? true
        : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", item.kms_key_arn))
      )
    ])
    error_message = "each of copy_to.kms_key_arn: expected the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID; an alias will not do, DLM refuses it), or null."
  }

  validation {
    condition = alltrue([
      for item in var.copy_to :
      item.schedule >= 1 && item.schedule <= 4 && floor(item.schedule) == item.schedule
    ])
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
      floor(var.copy_retention_days) == var.copy_retention_days
    )
    error_message = "copy_retention_days: expected a whole number from 1 to 365."
  }
}

variable "registries" {
  description = "Registries that builders log in to. Their secrets are read on the builder, never put in user data or state."
  type = list(object({
    host        = string
    secret_name = string
    kms_key_arn = optional(string)
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([
      for item in var.registries :
      can(regex(
        "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$",
        item.host
      ))
    ])
    error_message = "each of registries.host: expected the host of a registry such as ghcr.io or registry.example.com:5000."
  }

  validation {
    condition = alltrue([
      for item in var.registries : can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", item.secret_name))
    ])
    error_message = "each of registries.secret_name: expected the name of a Secrets Manager secret, not its ARN."
  }

  validation {
    condition = alltrue([
      for item in var.registries :
      (
        item.kms_key_arn == null
        ? true
        : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", item.kms_key_arn))
      )
    ])
    error_message = "each of registries.kms_key_arn: expected the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID; an alias will not do, DLM refuses it), or null."
  }
}

variable "pull_through" {
  description = "Upstream host to ECR pull-through cache prefix, e.g. `docker.io: docker-hub`: builders pull through ECR of their region and keep the original names."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key in keys(var.pull_through) :
      can(regex(
        "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$",
        key
      ))
    ])
    error_message = "each key of pull_through: expected the host of a registry such as ghcr.io or registry.example.com:5000."
  }

  validation {
    condition = alltrue([
      for item in values(var.pull_through) :
      (
        can(regex("^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$", item)) &&
        length(item) <= 30
      )
    ])
    error_message = "each value of pull_through: expected an ECR repository prefix such as docker-hub, at most 30 characters."
  }
}
