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
  description = "Customer key of this region for the workers' root disk; the cache volume has the snapshot's. null: the AWS managed key."
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
  description = "EC2 instance type of workers; it must match the architecture. null: m6i.large for x86_64, m6g.large for arm64."
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
  description = "AMI of workers: resolve:ssm:PARAMETER, resolved at each launch, or, in a deployment of one region, an AMI id. It must ship Docker 20.10 to 29. null: resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id for x86_64, resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id for arm64."
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
  description = "Subnet of workers. null: left to whoever launches them, such as an Auto Scaling group."
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
  description = "Security groups of workers in place of ours, which lets nothing in."
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

variable "create_launch_template" {
  description = "Make the workers' launch template. false: yours has `consume_tags` and user data of this module."
  type        = bool
  default     = true
  nullable    = false
}

variable "create_security_group" {
  description = "Make the workers' security group, unless `security_group_ids` names some. false, and none named: EC2 takes the VPC's default group."
  type        = bool
  default     = true
  nullable    = false
}

variable "create_role" {
  description = "Make the workers' role and instance profile, unless `instance_profile_name` names one. false, and none named: workers have no role, and tell no metric."
  type        = bool
  default     = true
  nullable    = false
}

variable "initialization_rate_mibps" {
  description = "Volume initialization rate in MiB/s, billed per launch. null: blocks are loaded on first touch. An account has 5,000 MiB/s per region at a time."
  type        = number
  default     = null

  validation {
    condition = (
      var.initialization_rate_mibps == null
      ? true
      : (
        var.initialization_rate_mibps >= 100 &&
        var.initialization_rate_mibps <= 300 &&
        var.initialization_rate_mibps % 1 == 0
      )
    )
    error_message = "initialization_rate_mibps: expected a whole number from 100 to 300, or null."
  }
}

variable "hydrate" {
  description = "What is read ahead in the background of the boot: `hot`, the hot set of the build; `all`, then the rest that the cache uses, once a volume; or `none`."
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = contains(["hot", "all", "none"], var.hydrate)
    error_message = "hydrate: expected one of hot, all, none."
  }
}

variable "hydrate_rate_mibps" {
  description = "Ceiling for reading ahead of the rest, in MiB/s; the hot set is read at full speed. 0: none."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition = (
      var.hydrate_rate_mibps >= 0 &&
      var.hydrate_rate_mibps <= 10000 &&
      var.hydrate_rate_mibps % 1 == 0
    )
    error_message = "hydrate_rate_mibps: expected a whole number from 0 to 10000."
  }
}

variable "start" {
  description = "When the cache is put in place at boot. `early`: in cloud-init's network stage, before Docker, which then comes up once, on the cache. `late`: after Docker has started, which is then stopped and started again."
  type        = string
  default     = "early"
  nullable    = false

  validation {
    condition     = contains(["early", "late"], var.start)
    error_message = "start: expected one of early, late."
  }
}

variable "timeout_seconds" {
  description = "Longest wait for the cache, in seconds; then Docker starts without it."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 5 && var.timeout_seconds <= 600 && var.timeout_seconds % 1 == 0
    error_message = "timeout_seconds: expected a whole number from 5 to 600."
  }
}

variable "min_free_gib" {
  description = "Least free space on the worker's cache volume, in GiB; with less, Docker starts without it."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.min_free_gib >= 1 && var.min_free_gib <= 16384 && var.min_free_gib % 1 == 0
    error_message = "min_free_gib: expected a whole number from 1 to 16384."
  }
}

variable "volume" {
  description = <<-EOT
    The worker's cache volume.
    `size_gib` (number, default 150): Size in GiB, at least the builder's, with room for containers and layers of the worker's own.
    `type` (string, default "gp3"): EBS volume type.
    `iops` (number, default null): Provisioned IOPS. gp3: 3,000 to 80,000, at most 500 per GiB, null for its baseline of 3,000; gp2: none can be given; io2: 100 to 256,000, at most 1,000 per GiB, must be given; io1: 100 to 64,000, at most 50 per GiB, must be given.
    `throughput_mibps` (number, default null): Provisioned throughput in MiB/s, gp3 only, at most one for 4 IOPS. null: its baseline of 125. AWS provider 5.100 accepts at most 1,000; later ones more.
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
      contains(["size_gib", "type", "iops", "throughput_mibps"], name)
    ])
    error_message = "volume: found the unknown key ${join("; ", [for name in try(keys(var.volume), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["size_gib", "type", "iops", "throughput_mibps"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["size_gib", "type", "iops", "throughput_mibps"], name)])}; expected one of size_gib, type, iops, throughput_mibps."
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
}

variable "metadata_hop_limit" {
  description = "Hop limit of the instance metadata service; 2 where containers need it."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition = (
      var.metadata_hop_limit >= 1 &&
      var.metadata_hop_limit <= 64 &&
      var.metadata_hop_limit % 1 == 0
    )
    error_message = "metadata_hop_limit: expected a whole number from 1 to 64."
  }
}

variable "instance_profile_name" {
  description = "Instance profile of your own. null: one of ours, whose role has no EC2 permission."
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

variable "policy_arns" {
  description = "IAM policies attached to our worker role."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.policy_arns) <= 9
    error_message = "policy_arns: expected a list of 0 to 9, each the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME)."
  }

  validation {
    condition = alltrue([
      for item in var.policy_arns :
      can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", item))
    ])
    error_message = "each of policy_arns: expected the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME)."
  }
}

variable "script" {
  description = "A script of your own, run after ours whether the cache worked or not. It is readable by whoever can read the launch template: no secrets. null: none."
  type        = string
  default     = null

  validation {
    condition = (
      var.script == null
      ? true
      : can(regex("^#![^\\r]*$", var.script)) && length(var.script) <= 12288
    )
    error_message = "script: expected a script that begins with #!, without a byte-order mark, and whose lines end in a newline alone, not in CRLF, at most 12288 characters, or null."
  }
}

variable "read_pointer" {
  description = "Read which snapshot is promoted, for the outputs `snapshot_id` and `block_device_mappings`; plans then change with every promotion."
  type        = bool
  default     = false
  nullable    = false
}
