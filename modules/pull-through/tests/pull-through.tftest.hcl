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

  mock_data "aws_secretsmanager_secrets" {
    defaults = {
      arns = [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/docker-hub-other-AbCdEf",
      ]
    }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/mock" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock" }
  }
}

variables {
  rules = {
    docker-hub = { upstream = "docker.io", secret_name = "ecr-pullthroughcache/docker-hub" }
    quay       = { upstream = "quay.io" }
  }
}

run "without_rules_there_is_ecr_public" {
  variables {
    rules = {}
  }

  assert {
    condition = output.pull_through == tomap({
      "docker.io/library" = "ecr-public/docker/library"
      "public.ecr.aws"    = "ecr-public"
    })
    error_message = "Official images come through ECR Public if nothing serves Docker Hub."
  }

  assert {
    condition     = output.public_ecr_cache_prefix == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ecr-public"
    error_message = "The prefix begins with the registry's host."
  }
}

run "rules_make_the_map" {
  assert {
    condition = output.pull_through == tomap({
      "docker.io"      = "docker-hub"
      "public.ecr.aws" = "ecr-public"
      "quay.io"        = "quay"
    })
    error_message = "The map has each upstream by its rule's prefix."
  }

  assert {
    condition     = aws_ecr_pull_through_cache_rule.upstreams["docker-hub"].upstream_registry_url == "registry-1.docker.io"
    error_message = "ECR's API has a host of its own for Docker Hub."
  }

  assert {
    condition     = endswith(aws_ecr_pull_through_cache_rule.upstreams["docker-hub"].credential_arn, "docker-hub-AbCdEf")
    error_message = "The secret is the one of exactly this name."
  }

  assert {
    condition     = aws_ecr_pull_through_cache_rule.upstreams["quay"].credential_arn == null
    error_message = "Quay takes no login."
  }

  assert {
    condition     = aws_ecr_repository_creation_template.upstreams["quay"].image_tag_mutability == "MUTABLE"
    error_message = "An immutable tag would never be refreshed."
  }
}

run "a_secret_that_is_missing_fails_the_plan" {
  command = plan

  variables {
    rules = {
      docker-hub = { upstream = "docker.io", secret_name = "ecr-pullthroughcache/docker" }
    }
  }

  expect_failures = [aws_ecr_pull_through_cache_rule.upstreams]
}

run "an_upstream_that_ecr_does_not_know" {
  command = plan

  variables {
    rules = { other = { upstream = "registry.example.com" } }
  }

  expect_failures = [var.rules]
}

run "a_login_that_is_missing" {
  command = plan

  variables {
    rules = { docker-hub = { upstream = "docker.io" } }
  }

  expect_failures = [output.pull_through]
}

run "images_are_kept_for_ever" {
  variables {
    expire_after_days = 0
  }

  assert {
    condition     = alltrue([for template in aws_ecr_repository_creation_template.upstreams : template.lifecycle_policy == null])
    error_message = "0 means never."
  }
}

run "a_budget_is_told_to_an_address" {
  variables {
    monthly_budget_usd = 20
    notifications      = { email = "ci@example.com" }
  }

  assert {
    condition     = tostring(aws_budgets_budget.ecr[0].limit_amount) == "20"
    error_message = "The budget is what was given."
  }
}

run "a_budget_that_nobody_hears_of" {
  command = plan

  variables {
    monthly_budget_usd = 20
  }

  expect_failures = [output.pull_through]
}
