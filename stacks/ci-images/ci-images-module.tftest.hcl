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
  name = "app"
}

run "a_name_is_enough" {
  assert {
    condition     = output.repository_url == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/build-cache/app"
    error_message = "The repository is called after the entry."
  }

  assert {
    condition     = output.repository_name == "build-cache/app"
    error_message = "Its name has no host."
  }

  assert {
    condition     = aws_ecr_repository.images.image_tag_mutability == "MUTABLE"
    error_message = "`latest` moves."
  }

  assert {
    condition     = aws_ecr_repository.images.force_delete
    error_message = "Images do not keep a repository from being destroyed."
  }

  assert {
    condition     = length(aws_ecr_repository.images.encryption_configuration) == 0
    error_message = "Without a key ECR encrypts by its own."
  }

  assert {
    condition = jsondecode(aws_ecr_lifecycle_policy.images.policy) == {
      rules = [{
        rulePriority = 1
        description  = "Expire images older than 7 days"
        selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      }]
    }
    error_message = "Images of any tag expire by the age of their push."
  }

  assert {
    condition     = aws_iam_policy.puller.name == "docker-cache-ci-images-app-puller-eu-west-1"
    error_message = "Policies are called after entry and region."
  }

  assert {
    condition     = aws_iam_policy.pusher.name == "docker-cache-ci-images-app-pusher-eu-west-1"
    error_message = "Policies are called after entry and region."
  }
}

run "a_repository_may_be_called_otherwise" {
  variables {
    repository   = "build-cache/acme/app"
    max_age_days = 30
    tags         = { team = "ci" }
    role_path    = "/ci/"
    kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222"
  }

  assert {
    condition     = output.repository_name == "build-cache/acme/app"
    error_message = "The name is what was given."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.images.policy).rules[0].selection.countNumber == 30
    error_message = "The age is what was given."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.images.policy).rules[0].description == "Expire images older than 30 days"
    error_message = "The description says the age."
  }

  assert {
    condition = aws_ecr_repository.images.tags == tomap({
      "docker-cache:companion" = "ci-images"
      "docker-cache:name"      = "app"
      team                     = "ci"
    })
    error_message = "Jobs know a repository of Terraform's by its tag."
  }

  assert {
    condition     = aws_ecr_repository.images.encryption_configuration[0].encryption_type == "KMS"
    error_message = "A key encrypts images."
  }

  assert {
    condition     = aws_iam_policy.pusher.path == "/ci/"
    error_message = "Policies have the path of roles."
  }
}

run "an_age_of_nothing" {
  command = plan

  variables {
    max_age_days = 0
  }

  expect_failures = [var.max_age_days]
}

run "a_repository_that_ecr_refuses" {
  command = plan

  variables {
    repository = "Acme/App"
  }

  expect_failures = [var.repository]
}

run "a_name_that_makes_no_repository" {
  command = plan

  variables {
    name = "app-"
  }

  expect_failures = [output.repository_name]
}

run "a_tag_of_ours" {
  command = plan

  variables {
    tags = { "docker-cache:companion" = "other" }
  }

  expect_failures = [output.repository_name]
}
