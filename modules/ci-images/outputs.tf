output "repository_url" {
  description = "Host and name of the repository, as images begin. Known while planning."
  value       = "${local.account_id}.dkr.ecr.${local.region}.${local.dns_suffix}/${local.repository}"
}

output "repository_name" {
  description = "Name of the repository, without its host."
  value       = local.repository

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
    condition = can(regex(
      "^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$",
      local.repository
    ))
    error_message = "name: found ${local.repository}, expected lower-case letters and digits, joined by single . _ - or / as the name of an ECR repository. Rename it, or give repository."
  }
}

output "puller_policy_arn" {
  description = "ARN of the policy for roles of jobs that use images."
  value       = aws_iam_policy.puller.arn
}

output "pusher_policy_arn" {
  description = "ARN of the policy for roles of jobs that push images too."
  value       = aws_iam_policy.pusher.arn
}
