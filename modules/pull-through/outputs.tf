output "pull_through" {
  description = "Upstream host, or host and path, to the beginning of a repository in ECR, as the module `builder` takes it."
  value       = local.map

  precondition {
    condition = length([
      for key in keys(var.tags) : key if can(regex("(?i)^(aws:|docker-cache:)", key))
    ]) == 0
    error_message = "tags: found the key ${join(", ", [for key in keys(var.tags) : key if can(regex("(?i)^(aws:|docker-cache:)", key))])}, expected a key that does not begin with aws: or docker-cache:, which are AWS's and ours. Rename or remove it."
  }

  precondition {
    condition     = length(var.tags) <= 30
    error_message = "tags: found ${length(var.tags)} tags, expected at most 30. Remove some."
  }

  precondition {
    condition     = length(keys(local.rules)) + (var.ecr_public ? 1 : 0) > 0
    error_message = "ecr_public: found ecr_public: false, and no rules, expected at least one rule. Add a rule, or remove the module."
  }

  precondition {
    condition     = length(keys(local.rules)) + (var.ecr_public ? 1 : 0) <= 50
    error_message = "rules: found ${length(keys(local.rules)) + (var.ecr_public ? 1 : 0)} rules with ours, expected at most 50, the most that a registry has. Remove some."
  }

  precondition {
    condition = length([
      for rule in values(local.rules) : format("%s for %s", rule.secret_name, rule.upstream)
      if(
        rule.secret_name != null &&
        !can(regex(
          "^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)$|^(ghcr[.]io)$|^(registry[.]gitlab[.]com)$|^[a-z0-9]{5,50}[.]azurecr[.]io$|^(cgr[.]dev)$",
          rule.upstream
        ))
      )
    ]) == 0
    error_message = "rules.secret_name: found ${join(", ", [for rule in values(local.rules) : format("%s for %s", rule.secret_name, rule.upstream) if rule.secret_name != null && !can(regex("^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)$|^(ghcr[.]io)$|^(registry[.]gitlab[.]com)$|^[a-z0-9]{5,50}[.]azurecr[.]io$|^(cgr[.]dev)$", rule.upstream))])}, expected none: AWS has no secret_name for this upstream. Remove it."
  }

  precondition {
    condition = length([
      for rule in values(local.rules) : format("%s for %s", rule.role_arn, rule.upstream)
      if(
        rule.role_arn != null &&
        !can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn)$", rule.upstream))
      )
    ]) == 0
    error_message = "rules.role_arn: found ${join(", ", [for rule in values(local.rules) : format("%s for %s", rule.role_arn, rule.upstream) if rule.role_arn != null && !can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn)$", rule.upstream))])}, expected none: AWS has no role_arn for this upstream. Remove it."
  }

  precondition {
    condition = length([
      for rule in values(local.rules) : format("%s for %s", rule.upstream_prefix, rule.upstream)
      if(
        rule.upstream_prefix != null &&
        !can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn)$", rule.upstream))
      )
    ]) == 0
    error_message = "rules.upstream_prefix: found ${join(", ", [for rule in values(local.rules) : format("%s for %s", rule.upstream_prefix, rule.upstream) if rule.upstream_prefix != null && !can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn)$", rule.upstream))])}, expected none: AWS has no upstream_prefix for this upstream. Remove it."
  }

  precondition {
    condition = length([
      for rule in values(local.rules) : format("%s without secret_name", rule.upstream)
      if(
        can(regex(
          "^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)$|^(ghcr[.]io)$|^(registry[.]gitlab[.]com)$|^[a-z0-9]{5,50}[.]azurecr[.]io$|^(cgr[.]dev)$",
          rule.upstream
        )) &&
        rule.secret_name == null
      )
    ]) == 0
    error_message = "rules: found ${join(", ", [for rule in values(local.rules) : format("%s without secret_name", rule.upstream) if can(regex("^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)$|^(ghcr[.]io)$|^(registry[.]gitlab[.]com)$|^[a-z0-9]{5,50}[.]azurecr[.]io$|^(cgr[.]dev)$", rule.upstream)) && rule.secret_name == null])}, expected a secret with a login. Add one such as ecr-pullthroughcache/docker-hub."
  }

  precondition {
    condition = length([
      for upstream in [
        for rule in values(local.rules) : rule.upstream
        if can(regex(
          "^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn)$",
          rule.upstream
        ))
      ] :
      (
        can(regex("[.]ecr[.]cn-", upstream))
        ? format("%s, in China", upstream)
        : format("%s from %s", upstream, local.region)
      )
      if can(regex("[.]ecr[.]cn-", upstream)) || startswith(local.region, "cn-")
    ]) == 0
    error_message = "rules: found ${join(", ", [for upstream in [for rule in values(local.rules) : rule.upstream if can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn)$", rule.upstream))] : can(regex("[.]ecr[.]cn-", upstream)) ? format("%s, in China", upstream) : format("%s from %s", upstream, local.region) if can(regex("[.]ecr[.]cn-", upstream)) || startswith(local.region, "cn-")])}, expected ECR registries outside of China. Remove the rule."
  }

  precondition {
    condition     = !var.ecr_public || !contains(keys(local.rules), "ecr-public")
    error_message = "rules: found ecr-public, which ecr_public has, expected each prefix once. Remove the rule, or add ecr_public = false."
  }

  precondition {
    condition = length(flatten([
      for prefix in keys(local.rules) : [
        for other in concat(keys(local.rules), var.ecr_public ? ["ecr-public"] : []) :
        format("%s, below %s", prefix, other)
        if startswith(prefix, format("%s/", other))
      ]
    ])) == 0
    error_message = "rules: found ${join(", ", flatten([for prefix in keys(local.rules) : [for other in concat(keys(local.rules), var.ecr_public ? ["ecr-public"] : []) : format("%s, below %s", prefix, other) if startswith(prefix, format("%s/", other))]]))}, expected no prefix below another. Rename one of the two."
  }

  precondition {
    condition = length(distinct([
      for index, served in concat(var.ecr_public ? ["public.ecr.aws"] : [], [
        for prefix, rule in local.rules :
        join("/", compact([
          (
            contains(
              ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"],
              rule.upstream
            )
            ? "docker.io"
            : rule.upstream
          ),
          rule.upstream_prefix,
        ]))
        if prefix != "ecr-public"
      ]) :
      format("%s again", served)
      if index(
        concat(var.ecr_public ? ["public.ecr.aws"] : [], [
          for prefix, rule in local.rules :
          join("/", compact([
            (
              contains(
                ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"],
                rule.upstream
              )
              ? "docker.io"
              : rule.upstream
            ),
            rule.upstream_prefix,
          ]))
          if prefix != "ecr-public"
        ]),
        served
      ) < index
    ])) == 0
    error_message = "rules: found ${join(", ", distinct([for index, served in concat(var.ecr_public ? ["public.ecr.aws"] : [], [for prefix, rule in local.rules : join("/", compact([contains(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"], rule.upstream) ? "docker.io" : rule.upstream, rule.upstream_prefix])) if prefix != "ecr-public"]) : format("%s again", served) if index(concat(var.ecr_public ? ["public.ecr.aws"] : [], [for prefix, rule in local.rules : join("/", compact([contains(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"], rule.upstream) ? "docker.io" : rule.upstream, rule.upstream_prefix])) if prefix != "ecr-public"]), served) < index]))}, expected each upstream once. Remove one of the two."
  }

  precondition {
    condition = (
      var.monthly_budget_usd == null ||
      local.notifications.email != null ||
      local.notifications.topic != null
    )
    error_message = "monthly_budget_usd: found a budget in ${local.region}, whose notifications name nobody, expected an address or a topic to tell. Add notifications.email, or remove the budget."
  }

  precondition {
    condition     = local.notifications.email == null || local.notifications.topic == null
    error_message = "notifications.email: found ${coalesce(local.notifications.email, "an address")} beside a topic, expected an address, or a topic of yours: only a topic of ours gets subscriptions. Subscribe the address to your topic, and remove it here."
  }
}

output "registry_url" {
  description = "Host of the account's registry in the region."
  value       = "${local.account_id}.dkr.ecr.${local.region}.${local.dns_suffix}"
}

output "public_ecr_cache_prefix" {
  description = "Beginning of ECR Public's images there; null without its rule."
  value = (
    contains(keys(local.all_rules), "ecr-public")
    ? "${local.account_id}.dkr.ecr.${local.region}.${local.dns_suffix}/ecr-public"
    : null
  )
}

output "puller_policy_arn" {
  description = "ARN of the policy for roles that pull through."
  value       = aws_iam_policy.puller.arn
}

output "alarm_topic_arn" {
  description = "ARN of the SNS topic that alarms go to."
  value       = local.alarm_topic_arn
}
