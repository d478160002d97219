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

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:mock" }
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

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock" }
  }
}

variables {
  name = "ci"
}

run "a_name_is_enough" {
  assert {
    condition     = output.function_name == "docker-cache-ci-x86_64-rotation"
    error_message = "The function is named after cache and architecture."
  }

  assert {
    condition     = output.snapshot_parameter_name == "/docker-cache/ci/x86_64/snapshot-id"
    error_message = "Consumers read this parameter."
  }

  assert {
    condition     = aws_lambda_function.rotation.source_code_hash == filebase64sha256(aws_lambda_function.rotation.filename)
    error_message = "The code is the module's own zip."
  }

  assert {
    condition     = aws_ssm_parameter.pointer.insecure_value == "none"
    error_message = "Nothing is promoted yet."
  }

  assert {
    condition     = output.alarm_topic_arn == "arn:aws:sns:eu-west-1:123456789012:mock"
    error_message = "Alarms go to a topic of ours."
  }

  assert {
    condition     = aws_sns_topic.alarms[0].kms_master_key_id == null
    error_message = "Never the key that AWS manages for SNS."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.unproven_copy) == 0 && length(aws_cloudwatch_metric_alarm.launch_given_up) == 1
    error_message = "A region that builds watches its launches, not copies."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.stale.threshold == 48
    error_message = "An alarm rises at twice the cadence."
  }

  assert {
    condition     = aws_cloudwatch_event_target.snapshots[0].arn == aws_lambda_alias.hints[0].arn
    error_message = "A rule of its own wakes the function, by way of the alias that drops what it cannot run."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.hints[0].maximum_event_age_in_seconds == 60
    error_message = "A hint waits for a minute."
  }
}

run "a_router_wakes_it" {
  command = plan

  variables {
    wake = "router"
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.snapshots) + length(aws_cloudwatch_event_target.snapshots) + length(aws_lambda_permission.snapshots) == 0
    error_message = "No rule of its own."
  }

  assert {
    condition     = length(aws_lambda_alias.hints) == 1
    error_message = "The router's hints are taken."
  }
}

run "the_clock_alone_wakes_it" {
  command = plan

  variables {
    wake = "none"
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.snapshots) + length(aws_lambda_alias.hints) + length(aws_lambda_function_event_invoke_config.hints) == 0
    error_message = "Nothing but the schedule."
  }

  assert {
    condition     = aws_cloudwatch_event_rule.reconcile.schedule_expression == "rate(10 minutes)"
    error_message = "The schedule stays."
  }
}

run "the_function_is_told_everything" {
  command = plan

  variables {
    architecture       = "arm64"
    image_store        = "containerd"
    max_engine         = 27
    cadence_hours      = 12
    fast_restore_zones = ["eu-west-1a"]
    retention          = { keep_last = 5, min_keep = 3 }
    reconcile_minutes  = 5
  }

  assert {
    condition = jsondecode(aws_lambda_function.rotation.environment[0].variables.DOCKER_CACHE_SETTINGS) == {
      name                = "ci"
      architecture        = "arm64"
      store               = "containerd"
      maxEngine           = 27
      copyFrom            = null
      copyProof           = "dlm"
      copyRetentionDays   = 14
      cadenceHours        = 12
      keepLast            = 5
      keepWithinDays      = 0
      minKeep             = 3
      deletionGraceHours  = 24
      maxDeletionsPerRun = 2
      fastRestoreZones    = ["eu-west-1a"]
      watchdogMinutes     = 120
      reconcileMinutes    = 5
      alarms              = "all"
    }
    error_message = "Settings reach the function under the names of the contract."
  }

  assert {
    condition     = aws_cloudwatch_event_rule.reconcile.schedule_expression == "rate(5 minutes)"
    error_message = "Rotation runs whatever events are lost."
  }
}

run "a_copying_region_watches_copies" {
  command = plan

  variables {
    copy_from = "us-east-1"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.unproven_copy) == 1 && length(aws_cloudwatch_metric_alarm.launch_given_up) + length(aws_cloudwatch_metric_alarm.failed_build) == 0
    error_message = "A region that copies has no launches and no builds to watch."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.expiring[0].threshold == 112
    error_message = "An alarm rises when less than a third of the copies' 14 days is left."
  }
}

run "the_essential_alarms" {
  command = plan

  variables {
    alarms = "essential"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.failed_build) == 1 && aws_cloudwatch_metric_alarm.silent.alarm_name == "docker-cache-ci-x86_64-rotation-silent"
    error_message = "What tells that workers get an old cache, or none, stays."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.errors) + length(aws_cloudwatch_metric_alarm.foreign) + length(aws_cloudwatch_metric_alarm.given_up) + length(aws_cloudwatch_metric_alarm.launch_given_up) + length(aws_cloudwatch_metric_alarm.not_invoked) + length(aws_cloudwatch_metric_alarm.overdue_deletions) + length(aws_cloudwatch_metric_alarm.template_problem) + length(aws_cloudwatch_metric_alarm.unproven_copy) + length(aws_cloudwatch_metric_alarm.expiring) == 0
    error_message = "No others."
  }
}

run "a_topic_of_yours" {
  command = plan

  variables {
    notifications = { topic = { arn = "arn:aws:sns:eu-west-1:123456789012:yours" } }
  }

  assert {
    condition     = length(aws_sns_topic.alarms) + length(aws_sns_topic_policy.alarms) + length(aws_sns_topic_subscription.alarms) == 0
    error_message = "Nothing of ours beside your topic."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.silent.alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:yours"])
    error_message = "Alarms go to your topic."
  }
}

run "an_address_is_subscribed" {
  command = plan

  variables {
    notifications = { email = "ops@example.com" }
  }

  assert {
    condition     = aws_sns_topic_subscription.alarms[0].endpoint == "ops@example.com"
    error_message = "The address gets the alarms."
  }
}

run "the_recycle_bin_is_asked_for" {
  command = plan

  variables {
    retention = { recycle_bin_days = 7 }
  }

  assert {
    condition     = aws_rbin_rule.snapshots[0].retention_period[0].retention_period_value == 7
    error_message = "Deleted snapshots stay for a week."
  }
}

run "bad_values_are_refused" {
  command = plan

  variables {
    name               = "ci_underscore"
    copy_from          = "Frankfurt"
    retention          = { min_keep = 1 }
    lambda_runtime     = "nodejs18.x"
    reconcile_minutes  = 15
    wake               = "schedule"
    alarms             = "none"
    fast_restore_zones = ["eu-west-1"]
    log_retention_days = 31
    role_path          = "no-slash"
    notifications      = { topic = { arn = "not-an-arn" } }
  }

  expect_failures = [
    var.name,
    var.copy_from,
    var.retention,
    var.lambda_runtime,
    var.reconcile_minutes,
    var.wake,
    var.alarms,
    var.fast_restore_zones,
    var.log_retention_days,
    var.role_path,
    var.notifications,
  ]
}

run "a_region_does_not_copy_from_itself" {
  command = plan

  variables {
    copy_from = "eu-west-1"
  }

  expect_failures = [output.name_prefix]
}
