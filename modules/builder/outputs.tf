output "launch_template_id" {
  description = "Id of the builders' launch template: run an instance from it to build now."
  value       = aws_launch_template.builder.id
}

output "cache_volume_id" {
  description = "Id of the cache volume."
  value       = aws_ebs_volume.cache.id
}

output "availability_zone" {
  description = "Zone of the cache volume, in which builders run."
  value       = aws_ebs_volume.cache.availability_zone
}

output "role_arn" {
  description = "ARN of the builders' role; null if it is yours."
  value       = one(aws_iam_role.builder[*].arn)
}

output "role_name" {
  description = "Name of the builders' role: attach policies of yours to it. null if it is yours."
  value       = one(aws_iam_role.builder[*].id)
}

output "role_policy_json" {
  description = "What the builders' role must be allowed, for one of yours."
  value       = data.aws_iam_policy_document.builder.json
}

output "security_group_id" {
  description = "Id of the builders' security group; null if the groups are yours."
  value       = one(aws_security_group.builder[*].id)
}

output "log_group_name" {
  description = "Name of the log group of builds."
  value       = aws_cloudwatch_log_group.builder.name
}

output "name_prefix" {
  description = "Beginning of the names of what is made."
  value       = "docker-cache-${var.name}-${var.architecture}"

  precondition {
    condition     = length("docker-cache-${var.name}-${var.architecture}-scheduler-${local.region}") <= 64
    error_message = "name: found docker-cache-${var.name}-${var.architecture}-scheduler-${local.region}, ${length("docker-cache-${var.name}-${var.architecture}-scheduler-${local.region}")} characters, expected at most 64 characters as the name of an IAM role. Shorten the cache's name by ${length("docker-cache-${var.name}-${var.architecture}-scheduler-${local.region}") - 64}."
  }

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
    condition = (
      var.architecture == "x86_64" ||
      !can(regex("^(t2|t3|t3a|[cmr][3-9](a|i|d|n|ad|dn|id|in|idn|i-flex)?)\\.", local.instance_type))
    )
    error_message = "instance_type: found ${local.instance_type}, which is x86_64, expected an instance type of architecture ${var.architecture}. Take one such as ${ { x86_64 = "m7i.large", arm64 = "m7g.large" }[var.architecture]}, or set architecture to x86_64."
  }

  precondition {
    condition = (
      var.architecture == "x86_64" ||
      !can(regex("^resolve:.*[/_-](x86_64|amd64)([/_-]|$)", local.image_id))
    )
    error_message = "image_id: found ${local.image_id}, which is of x86_64, expected an AMI of architecture ${var.architecture}. Name the parameter of ${var.architecture}, or set architecture to x86_64."
  }

  precondition {
    condition = (
      var.architecture == "arm64" ||
      !can(regex("^([a-z]+[0-9]+g[a-z]*|a1)\\.", local.instance_type))
    )
    error_message = "instance_type: found ${local.instance_type}, which is arm64, expected an instance type of architecture ${var.architecture}. Take one such as ${ { x86_64 = "m7i.large", arm64 = "m7g.large" }[var.architecture]}, or set architecture to arm64."
  }

  precondition {
    condition = (
      var.architecture == "arm64" ||
      !can(regex("^resolve:.*[/_-](arm64|aarch64)([/_-]|$)", local.image_id))
    )
    error_message = "image_id: found ${local.image_id}, which is of arm64, expected an AMI of architecture ${var.architecture}. Name the parameter of ${var.architecture}, or set architecture to arm64."
  }

  precondition {
    condition     = var.associate_public_ip_address == null || var.subnet_id != null
    error_message = "associate_public_ip_address: found ${coalesce(var.associate_public_ip_address, false)}, expected `subnet_id` beside it, for without one the default subnet decides. Add subnet_id, or remove it."
  }

  precondition {
    condition = !can(regex(
      "^((c1|c3|c4|cc1|cc2|cg1|cr1|d2|f1|g2|g3|g3s|h1|hi1|hs1|i2|m1|m2|m3|m4|p2|p3|r3|r4|t1|t2|x1|x1e)\\.|i3\\.[0-9lx])",
      local.instance_type
    ))
    error_message = "Instance type ${local.instance_type} runs on Xen, and shows no EBS volume under its id: take one of the Nitro system, such as m7i.large."
  }

  precondition {
    condition = (
      local.volume.size_gib >= local.volume_type.size_gib[0] &&
      local.volume.size_gib <= local.volume_type.size_gib[1]
    )
    error_message = "volume.size_gib: found ${local.volume.size_gib} GiB, expected ${local.volume_type.size_gib[0]} to ${local.volume_type.size_gib[1]} GiB of type ${local.volume.type}. Change the size, or take type gp3."
  }

  precondition {
    condition     = local.volume.iops != null || local.volume_type.baseline_iops != null
    error_message = "volume.iops: found nothing, expected IOPS for a volume of type ${local.volume.type}. Add iops, or take type gp3."
  }

  precondition {
    condition     = local.volume.iops == null || local.volume_type.iops != null
    error_message = "volume.iops: found ${coalesce(local.volume.iops, 0)}, expected no IOPS, for ${local.volume.type} takes none. Remove it, or take type gp3."
  }

  precondition {
    condition = try(
      local.volume.iops >= local.volume_type.iops[0] && local.volume.iops <= local.most_iops,
      true
    )
    error_message = "volume.iops: found ${coalesce(local.volume.iops, 0)}, expected ${try(local.volume_type.iops[0], 0)} to ${local.most_iops} IOPS for ${local.volume.size_gib} GiB of type ${local.volume.type}. Change it, or enlarge the volume."
  }

  precondition {
    condition     = local.volume.throughput_mibps == null || local.volume_type.throughput_mibps != null
    error_message = "volume.throughput_mibps: found ${coalesce(local.volume.throughput_mibps, 0)} MiB/s, expected no throughput, for ${local.volume.type} takes none. Remove it, or take type gp3."
  }

  precondition {
    condition = (
      local.volume.throughput_mibps == null || local.volume_type.throughput_mibps == null
      ? true
      : local.volume.throughput_mibps <= local.most_throughput_mibps
    )
    error_message = "volume.throughput_mibps: found ${coalesce(local.volume.throughput_mibps, 0)} MiB/s, expected at most ${local.most_throughput_mibps} MiB/s with ${coalesce(local.volume.iops, local.volume_type.baseline_iops, 0)} IOPS. Ask for ${coalesce(local.volume.throughput_mibps, 0) * 4} IOPS or more, or lower it."
  }

  precondition {
    condition     = length(compact(local.image_problems)) == 0
    error_message = "images: found ${join("; ", [for index, problem in local.image_problems : format("\"%s\": %s", local.image_references[index], problem) if problem != null])}, expected an image reference. Write [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]."
  }

  precondition {
    condition     = length(distinct(local.full_image_references)) == length(local.full_image_references)
    error_message = "images: found ${join("; ", [for index, image in local.full_image_references : local.image_references[index] == local.image_references[index(local.full_image_references, image)] ? format("%s again", local.image_references[index(local.full_image_references, image)]) : format("%s, the same image as %s above", local.image_references[index], local.image_references[index(local.full_image_references, image)]) if index(local.full_image_references, image) < index])}, expected each image once. Remove one of the two."
  }

  precondition {
    condition = (
      local.build.expression == null ||
      can(regex(
        "^(rate\\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))\\)|cron\\((([0-5]?[0-9](-[0-5]?[0-9])?|\\*)(/[0-9]+)?(,([0-5]?[0-9](-[0-5]?[0-9])?|\\*)(/[0-9]+)?)*) ((([01]?[0-9]|2[0-3])(-([01]?[0-9]|2[0-3]))?|\\*)(/[0-9]+)?(,(([01]?[0-9]|2[0-3])(-([01]?[0-9]|2[0-3]))?|\\*)(/[0-9]+)?)*) ((((0?[1-9]|[12][0-9]|3[01])(-(0?[1-9]|[12][0-9]|3[01]))?|\\*)(/[0-9]+)?(,((0?[1-9]|[12][0-9]|3[01])(-(0?[1-9]|[12][0-9]|3[01]))?|\\*)(/[0-9]+)?)*|L|LW|(0?[1-9]|[12][0-9]|3[01])W) ((([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(-([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC))?|\\*)(/[0-9]+)?(,(([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(-([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC))?|\\*)(/[0-9]+)?)*) \\?|\\? ((([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(-([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC))?|\\*)(/[0-9]+)?(,(([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(-([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC))?|\\*)(/[0-9]+)?)*) ((([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(-([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT))?|\\*)(/[0-9]+)?(,(([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(-([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT))?|\\*)(/[0-9]+)?)*|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])) (((19[7-9][0-9]|2[01][0-9][0-9])(-(19[7-9][0-9]|2[01][0-9][0-9]))?|\\*)(/[0-9]+)?(,((19[7-9][0-9]|2[01][0-9][0-9])(-(19[7-9][0-9]|2[01][0-9][0-9]))?|\\*)(/[0-9]+)?)*)\\))$",
        local.build.expression
      ))
    )
    error_message = "build.expression: found ${coalesce(local.build.expression, "nothing")}, expected rate(N minutes|hours|days), or cron() of six fields. Correct it, or use at."
  }

  precondition {
    condition     = local.build.expression == null || length(local.build.at) == 0
    error_message = "build.expression: found ${coalesce(local.build.expression, "nothing")} beside `at: [${join(", ", local.build.at)}]`, expected either times of day or an expression. Add at = [], or remove the expression."
  }

  precondition {
    condition     = contains(split("\n", file("${path.module}/time-zones.txt")), local.build.time_zone)
    error_message = "build.time_zone: found \"${local.build.time_zone}\", expected the IANA name of a time zone such as UTC or Europe/Berlin. Look it up under https://www.iana.org/time-zones."
  }

  precondition {
    condition     = length(distinct(local.build.at)) == length(local.build.at)
    error_message = "build.at: found ${join(", ", distinct([for index, item in local.build.at : format("%s again", item) if index(local.build.at, item) < index]))}, expected each time once. Remove one of the two."
  }

  precondition {
    condition     = length(distinct(local.registries[*].host)) == length(local.registries[*].host)
    error_message = "registries: found ${join(", ", distinct([for index, item in local.registries[*].host : format("%s again", item) if index(local.registries[*].host, item) < index]))}, expected each registry once. Remove one of the two."
  }

  precondition {
    condition     = length(distinct(local.copy_to[*].region)) == length(local.copy_to[*].region)
    error_message = "copy_to: found ${join(", ", distinct([for index, item in local.copy_to[*].region : format("%s again", item) if index(local.copy_to[*].region, item) < index]))}, expected each region once. Remove one of the two."
  }

  precondition {
    condition     = !contains(local.copy_to[*].region, local.region)
    error_message = "copy_to: found ${local.region}, the region itself, expected regions that copy from here. Remove it."
  }

  precondition {
    condition     = var.create_role ? var.instance_profile_name == null : true
    error_message = "instance_profile_name: found one of yours beside create_role = true, expected create_role = false. Set it, or remove what is yours."
  }

  precondition {
    condition     = var.create_role ? true : var.instance_profile_name != null
    error_message = "instance_profile_name: found none beside create_role = false, expected yours. Name instance_profile_name and role_arn."
  }

  precondition {
    condition     = var.create_role ? var.role_arn == null : true
    error_message = "role_arn: found one of yours beside create_role = true, expected create_role = false. Set it, or remove what is yours."
  }

  precondition {
    condition     = var.create_role ? true : var.role_arn != null
    error_message = "role_arn: found none beside create_role = false, expected yours. Name instance_profile_name and role_arn."
  }

  precondition {
    condition     = var.create_security_group ? true : length(var.security_group_ids) > 0
    error_message = "security_group_ids: found none beside create_security_group = false, expected at least one of yours. Name one: builders are always in a group that is meant for them."
  }

  precondition {
    condition = length([
      for index, key in [
        for key in keys(var.pull_through == null ? {} : var.pull_through) :
        replace(
          key,
          "/^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)(/|$)/",
          "docker.io$2"
        )
      ] :
      format("%s again", key)
      if index(
        [
          for key in keys(var.pull_through == null ? {} : var.pull_through) :
          replace(
            key,
            "/^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)(/|$)/",
            "docker.io$2"
          )
        ],
        key
      ) < index
    ]) == 0
    error_message = "pull_through: found ${join(", ", [for index, key in [for key in keys(var.pull_through == null ? {} : var.pull_through) : replace(key, "/^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)(/|$)/", "docker.io$2")] : format("%s again", key) if index([for key in keys(var.pull_through == null ? {} : var.pull_through) : replace(key, "/^(docker[.]io|index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)(/|$)/", "docker.io$2")], key) < index])}, expected each upstream once. Remove one."
  }

  precondition {
    condition = (
      length(local.copy_to) == 0 ||
      length(local.build.at) > 0 && local.build.expression == null
    )
    error_message = "A cache that other regions copy is built at times of day, so that builds keep clear of the replication: give build.at, and no build.expression."
  }

  precondition {
    condition     = length(local.copy_to) == 0 || local.replicate_at != null
    error_message = "Terraform does not know the offsets of time zones: give build.replicate_at in UTC, or build in UTC."
  }

  precondition {
    condition = (
      local.build.time_zone != "UTC" ||
      alltrue([
        for minutes in local.minutes_to_replication :
        minutes > local.longest_build_minutes && minutes < 1370
      ])
    )
    error_message = "Builds would meet the replication at ${coalesce(local.replicate_at, "?")} UTC: each needs ${local.longest_build_minutes} minutes before it, and begins more than 70 minutes after it. Move build.at or build.replicate_at."
  }
}
