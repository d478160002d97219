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

  mock_data "aws_ebs_volume" {
    defaults = { size = 100 }
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
}

variables {
  name   = "ci"
  images = ["python:3.12-slim"]
}

run "name_and_images_are_enough" {
  assert {
    condition     = output.cache_volume_id == "vol-0123456789abcdef0" && output.launch_template_id == "lt-0123456789abcdef0"
    error_message = "Outputs name what was made."
  }

  assert {
    condition     = aws_ebs_volume.cache.availability_zone == "eu-west-1a" && aws_ebs_volume.cache.encrypted
    error_message = "The volume is in the subnet's zone, and encrypted."
  }

  assert {
    condition     = aws_launch_template.builder.instance_initiated_shutdown_behavior == "terminate"
    error_message = "A builder that powers off is gone."
  }

  assert {
    condition     = aws_launch_template.builder.network_interfaces[0].associate_public_ip_address == "true"
    error_message = "In a default subnet a public address is the only way out."
  }

  assert {
    condition     = [for key, schedule in aws_scheduler_schedule.builder : schedule.schedule_expression] == ["cron(0 2 * * ? *)"]
    error_message = "One build a day."
  }

  assert {
    condition     = length(aws_dlm_lifecycle_policy.replication) == 0
    error_message = "Nothing is copied unless regions are named."
  }
}

run "what_is_not_wanted_is_not_made" {
  command = plan

  variables {
    create_role           = false
    instance_profile_name = "mine"
    role_arn              = "arn:aws:iam::123456789012:role/mine"
    create_security_group = false
    security_group_ids    = ["sg-0123456789abcdef0"]
  }

  assert {
    condition     = length(aws_security_group.builder) + length(aws_iam_role.builder) + length(aws_iam_instance_profile.builder) == 0
    error_message = "No security group, role or profile beside yours."
  }

  assert {
    condition     = aws_launch_template.builder.iam_instance_profile[0].name == "mine" && aws_launch_template.builder.iam_instance_profile[0].arn == null
    error_message = "Builders have your profile."
  }

  assert {
    condition     = anytrue([for one in data.aws_iam_policy_document.scheduler.statement : contains(one.resources, "arn:aws:iam::123456789012:role/mine") if one.sid == "PassBuilderRole"])
    error_message = "The schedule passes your role."
  }
}

run "what_takes_their_place_must_be_named" {
  command = plan

  variables {
    create_role           = false
    role_arn              = "arn:aws:iam::123456789012:role/mine"
    create_security_group = false
  }

  expect_failures = [output.name_prefix]
}

run "a_role_of_yours_beside_ours_is_refused" {
  command = plan

  variables {
    instance_profile_name = "mine"
  }

  expect_failures = [output.name_prefix]
}

run "an_added_image_is_one_added_line" {
  command = plan

  variables {
    images = ["redis:7", "python:3.12-slim", "node:22 optional"]
  }

  assert {
    condition     = sort(flatten([for parameter in aws_ssm_parameter.images : split("\n", parameter.insecure_value)])) == sort(["redis:7", "python:3.12-slim", "node:22 optional"])
    error_message = "Each image stands once, on a line of its own."
  }

  assert {
    condition     = alltrue([for digit, parameter in aws_ssm_parameter.images : alltrue([for line in split("\n", parameter.insecure_value) : substr(sha256(split(" ", line)[0]), 0, 1) == digit])])
    error_message = "The reference's SHA-256 says which parameter it is in."
  }
}

run "a_named_subnet_decides" {
  # A state of its own: there is no volume yet.
  module {
    source = "./"
  }

  command = plan

  variables {
    subnet_id          = "subnet-0123456789abcdef2"
    security_group_ids = ["sg-0123456789abcdef0"]
  }

  override_data {
    target = data.aws_subnet.builder
    values = { availability_zone = "eu-west-1b" }
  }

  assert {
    condition     = aws_ebs_volume.cache.availability_zone == "eu-west-1b"
    error_message = "The volume is where the builders are."
  }

  assert {
    condition     = aws_launch_template.builder.network_interfaces[0].associate_public_ip_address == "false"
    error_message = "No public address in your subnet unless you ask for it."
  }

  assert {
    condition     = length(aws_security_group.builder) == 0
    error_message = "No security group beside yours."
  }
}

run "regions_are_copied_to_once_a_day" {
  command = plan

  variables {
    copy_to = [{ region = "us-east-1" }, { region = "eu-central-1", schedule = 2, kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/1" }]
  }

  assert {
    condition     = length(aws_dlm_lifecycle_policy.replication[0].policy_details[0].schedule) == 2
    error_message = "A schedule for each number."
  }

  assert {
    # 02:00, an hour of retries, ten minutes of boot, two hours of work: over at 05:10.
    condition     = tolist(aws_dlm_lifecycle_policy.replication[0].policy_details[0].schedule[0].create_rule[0].times) == tolist(["06:00"])
    error_message = "Copies are made when the first build is over at the latest."
  }
}

run "builds_keep_clear_of_the_replication" {
  command = plan

  variables {
    copy_to = [{ region = "us-east-1" }]
    build   = { at = ["02:00", "06:30"] }
  }

  expect_failures = [output.name_prefix]
}

run "other_time_zones_need_a_time_in_utc" {
  command = plan

  variables {
    copy_to = [{ region = "us-east-1" }]
    build   = { time_zone = "Europe/Berlin" }
  }

  expect_failures = [output.name_prefix]
}

run "expressions_do_not_replicate" {
  command = plan

  variables {
    copy_to = [{ region = "us-east-1" }]
    build   = { at = [], expression = "rate(12 hours)", replicate_at = "06:00" }
  }

  expect_failures = [output.name_prefix]
}

run "four_schedules_of_three_regions" {
  command = plan

  variables {
    copy_to = [for region in ["us-east-1", "us-east-2", "us-west-1", "us-west-2"] : { region = region }]
  }

  expect_failures = [aws_dlm_lifecycle_policy.replication]
}

run "a_type_that_is_not_offered_is_said" {
  command = plan

  variables {
    subnet_id     = "subnet-0123456789abcdef2"
    instance_type = "m99.large"
  }

  override_data {
    target = data.aws_ec2_instance_type_offerings.builder
    values = { locations = [] }
  }

  expect_failures = [aws_launch_template.builder]
}

run "a_type_on_xen_is_said" {
  command = plan

  variables {
    instance_type = "t2.large"
  }

  expect_failures = [output.name_prefix]
}

run "no_default_vpc_is_said" {
  command = plan

  override_data {
    target = data.aws_subnets.default
    values = { ids = [] }
  }

  expect_failures = [data.aws_subnets.offered]
}

run "a_subnet_in_another_zone_is_said" {
  command = plan

  variables {
    subnet_id = "subnet-0123456789abcdef2"
  }

  override_data {
    target = data.aws_subnet.builder
    values = { availability_zone = "eu-west-1b" }
  }

  expect_failures = [aws_launch_template.builder]
}

run "another_generation_is_the_way_to_another_zone" {
  command = plan

  variables {
    subnet_id = "subnet-0123456789abcdef2"
    volume    = { generation = 2 }
  }

  override_data {
    target = data.aws_subnet.builder
    values = { availability_zone = "eu-west-1b" }
  }

  assert {
    condition     = aws_ebs_volume.cache.availability_zone == "eu-west-1b"
    error_message = "The new volume is in the subnet's zone."
  }
}

run "a_volume_never_shrinks" {
  command = plan

  variables {
    volume = { size_gib = 99 }
  }

  expect_failures = [aws_launch_template.builder]
}

run "a_named_subnet_needs_no_default_vpc" {
  # A state of its own: nothing has chosen a zone.
  module {
    source = "./"
  }

  variables {
    name      = "no-default"
    subnet_id = "subnet-0123456789abcdef2"
  }

  override_data {
    target = data.aws_subnets.default
    values = { ids = [] }
  }

  assert {
    condition     = output.availability_zone == "eu-west-1a"
    error_message = "The subnet decides the zone."
  }
}

run "a_group_of_images_that_is_too_long_is_said" {
  command = plan

  variables {
    images = ["python:3.12-slim smoke=${join("", [for index in range(70) : sha256(tostring(index))])}"]
  }

  expect_failures = [aws_ssm_parameter.images]
}

run "a_line_that_is_no_image_is_refused" {
  command = plan

  variables {
    images = ["python:3.12-slim", "redis:7 optinal"]
  }

  expect_failures = [var.images]
}

run "bad_values_are_refused" {
  command = plan

  variables {
    images       = []
    build        = { at = ["2:00"] }
    volume       = { file_system = "ntfs" }
    pull_through = { "docker.io" = "Upper Case" }
    registries   = [{ host = "https://ghcr.io", secret_name = "ghcr" }]
    proxy        = { http = "http://user:secret@proxy:3128" }
    tags         = { "*" = "x" }
  }

  expect_failures = [
    var.images,
    var.build,
    var.volume,
    var.pull_through,
    var.registries,
    var.proxy,
    var.tags,
  ]
}

run "an_unknown_attribute_is_refused" {
  command = plan

  variables {
    volume = { size_gb = 500 }
  }

  expect_failures = [var.volume]
}

run "images_are_lines_and_objects" {
  command = plan

  variables {
    images = ["redis:7 optional", { reference = "python:3.12-slim", smoke = "python --version" }]
  }

  assert {
    condition     = sort(flatten([for parameter in aws_ssm_parameter.images : split("\n", parameter.insecure_value)])) == tolist(["python:3.12-slim smoke=python --version", "redis:7 optional"])
    error_message = "Both become lines."
  }
}

run "what_does_not_fit_together_is_refused" {
  command = plan

  variables {
    architecture  = "arm64"
    instance_type = "m7i.large"
    images        = ["python", "docker.io/library/python:latest"]
    volume        = { type = "gp2", iops = 3000 }
    build         = { time_zone = "Europe/Berln", replicate_at = "10:00" }
    copy_to       = [{ region = "eu-west-1" }]
  }

  expect_failures = [output.name_prefix]
}
