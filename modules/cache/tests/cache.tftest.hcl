# Runs without an account: the provider is a mock, plans and applies are Terraform's own.

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

  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-0123456789abcdef0"] }
  }

  mock_data "aws_subnet" {
    defaults = { availability_zone = "eu-west-1a", vpc_id = "vpc-0123456789abcdef0" }
  }

  mock_data "aws_ec2_instance_type_offerings" {
    defaults = { locations = ["eu-west-1a", "eu-west-1b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::123456789012:instance-profile/mock" }
  }

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", arn = "arn:aws:ec2:eu-west-1:123456789012:launch-template/lt-0123456789abcdef0" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:mock" }
  }

  mock_resource "aws_scheduler_schedule_group" {
    defaults = { arn = "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/mock" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock" }
  }

  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789abcdef0" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:function:mock" }
  }

  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:function:mock:hint" }
  }

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-west-1:123456789012:rule/mock" }
  }
}

variables {
  name   = "ci"
  images = ["python:3.12-slim"]
}

run "name_and_images_are_enough" {
  assert {
    condition     = output.builder.cache_volume_id == "vol-0123456789abcdef0"
    error_message = "What the builder made is told."
  }

  assert {
    condition     = output.rotation.function_name == "docker-cache-ci-x86_64-rotation"
    error_message = "What rotation made is told."
  }

  assert {
    condition     = output.worker.launch_template_id == "lt-0123456789abcdef0"
    error_message = "What the worker made is told."
  }

  assert {
    condition     = local.cadence_hours == 24
    error_message = "A cache is built once a day."
  }
}

run "null_is_the_default" {
  command = plan

  variables {
    architecture  = null
    image_store   = null
    volume        = null
    build         = { at = null, time_zone = null }
    registries    = null
    pull_through  = null
    copy_to       = null
    retention     = { keep_last = null }
    rotation      = null
    builder       = { instance_type = null, security_group_ids = null, root_volume_size_gib = null }
    worker        = { hydrate = null, volume = { size_gib = null } }
    create_worker = null
  }

  assert {
    condition     = local.cadence_hours == 24 && output.rotation.function_name == "docker-cache-ci-x86_64-rotation"
    error_message = "A wrapper passes its own nulls on."
  }
}

run "a_region_that_copies_builds_nothing" {
  variables {
    images    = null
    copy_from = "us-east-1"
    build     = { at = ["02:00", "14:00"] }
  }

  assert {
    condition     = output.builder == null && output.worker != null
    error_message = "The snapshots come from the other region."
  }

  assert {
    condition     = local.cadence_hours == 24
    error_message = "Copies arrive once a day, whatever the builds do."
  }
}

run "without_a_worker" {
  variables {
    create_worker = false
  }

  assert {
    condition     = output.worker == null && output.rotation != null
    error_message = "Workers have templates of the user's own."
  }
}

run "the_widest_gap_between_builds" {
  command = plan

  variables {
    build = { at = ["22:00", "06:00", "12:30"] }
  }

  assert {
    condition     = local.cadence_hours == 10
    error_message = "From 12:30 to 22:00 are nine hours and a half."
  }
}

run "terraform_cannot_read_cron" {
  command = plan

  variables {
    build = { at = [], expression = "cron(0 3 ? * MON *)" }
  }

  expect_failures = [output.builder]
}

run "so_it_is_told" {
  command = plan

  variables {
    build    = { at = [], expression = "cron(0 3 ? * MON *)" }
    rotation = { cadence_hours = 168 }
  }

  assert {
    condition     = local.cadence_hours == 168
    error_message = "A week."
  }
}

run "too_short_a_cadence_is_refused" {
  command = plan

  variables {
    rotation = { cadence_hours = 12 }
  }

  expect_failures = [output.builder]
}
