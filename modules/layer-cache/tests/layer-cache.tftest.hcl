# Runs without an account: the AWS provider is a mock, plans and applies are Terraform's own.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/mock" }
  }
}

variables {
  name = "ci"
}

run "a_name_is_enough" {
  assert {
    condition     = output.bucket == "docker-cache-ci-123456789012-eu-west-1"
    error_message = "The bucket is called after entry, account and region."
  }

  assert {
    condition     = output.repository_url == null
    error_message = "There is no repository."
  }

  assert {
    condition     = length(aws_ecr_repository.default) + length(aws_ecr_repository.branches) == 0
    error_message = "There is no repository."
  }

  assert {
    condition     = aws_s3_bucket.layers[0].force_destroy
    error_message = "Layers do not keep a bucket from being destroyed."
  }

  assert {
    condition = join(", ", [
      for rule in aws_s3_bucket_lifecycle_configuration.layers[0].rule :
      "${rule.id} ${rule.filter[0].prefix} ${join("", concat(rule.expiration[*].days, rule.abort_incomplete_multipart_upload[*].days_after_initiation))}"
    ]) == "manifests ci/manifests/ 14, blobs ci/blobs/ 21, uploads  1"
    error_message = "Blobs outlive manifests by a week."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.layers[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Without a key S3 encrypts by its own."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.layers[0].block_public_acls,
      aws_s3_bucket_public_access_block.layers[0].block_public_policy,
      aws_s3_bucket_public_access_block.layers[0].ignore_public_acls,
      aws_s3_bucket_public_access_block.layers[0].restrict_public_buckets,
    ])
    error_message = "Nothing is public."
  }

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.layers[0].rule).object_ownership == "BucketOwnerEnforced"
    error_message = "Objects have no access lists."
  }

  assert {
    condition     = aws_iam_policy.reader.name == "docker-cache-layer-cache-reader-ci-eu-west-1"
    error_message = "Policies are called after entry and region."
  }

  assert {
    condition     = aws_iam_policy.branch_writer.name == "docker-cache-layer-cache-branch-writer-ci-eu-west-1"
    error_message = "Policies are called after entry and region."
  }

  assert {
    condition     = aws_iam_policy.writer.name == "docker-cache-layer-cache-writer-ci-eu-west-1"
    error_message = "Policies are called after entry and region."
  }
}

run "a_key_encrypts_the_bucket" {
  variables {
    expire_after_days = 1
    tags              = { team = "ci" }
    role_path         = "/ci/"
    kms_key_arn       = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.layers[0].rule).apply_server_side_encryption_by_default).kms_master_key_id == "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222"
    error_message = "The key is what was given."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.layers[0].rule).bucket_key_enabled
    error_message = "The bucket has a key of its own below it."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.layers[0].rule : rule.expiration[0].days if rule.id != "uploads"] == [1, 8]
    error_message = "The age is what was given."
  }

  assert {
    condition = aws_s3_bucket.layers[0].tags == tomap({
      "docker-cache:companion" = "layer-cache"
      "docker-cache:name"      = "ci"
      team                     = "ci"
    })
    error_message = "Tags say whose the bucket is."
  }

  assert {
    condition     = aws_iam_policy.writer.path == "/ci/"
    error_message = "Policies have the path of roles."
  }
}

run "a_bucket_of_ones_own" {
  variables {
    bucket = "acme-layers"
  }

  assert {
    condition     = output.bucket == "acme-layers"
    error_message = "The bucket is the user's."
  }

  assert {
    condition     = length(aws_s3_bucket.layers) + length(aws_s3_bucket_lifecycle_configuration.layers) + length(aws_s3_bucket_policy.layers) == 0
    error_message = "It gets nothing of ours."
  }
}

run "repositories" {
  variables {
    backend     = "ecr"
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222"
  }

  assert {
    condition     = output.bucket == null && length(aws_s3_bucket.layers) == 0
    error_message = "There is no bucket."
  }

  assert {
    condition     = output.repository_url == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-cache-layer-cache/ci"
    error_message = "Repositories are called after the entry."
  }

  assert {
    condition     = [aws_ecr_repository.default[0].name, aws_ecr_repository.branches[0].name] == ["docker-cache-layer-cache/ci/default", "docker-cache-layer-cache/ci/branches"]
    error_message = "Protected branches have one of their own."
  }

  assert {
    condition     = alltrue([for repository in [aws_ecr_repository.default[0], aws_ecr_repository.branches[0]] : repository.force_delete && repository.image_tag_mutability == "MUTABLE" && repository.encryption_configuration[0].encryption_type == "KMS"])
    error_message = "Tags move, images keep no repository, a key encrypts."
  }

  assert {
    condition = jsondecode(aws_ecr_lifecycle_policy.branches[0].policy) == {
      rules = [
        {
          rulePriority = 1
          description  = "Expire caches that another has replaced, older than 7 days"
          selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
          action       = { type = "expire" }
        },
        {
          rulePriority = 2
          description  = "Expire caches older than 14 days"
          selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
          action       = { type = "expire" }
        },
      ]
    }
    error_message = "What was replaced goes after a week."
  }
}

run "an_age_of_nothing" {
  command = plan

  variables {
    expire_after_days = 0
  }

  expect_failures = [var.expire_after_days]
}

run "another_backend" {
  command = plan

  variables {
    backend = "gha"
  }

  expect_failures = [var.backend]
}

run "an_address_of_a_bucket" {
  command = plan

  variables {
    bucket = "s3://acme-layers"
  }

  expect_failures = [var.bucket]
}

run "a_bucket_with_ecr" {
  command = plan

  variables {
    backend = "ecr"
    bucket  = "acme-layers"
  }

  expect_failures = [output.repository_url]
}

run "a_name_that_s3_reserves" {
  command = plan

  variables {
    bucket = "acme-layers--x-s3"
  }

  expect_failures = [output.repository_url]
}

run "a_name_that_makes_no_repository" {
  command = plan

  variables {
    backend = "ecr"
    name    = "app-"
  }

  expect_failures = [output.repository_url]
}

run "a_tag_of_ours" {
  command = plan

  variables {
    tags = { "docker-cache:companion" = "other" }
  }

  expect_failures = [output.repository_url]
}
