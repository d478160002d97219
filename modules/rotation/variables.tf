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
  description = "Customer key of this region for logs, topic and the function's environment. null: the AWS managed keys."
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

variable "cadence_hours" {
  description = "Longest time between two builds in hours, at least 24 with `copy_from`; an alarm rises at twice this age."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.cadence_hours >= 1 && var.cadence_hours <= 8784 && var.cadence_hours % 1 == 0
    error_message = "cadence_hours: expected a whole number from 1 to 8784."
  }
}

variable "copy_retention_days" {
  description = "Days that DLM keeps the copies that arrive here, as the builder of `copy_from` says. It counts only for copies whose own date is missing or cannot be read."
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

variable "retention" {
  description = <<-EOT
    Which snapshots are kept.
    `keep_last` (number, default 3): Newest healthy snapshots kept in each region.
    `keep_within_days` (number, default 0): Healthy snapshots younger than this many days are kept too; 0: none.
    `min_keep` (number, default 2): Never fewer healthy snapshots than this, whatever else says so.
    `deletion_grace_hours` (number, default 24): Hours between marking a snapshot for deletion and deleting it.
    `max_deletions_per_run` (number, default 2): Most snapshots that one rotation run deletes, two API calls each; the rest goes in later runs. Never more than two or a fifth of the cache's snapshots, whichever is more.
    `recycle_bin_days` (number, default null): Days that the Recycle Bin keeps deleted snapshots of the cache. null: no retention rule.
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
        ],
        name
      )
    ])
    error_message = "retention: found the unknown key ${join("; ", [for name in try(keys(var.retention), []) : join(", perhaps ", compact([name, join(" or ", [for known in ["keep_last", "keep_within_days", "min_keep", "deletion_grace_hours", "max_deletions_per_run", "recycle_bin_days"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["keep_last", "keep_within_days", "min_keep", "deletion_grace_hours", "max_deletions_per_run", "recycle_bin_days"], name)])}; expected one of keep_last, keep_within_days, min_keep, deletion_grace_hours, max_deletions_per_run, recycle_bin_days."
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
}

variable "reconcile_minutes" {
  description = "Minutes between the runs that rotation makes in any case; a new snapshot makes it run at once."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition = (
      var.reconcile_minutes >= 5 &&
      var.reconcile_minutes <= 10 &&
      var.reconcile_minutes % 1 == 0
    )
    error_message = "reconcile_minutes: expected a whole number from 5 to 10."
  }
}

variable "alarms" {
  description = "Alarms, at about 0.40 USD each a month with its metric: `all`, or `essential`, the four that tell that workers get no cache, or an old one, or that a build or rotation itself has failed."
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = contains(["all", "essential"], var.alarms)
    error_message = "alarms: expected one of all, essential."
  }
}

variable "reserved_concurrency" {
  description = "Reserved concurrency of the function, from 1 to 1000. -1: none, where the quota of a young account refuses it; nothing relies on it."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition = (
      var.reserved_concurrency >= -1 &&
      var.reserved_concurrency <= 1000 &&
      var.reserved_concurrency % 1 == 0
    )
    error_message = "reserved_concurrency: expected a whole number from -1 to 1000."
  }
}

variable "lambda_runtime" {
  description = "Lambda runtime. nodejs24.x needs AWS provider 6.19.0 or later: an older one refuses it, so require that in your `required_providers`."
  type        = string
  default     = "nodejs22.x"
  nullable    = false

  validation {
    condition     = contains(["nodejs22.x", "nodejs24.x"], var.lambda_runtime)
    error_message = "lambda_runtime: expected one of nodejs22.x, nodejs24.x."
  }
}

variable "copy_proof" {
  description = "How a copying region proves a copy: `dlm`, by a tag that only DLM can write, or `tags`, by ours, for accounts whose copies lack DLM's."
  type        = string
  default     = "dlm"
  nullable    = false

  validation {
    condition     = contains(["dlm", "tags"], var.copy_proof)
    error_message = "copy_proof: expected one of dlm, tags."
  }
}

variable "max_engine" {
  description = "Highest Docker Engine major version whose snapshots are promoted, the oldest that workers run. null: any."
  type        = number
  default     = null

  validation {
    condition = (
      var.max_engine == null
      ? true
      : var.max_engine >= 20 && var.max_engine <= 999 && var.max_engine % 1 == 0
    )
    error_message = "max_engine: expected a whole number from 20 to 999, or null."
  }
}

variable "wake" {
  description = "What wakes the function between its scheduled runs. `rule`: a rule of its own, which each snapshot of the region sets off, whosever it is. `router`: the router of a rotation stack in the region. `none`: nothing."
  type        = string
  default     = "rule"
  nullable    = false

  validation {
    condition     = contains(["rule", "router", "none"], var.wake)
    error_message = "wake: expected one of rule, router, none."
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

variable "watchdog_minutes" {
  description = "Minutes after which rotation sweeps a builder whose instance does not tell its own."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition = (
      var.watchdog_minutes >= 10 &&
      var.watchdog_minutes <= 720 &&
      var.watchdog_minutes % 1 == 0
    )
    error_message = "watchdog_minutes: expected a whole number from 10 to 720."
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
