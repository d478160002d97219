variable "name" {
  description = "Name of the cache."
  type        = string
}

variable "architecture" {
  description = "CPU architecture."
  type        = string
  default     = "x86_64"
  nullable    = false
}

variable "images" {
  description = "Images of the cache, each `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`: by tag or digest, may be missing, read ahead whole, command that proves it. Needed except with `copy_from`, and unused with it."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "image_store" {
  description = "Docker's image store on builders and workers; containerd's needs Docker 24 or later and more space."
  type        = string
  default     = "overlay2"
  nullable    = false
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
}

variable "pull_through" {
  description = "Upstream host to ECR pull-through cache prefix, e.g. `docker.io: docker-hub`: builders pull through ECR of their region and keep the original names."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "copy_from" {
  description = "Region whose DLM copies the snapshots here; it must build the cache itself. null: this region builds for itself."
  type        = string
  default     = null
}

variable "copy_to" {
  description = "Regions that copy the cache from here; each is a call with `copy_from`."
  type = list(object({
    region      = string
    kms_key_arn = optional(string)
    schedule    = optional(number, 1)
  }))
  default  = []
  nullable = false
}

variable "retention" {
  description = <<-EOT
    Which snapshots are kept.
    `keep_last`: Newest healthy snapshots kept in each region.
    `keep_within_days`: Healthy snapshots younger than this many days are kept too; 0: none.
    `min_keep`: Never fewer healthy snapshots than this, whatever else says so.
    `deletion_grace_hours`: Hours between marking a snapshot for deletion and deleting it.
    `max_deletions_per_run`: Most snapshots that one rotation run deletes, two API calls each; the rest goes in later runs. Never more than two or a fifth of the cache's snapshots, whichever is more.
    `recycle_bin_days`: Days that the Recycle Bin keeps deleted snapshots of the cache. null: no retention rule.
    `copy_retention_days`: Days that DLM keeps its snapshots in the building region and its copies in the others; much longer than the time between builds.
  EOT
  type = object({
    keep_last             = optional(number, 3)
    keep_within_days      = optional(number, 0)
    min_keep              = optional(number, 2)
    deletion_grace_hours  = optional(number, 24)
    max_deletions_per_run = optional(number, 2)
    recycle_bin_days      = optional(number)
    copy_retention_days   = optional(number, 14)
  })
  default  = {}
  nullable = false
}

variable "fast_restore_zones" {
  description = "Zones in which fast snapshot restore is on for the promoted snapshot, at about 0.75 USD per zone and hour."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "notifications" {
  description = <<-EOT
    Where the alarms of a region go.
    `email`: Subscribed to the alarm topic of ours.
    `topic`: SNS topic of yours in place of ours, unencrypted or with a key that cloudwatch.amazonaws.com may use.
    `topic.arn`: ARN of the topic, which the same run may create.
  EOT
  type = object({
    email = optional(string)
    topic = optional(object({ arn = string }))
  })
  default  = {}
  nullable = false
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
}

variable "kms_key_arn" {
  description = "Customer key of this region for volumes, snapshots, logs, queue and topic. null: the AWS managed keys."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for every resource, beside our own; at most 30, since DLM takes 45 with ours, and AWS 50."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of all roles. null: none."
  type        = string
  default     = null
}

variable "role_path" {
  description = "IAM path of all roles."
  type        = string
  default     = "/"
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "builder" {
  description = <<-EOT
    What the builder alone has: its instances and their network.
    `instance_type`: EC2 instance type of builders, of the Nitro system; it must match the architecture. null: m6i.xlarge for x86_64, m6g.xlarge for arm64.
    `image_id`: AMI of builders: resolve:ssm:PARAMETER, resolved at each launch, or, in a deployment of one region, an AMI id. It must ship Docker 20.10 to 29. null: resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id for x86_64, resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id for arm64.
    `root_device_name`: Root device name of the AMI; `/dev/sda1` on Ubuntu.
    `root_volume_size_gib`: Size of the root disk in GiB, at least that of the AMI's snapshot.
    `subnet_id`: Subnet of builders, whose zone is that of the cache volume. null: a default subnet of the default VPC, with a public IP address as its only way out.
    `associate_public_ip_address`: Whether instances in `subnet_id` get a public IP address. null: no. Only with `subnet_id`.
    `security_group_ids`: Security groups of builders in place of ours, which lets nothing in.
  EOT
  type = object({
    instance_type               = optional(string)
    image_id                    = optional(string)
    root_device_name            = optional(string, "/dev/xvda")
    root_volume_size_gib        = optional(number, 30)
    subnet_id                   = optional(string)
    associate_public_ip_address = optional(bool)
    security_group_ids          = optional(list(string), [])
  })
  default  = {}
  nullable = false
}

variable "rotation" {
  description = <<-EOT
    What rotation alone has.
    `cadence_hours`: Longest time between two builds in hours; an alarm rises at twice this age. null: as `build` says, except with a cron() expression, which needs it.
    `reconcile_minutes`: Minutes between the runs that rotation makes in any case; a new snapshot makes it run at once.
    `alarms`: Alarms, at about 0.40 USD each a month with its metric: `all`, or `essential`, the four that tell that workers get no cache, or an old one, or that a build or rotation itself has failed.
    `reserved_concurrency`: Reserved concurrency of the function. null: none, and none of the router's two, where the quota of a young account refuses it; nothing relies on it.
    `lambda_runtime`: Lambda runtime. nodejs24.x needs AWS provider 6.19.0 or later: an older one refuses it, so require that in your `required_providers`.
    `copy_proof`: How a copying region proves a copy: `dlm`, by a tag that only DLM can write, or `tags`, by ours, for accounts whose copies lack DLM's.
    `max_engine`: Highest Docker Engine major version whose snapshots are promoted, the oldest that workers run. null: any.
    `wake`: What wakes the function between its scheduled runs. `rule`: a rule of its own, which each snapshot of the region sets off, whosever it is. `router`: the router of a rotation stack in the region. `none`: nothing.
  EOT
  type = object({
    cadence_hours        = optional(number)
    reconcile_minutes    = optional(number, 10)
    alarms               = optional(string, "all")
    reserved_concurrency = optional(number, 1)
    lambda_runtime       = optional(string, "nodejs22.x")
    copy_proof           = optional(string, "dlm")
    max_engine           = optional(number)
    wake                 = optional(string, "rule")
  })
  default  = {}
  nullable = false
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
    `instance_type`: EC2 instance type of workers; it must match the architecture. null: m6i.large for x86_64, m6g.large for arm64.
    `image_id`: AMI of workers: resolve:ssm:PARAMETER, resolved at each launch, or, in a deployment of one region, an AMI id. It must ship Docker 20.10 to 29. null: resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id for x86_64, resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id for arm64.
    `root_device_name`: Root device name of the AMI; `/dev/sda1` on Ubuntu.
    `root_volume_size_gib`: Size of the root disk in GiB, at least that of the AMI's snapshot.
    `subnet_id`: Subnet of workers. null: left to whoever launches them, such as an Auto Scaling group.
    `associate_public_ip_address`: Whether instances in `subnet_id` get a public IP address. null: no. Only with `subnet_id`.
    `security_group_ids`: Security groups of workers in place of ours, which lets nothing in.
    `initialization_rate_mibps`: Volume initialization rate in MiB/s, billed per launch. null: blocks are loaded on first touch. An account has 5,000 MiB/s per region at a time.
    `hydrate`: What is read ahead in the background of the boot: `hot`, the hot set of the build; `all`, then the rest that the cache uses, once a volume; or `none`.
    `hydrate_rate_mibps`: Ceiling for reading ahead of the rest, in MiB/s; the hot set is read at full speed. 0 or null: none.
    `start`: When the cache is put in place at boot. `early`: in cloud-init's network stage, before Docker, which then comes up once, on the cache. `late`: after Docker has started, which is then stopped and started again.
    `timeout_seconds`: Longest wait for the cache, in seconds; then Docker starts without it.
    `min_free_gib`: Least free space on the worker's cache volume, in GiB; with less, Docker starts without it.
    `volume`: The worker's cache volume.
    `volume.size_gib`: Size in GiB, at least the builder's. null: the builder's plus 50 GiB of room for containers and layers of the worker's own.
    `volume.type`: EBS volume type.
    `volume.iops`: Provisioned IOPS. gp3: 3,000 to 80,000, at most 500 per GiB, null for its baseline of 3,000; gp2: none can be given; io2: 100 to 256,000, at most 1,000 per GiB, must be given; io1: 100 to 64,000, at most 50 per GiB, must be given.
    `volume.throughput_mibps`: Provisioned throughput in MiB/s, gp3 only, at most one for 4 IOPS. null: its baseline of 125. AWS provider 5.100 accepts at most 1,000; later ones more.
    `metadata_hop_limit`: Hop limit of the instance metadata service; 2 where containers need it.
    `instance_profile_name`: Instance profile of your own. null: one of ours, whose role has no EC2 permission.
    `policy_arns`: IAM policies attached to our worker role.
    `script`: A script of your own, run after ours whether the cache worked or not. It is readable by whoever can read the launch template: no secrets. null: none.
    `read_pointer`: Read which snapshot is promoted, for the outputs `snapshot_id` and `block_device_mappings`; plans then change with every promotion.
  EOT
  type = object({
    instance_type               = optional(string)
    image_id                    = optional(string)
    root_device_name            = optional(string, "/dev/xvda")
    root_volume_size_gib        = optional(number, 30)
    subnet_id                   = optional(string)
    associate_public_ip_address = optional(bool)
    security_group_ids          = optional(list(string), [])
    initialization_rate_mibps   = optional(number)
    hydrate                     = optional(string, "all")
    hydrate_rate_mibps          = optional(number, 80)
    start                       = optional(string, "early")
    timeout_seconds             = optional(number, 60)
    min_free_gib                = optional(number, 5)
    volume = optional(
      object({
        size_gib         = optional(number)
        type             = optional(string, "gp3")
        iops             = optional(number)
        throughput_mibps = optional(number)
      }),
      {}
    )
    metadata_hop_limit    = optional(number, 1)
    instance_profile_name = optional(string)
    policy_arns           = optional(list(string), [])
    script                = optional(string)
    read_pointer          = optional(bool, false)
  })
  default  = {}
  nullable = false
}
