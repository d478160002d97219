output "bucket" {
  description = "Name of the bucket. null with `backend = \"ecr\"`."
  value       = var.bucket == null ? one(aws_s3_bucket.layers[*].bucket) : var.bucket
}

output "repository_url" {
  description = "Host and beginning of the two repositories, which end in `/default` and `/branches`. null with `backend = \"s3\"`."
  value = (
    var.backend == "ecr"
    ? "${local.account_id}.dkr.ecr.${local.region}.${local.dns_suffix}/docker-cache-layer-cache/${var.name}"
    : null
  )

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
    condition     = var.backend == "s3" || var.bucket == null
    error_message = "bucket: found ${coalesce(var.bucket, "none")}, expected none with backend: ecr, which has repositories of the entry's own. Remove it, or write backend = \"s3\"."
  }

  precondition {
    condition = !can(regex(
      "^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|[.]mrap|--x-s3|--table-s3)$|[.][.]|^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$",
      coalesce(var.bucket, "none")
    ))
    error_message = "bucket: found ${coalesce(var.bucket, "none")}, expected a name that S3 gives to buckets: no address, no two dots in a row, nothing that S3 reserves. Name a general purpose bucket."
  }

  precondition {
    condition = (
      var.backend != "s3" ||
      var.bucket != null ||
      length("docker-cache-${var.name}-${local.account_id}-${local.region}") <= 63
    )
    error_message = "name: found docker-cache-${var.name}-${local.account_id}-${local.region}, ${length("docker-cache-${var.name}-${local.account_id}-${local.region}")} characters, expected at most 63 characters as the name of an S3 bucket. Shorten it by ${length("docker-cache-${var.name}-${local.account_id}-${local.region}") - 63}, or give bucket."
  }

  precondition {
    condition = (
      var.backend != "ecr" ||
      can(regex(
        "^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$",
        "docker-cache-layer-cache/${var.name}/default"
      ))
    )
    error_message = "name: found docker-cache-layer-cache/${var.name}/default, expected lower-case letters and digits, joined by single . _ - or / as the name of an ECR repository. Rename it."
  }
}

output "reader_policy_arn" {
  description = "ARN of the policy for builds that only read."
  value       = aws_iam_policy.reader.arn
}

output "branch_writer_policy_arn" {
  description = "ARN of the policy for builds of branches that are not protected."
  value       = aws_iam_policy.branch_writer.arn
}

output "writer_policy_arn" {
  description = "ARN of the policy for builds of protected branches."
  value       = aws_iam_policy.writer.arn
}
