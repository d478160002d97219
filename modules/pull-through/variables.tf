variable "tags" {
  description = "Tags for every resource, beside our own."
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
  description = "Customer key for what is stored. null: the AWS managed keys."
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

variable "ecr_public" {
  description = "A rule for public.ecr.aws under the prefix `ecr-public`, which needs no login."
  type        = bool
  default     = true
  nullable    = false
}

variable "rules" {
  description = <<-EOT
    Rules by the prefix that their repositories have in ECR. Builders use them unless `caches.<c>.pull_through` says otherwise.
    `upstream` (string, required): Host of the upstream registry, as references spell it.
    `secret_name` (string, default null): Name of a secret that exists in each of the regions: JSON with `username` and `accessToken`. Needed for docker.io, ghcr.io, registry.gitlab.com, azurecr.io and cgr.dev; no other has one.
    `role_arn` (string, default null): Role of yours with which ECR reads an ECR registry of another account. null: none.
    `upstream_prefix` (string, default null): Beginning of the repositories' names in an upstream ECR registry. null: all of them.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.rules))
    error_message = "rules: expected a map."
  }

  validation {
    condition = alltrue([
      for name in distinct(flatten([for item in try(values(var.rules), []) : try(keys(item), [])])) :
      contains(["upstream", "secret_name", "role_arn", "upstream_prefix"], name)
    ])
    error_message = "each of rules: found the unknown key ${join("; ", [for name in distinct(flatten([for item in try(values(var.rules), []) : try(keys(item), [])])) : join(", perhaps ", compact([name, join(" or ", [for known in ["upstream", "secret_name", "role_arn", "upstream_prefix"] : known if substr(known, 0, 3) == substr(name, 0, 3)])])) if !contains(["upstream", "secret_name", "role_arn", "upstream_prefix"], name)])}; expected one of upstream, secret_name, role_arn, upstream_prefix."
  }

  validation {
    condition = try(
      alltrue([
        for key in keys(var.rules) :
        (
          (
            can(regex("^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$", key)) &&
            length(key) >= 2
          ) &&
          length(key) <= 30
        )
      ]),
      true
    )
    error_message = "each key of rules: expected an ECR repository prefix of 2 to 30 lower-case letters, digits and . _ - / such as docker-hub, at most 30 characters."
  }

  validation {
    condition     = try(alltrue([for item in values(var.rules) : can(keys(item))]), true)
    error_message = "each of rules: expected an object."
  }

  validation {
    condition = try(
      alltrue([
        for item in values(var.rules) :
        try(
          can(regex(
            "^((docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)|(public[.]ecr[.]aws)|(quay[.]io)|(registry[.]k8s[.]io)|(ghcr[.]io)|(registry[.]gitlab[.]com)|[a-z0-9]{5,50}[.]azurecr[.]io|(cgr[.]dev)|[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn))$",
            item.upstream
          )),
          false
        )
      ]),
      true
    )
    error_message = "each of rules.upstream: expected docker.io, public.ecr.aws, quay.io, registry.k8s.io, ghcr.io, registry.gitlab.com, NAME.azurecr.io, cgr.dev, or ACCOUNT.dkr.ecr.REGION.amazonaws.com."
  }

  validation {
    condition = try(
      alltrue([
        for item in values(var.rules) :
        (
          try(item.secret_name, null) == null
          ? true
          : try(can(regex("^ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{1,491}$", item.secret_name)), false)
        )
      ]),
      true
    )
    error_message = "each of rules.secret_name: expected the name of a Secrets Manager secret that begins with ecr-pullthroughcache/, not its ARN, or null."
  }

  validation {
    condition = try(
      alltrue([
        for item in values(var.rules) :
        (
          try(item.role_arn, null) == null
          ? true
          : try(can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", item.role_arn)), false)
        )
      ]),
      true
    )
    error_message = "each of rules.role_arn: expected the ARN of an IAM role (arn:aws:iam::ACCOUNT:role/NAME), or null."
  }

  validation {
    condition = try(
      alltrue([
        for item in values(var.rules) :
        (
          try(item.upstream_prefix, null) == null
          ? true
          : try(
            (
              (
                can(regex("^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$", item.upstream_prefix)) &&
                length(item.upstream_prefix) >= 2
              ) &&
              length(item.upstream_prefix) <= 30
            ),
            false
          )
        )
      ]),
      true
    )
    error_message = "each of rules.upstream_prefix: expected an ECR repository prefix of 2 to 30 lower-case letters, digits and . _ - / such as docker-hub, at most 30 characters, or null."
  }
}

variable "expire_after_days" {
  description = "Days after its push at which ECR deletes an image; it cannot go by the last pull. 0: never."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = (
      var.expire_after_days >= 0 &&
      var.expire_after_days <= 3650 &&
      var.expire_after_days % 1 == 0
    )
    error_message = "expire_after_days: expected a whole number from 0 to 3650."
  }
}

variable "monthly_budget_usd" {
  description = "Budget in US dollars for all that ECR costs in the region, told to `notifications` when it is spent, and when it is forecast to be. null: none."
  type        = number
  default     = null

  validation {
    condition = (
      var.monthly_budget_usd == null
      ? true
      : var.monthly_budget_usd > 0 && var.monthly_budget_usd <= 1000000000
    )
    error_message = "monthly_budget_usd: expected a number, greater than 0, at most 1000000000, or null."
  }
}

variable "notifications" {
  description = <<-EOT
    Where the alarms of a region go.
    `email` (string, default null): Subscribed to the alarm topic of ours.
    `topic` (object, default null): SNS topic of yours in place of ours. Its policy and its key must admit what publishes to ours.
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
