data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_service_principal" "cloudwatch" {
  service_name = "cloudwatch"
}

data "aws_service_principal" "lambda" {
  service_name = "lambda"
}

data "aws_service_principal" "events" {
  service_name = "events"
}

locals {
  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  retention = {
    keep_last             = coalesce(tonumber(try(var.retention.keep_last, null)), 3)
    keep_within_days      = coalesce(tonumber(try(var.retention.keep_within_days, null)), 0)
    min_keep              = coalesce(tonumber(try(var.retention.min_keep, null)), 2)
    deletion_grace_hours  = coalesce(tonumber(try(var.retention.deletion_grace_hours, null)), 24)
    max_deletions_per_run = coalesce(tonumber(try(var.retention.max_deletions_per_run, null)), 2)
    recycle_bin_days      = tonumber(try(var.retention.recycle_bin_days, null))
  }

  notifications = {
    email = tostring(try(var.notifications.email, null))
    topic = (
      lookup(var.notifications, "topic", null) == null
      ? null
      : { arn = tostring(try(var.notifications.topic.arn, null)) }
    )
  }
}

# Never the key that AWS manages for SNS: CloudWatch may not use it, and alarms would be lost
# without a word.
resource "aws_sns_topic" "alarms" {
  count = local.notifications.topic == null ? 1 : 0

  name              = "docker-cache-${var.name}-${var.architecture}-rotation-alarms"
  kms_master_key_id = var.kms_key_arn

  tags = var.tags
}

data "aws_iam_policy_document" "alarms" {
  count = local.notifications.topic == null ? 1 : 0

  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [one(aws_sns_topic.alarms[*].arn)]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.cloudwatch.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:*"]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  count = local.notifications.topic == null ? 1 : 0

  arn    = one(aws_sns_topic.alarms[*].arn)
  policy = one(data.aws_iam_policy_document.alarms[*].json)
}

resource "aws_sns_topic_subscription" "alarms" {
  count = local.notifications.topic == null && local.notifications.email != null ? 1 : 0

  topic_arn = one(aws_sns_topic.alarms[*].arn)
  protocol  = "email"
  endpoint  = local.notifications.email
}

locals {
  alarm_topic_arn = (
    local.notifications.topic == null
    ? one(aws_sns_topic.alarms[*].arn)
    : local.notifications.topic.arn
  )
}

# What bears a cache's name is replaced by another name, and by nothing that is merely unknown while
# planning.
resource "terraform_data" "identity" {
  input = {
    name         = var.name
    architecture = var.architecture
  }
}

locals {
  tags = merge(var.tags, {
    "docker-cache:name"         = var.name
    "docker-cache:architecture" = var.architecture
  })
}

resource "aws_ssm_parameter" "pointer" {
  name           = "/docker-cache/${var.name}/${var.architecture}/snapshot-id"
  description    = "Promoted snapshot of the Docker cache ${var.name}/${var.architecture}"
  type           = "String"
  insecure_value = "none"

  tags = local.tags

  # Written outside Terraform from the first promotion on.
  lifecycle {
    ignore_changes = [insecure_value]
  }
}

resource "aws_ssm_parameter" "rejected" {
  name           = "/docker-cache/${var.name}/${var.architecture}/rejected"
  description    = "Contents of ${var.name}/${var.architecture} that are not built or promoted again"
  type           = "String"
  insecure_value = "none"

  tags = local.tags

  # Written outside Terraform from the first promotion on.
  lifecycle {
    ignore_changes = [insecure_value]
  }
}

resource "aws_cloudwatch_log_group" "rotation" {
  name              = "/aws/lambda/docker-cache-${var.name}-${var.architecture}-rotation"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days

  tags = local.tags
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "docker-cache-${var.name}-${var.architecture}-rotation-dlq"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  tags = local.tags
}

data "aws_iam_policy_document" "rotation_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.lambda.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "rotation" {
  name                 = "docker-cache-${var.name}-${var.architecture}-rotation-${local.region}"
  description          = "Promotes and deletes snapshots of the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.rotation_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "rotation" {
  statement {
    sid = "Describe"

    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "ec2:DescribeFastSnapshotRestores",
      "ec2:DescribeImages",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribeLockedSnapshots",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
    ]

    resources = ["*"]
  }

  statement {
    sid     = "ReadParameters"
    actions = ["ssm:GetParameterHistory", "ssm:GetParameters"]

    resources = [
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/snapshot-id",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/rejected",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/volume-id",
    ]
  }

  statement {
    sid     = "MovePointer"
    actions = ["ssm:PutParameter"]

    resources = [
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/snapshot-id",
    ]
  }

  statement {
    sid = "KeepAndDeleteSnapshots"

    actions = [
      "ec2:DeleteSnapshot",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DisableFastSnapshotRestores",
      "ec2:EnableFastSnapshotRestores",
    ]

    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }
  }

  statement {
    sid       = "AnnounceDeletion"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["docker-cache:delete-after", "docker-cache:deletion-refused"]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid = "WriteCacheDevice"

    actions = [
      "ec2:CreateLaunchTemplateVersion",
      "ec2:DeleteLaunchTemplateVersions",
      "ec2:ModifyLaunchTemplate",
    ]

    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:launch-template/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:consume"
      values   = ["${var.name}/${var.architecture}"]
    }
  }

  statement {
    sid       = "SweepBuilders"
    actions   = ["ec2:TerminateInstances"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["builder"]
    }
  }

  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.rotation.arn}:*"]
  }

  statement {
    sid       = "GiveUp"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  statement {
    sid       = "Trace"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "rotation" {
  name   = "rotation"
  role   = aws_iam_role.rotation.id
  policy = data.aws_iam_policy_document.rotation.json
}

resource "aws_lambda_function" "rotation" {
  function_name                  = "docker-cache-${var.name}-${var.architecture}-rotation"
  description                    = "Promotes and deletes snapshots of the Docker cache ${var.name}/${var.architecture}"
  role                           = aws_iam_role.rotation.arn
  runtime                        = var.lambda_runtime
  architectures                  = ["arm64"]
  handler                        = "index.handler"
  filename                       = "${path.module}/lambda/rotation.zip"
  source_code_hash               = filebase64sha256("${path.module}/lambda/rotation.zip")
  kms_key_arn                    = var.kms_key_arn
  memory_size                    = 512
  reserved_concurrent_executions = var.reserved_concurrency
  timeout                        = 300

  environment {
    variables = {
      DOCKER_CACHE_SETTINGS = jsonencode({
        name               = var.name
        architecture       = var.architecture
        store              = var.image_store
        maxEngine          = var.max_engine
        copyFrom           = var.copy_from
        copyProof          = var.copy_proof
        copyRetentionDays  = var.copy_retention_days
        cadenceHours       = var.cadence_hours
        keepLast           = local.retention.keep_last
        keepWithinDays     = local.retention.keep_within_days
        minKeep            = local.retention.min_keep
        deletionGraceHours = local.retention.deletion_grace_hours
        maxDeletionsPerRun = local.retention.max_deletions_per_run
        fastRestoreZones   = var.fast_restore_zones
        watchdogMinutes    = var.watchdog_minutes
        reconcileMinutes   = var.reconcile_minutes
        alarms             = var.alarms
      })
    }
  }

  tracing_config {
    mode = "Active"
  }

  tags = local.tags

  depends_on = [aws_iam_role_policy.rotation, aws_cloudwatch_log_group.rotation]
}

resource "aws_lambda_function_event_invoke_config" "scheduled" {
  function_name                = aws_lambda_function.rotation.function_name
  maximum_event_age_in_seconds = var.reconcile_minutes * 60
  maximum_retry_attempts       = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}

resource "aws_lambda_alias" "hints" {
  count = contains(["rule", "router"], var.wake) ? 1 : 0

  name             = "hint"
  function_name    = aws_lambda_function.rotation.function_name
  description      = "Wakes the function between its scheduled runs"
  function_version = "$LATEST"
}

resource "aws_lambda_function_event_invoke_config" "hints" {
  count = contains(["rule", "router"], var.wake) ? 1 : 0

  function_name                = aws_lambda_function.rotation.function_name
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0
  qualifier                    = one(aws_lambda_alias.hints[*].name)
}

resource "aws_cloudwatch_event_rule" "reconcile" {
  name        = "docker-cache-${var.name}-${var.architecture}-rotation-reconcile"
  description = "Runs the rotation of ${var.name}/${var.architecture} whatever events were lost"

  schedule_expression = (
    var.reconcile_minutes == 1
    ? "rate(1 minute)"
    : "rate(${var.reconcile_minutes} minutes)"
  )

  tags = local.tags
}

resource "aws_cloudwatch_event_target" "reconcile" {
  rule = aws_cloudwatch_event_rule.reconcile.name
  arn  = aws_lambda_function.rotation.arn
}

resource "aws_lambda_permission" "reconcile" {
  function_name = aws_lambda_function.rotation.function_name
  action        = "lambda:InvokeFunction"
  principal     = data.aws_service_principal.events.name
  source_arn    = aws_cloudwatch_event_rule.reconcile.arn

  lifecycle {
    ignore_changes = [principal]
  }
}

# In a region that copies, EventBridge tells of the copy there, not where it was copied from.
resource "aws_cloudwatch_event_rule" "snapshots" {
  count = contains(["rule"], var.wake) ? 1 : 0

  name        = "docker-cache-${var.name}-${var.architecture}-rotation-snapshots"
  description = "Snapshots made or copied: wakes the rotation of ${var.name}/${var.architecture}"

  event_pattern = jsonencode({
    source      = ["aws.ec2"]
    detail-type = ["EBS Snapshot Notification"]
    detail = {
      event  = ["createSnapshot", "copySnapshot"]
      result = ["succeeded", "failed"]
    }
  })

  tags = local.tags
}

resource "aws_cloudwatch_event_target" "snapshots" {
  count = contains(["rule"], var.wake) ? 1 : 0

  rule = one(aws_cloudwatch_event_rule.snapshots[*].name)
  arn  = one(aws_lambda_alias.hints[*].arn)
}

resource "aws_lambda_permission" "snapshots" {
  count = contains(["rule"], var.wake) ? 1 : 0

  function_name = aws_lambda_function.rotation.function_name
  action        = "lambda:InvokeFunction"
  principal     = data.aws_service_principal.events.name
  qualifier     = one(aws_lambda_alias.hints[*].name)
  source_arn    = one(aws_cloudwatch_event_rule.snapshots[*].arn)

  lifecycle {
    ignore_changes = [principal]
  }
}

resource "aws_cloudwatch_metric_alarm" "stale" {
  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-stale"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: the promoted snapshot is older than two cadences: are builds, or copies, still arriving?"
  namespace           = "DockerCache"
  metric_name         = "PromotedAgeHours"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.cadence_hours * 2
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "failed_build" {
  count = var.copy_from == null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-failed-build"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a builder ended without a result. Its log is in the builder's log group."
  namespace           = "DockerCache"
  metric_name         = "FailedBuilds"
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "withdrawn" {
  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-withdrawn"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: no snapshot is fit to be promoted: workers start without a cache."
  namespace           = "DockerCache"
  metric_name         = "Withdrawn"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "foreign" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-foreign"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a snapshot that is not ours claims to be, or a second volume does. It was refused; find out who made it."
  namespace           = "DockerCache"
  metric_name         = "ForeignSnapshots"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "overdue_deletions" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-overdue-deletions"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: snapshots due for deletion have not become fewer for a day: something refuses."
  namespace           = "DockerCache"
  metric_name         = "OverdueHours"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 24
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "template_problem" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-template-problem"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a launch template asks for a cache device that EC2 would refuse, and was left as it is."
  namespace           = "DockerCache"
  metric_name         = "TemplateProblems"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "unproven_copy" {
  count = var.alarms == "all" && var.copy_from != null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-unproven-copy"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a copy lacks the tag that proves DLM made it, and was not promoted."
  namespace           = "DockerCache"
  metric_name         = "UnprovenCopies"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "expiring" {
  count = var.alarms == "all" && var.copy_from != null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-expiring"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: what is served expires within a third of its retention, and nothing can replace it."
  namespace           = "DockerCache"
  metric_name         = "ServedLifeHours"
  statistic           = "Minimum"
  period              = 300
  comparison_operator = "LessThanThreshold"
  threshold           = var.copy_retention_days * 8
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-errors"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a run of the rotation failed. Its log is in the function's log group; the next run takes over."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.rotation.function_name }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "not_invoked" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-not-invoked"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: the schedule could not run the function: was it deleted, or its permission?"
  namespace           = "AWS/Events"
  metric_name         = "FailedInvocations"
  dimensions          = { RuleName = "docker-cache-${var.name}-${var.architecture}-rotation-reconcile" }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "given_up" {
  count = var.alarms == "all" ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-given-up"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a scheduled run was given up, and lies in the dead-letter queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "launch_given_up" {
  count = var.alarms == "all" && var.copy_from == null ? 1 : 0

  alarm_name          = "docker-cache-${var.name}-${var.architecture}-rotation-launch-given-up"
  alarm_description   = "Docker cache ${var.name}/${var.architecture}: a scheduled builder could not be launched. The message in the queue says why."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "docker-cache-${var.name}-${var.architecture}-builder-dlq" }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic_arn]

  tags = local.tags
}

# Silence is missing data: the alarm is made in that state, and tells only of falling back into it.
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name                = "docker-cache-${var.name}-${var.architecture}-rotation-silent"
  alarm_description         = "Docker cache ${var.name}/${var.architecture}: rotation has stopped running, or cannot promote."
  namespace                 = "DockerCache"
  metric_name               = "RotationRun"
  statistic                 = "Sum"
  period                    = var.reconcile_minutes * 120
  comparison_operator       = "LessThanThreshold"
  threshold                 = 1
  evaluation_periods        = 1
  alarm_actions             = [local.alarm_topic_arn]
  insufficient_data_actions = [local.alarm_topic_arn]

  dimensions = {
    Name         = var.name
    Architecture = var.architecture
  }

  tags = local.tags
}

resource "aws_rbin_rule" "snapshots" {
  count = local.retention.recycle_bin_days == null ? 0 : 1

  description   = "Deleted snapshots of the Docker cache ${var.name}"
  resource_type = "EBS_SNAPSHOT"

  resource_tags {
    resource_tag_key   = "docker-cache:name"
    resource_tag_value = var.name
  }

  retention_period {
    retention_period_unit  = "DAYS"
    retention_period_value = local.retention.recycle_bin_days
  }

  tags = local.tags
}

resource "aws_cloudwatch_dashboard" "rotation" {
  dashboard_name = "docker-cache-${var.name}-${var.architecture}-rotation-${local.region}"

  dashboard_body = jsonencode({
    widgets = [
      {
        type   = "metric"
        x      = 0
        y      = 0
        width  = 6
        height = 6
        properties = {
          title  = "${var.name}/${var.architecture}: age of what is promoted and life left of copies, hours"
          region = local.region
          stat   = "Maximum"
          period = 3600
          metrics = [
            ["DockerCache", "PromotedAgeHours", "Name", var.name, "Architecture", var.architecture],
            ["DockerCache", "ServedLifeHours", "Name", var.name, "Architecture", var.architecture],
          ]
        }
      },
      {
        type   = "metric"
        x      = 6
        y      = 0
        width  = 6
        height = 6
        properties = {
          title  = "${var.name}/${var.architecture}: runs, failed builds"
          region = local.region
          stat   = "Sum"
          period = 3600
          metrics = [
            ["DockerCache", "RotationRun", "Name", var.name, "Architecture", var.architecture],
            ["DockerCache", "FailedBuilds", "Name", var.name, "Architecture", var.architecture],
          ]
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 0
        width  = 6
        height = 6
        properties = {
          title  = "${var.name}/${var.architecture}: trouble"
          region = local.region
          stat   = "Maximum"
          period = 3600
          metrics = [
            ["DockerCache", "Withdrawn", "Name", var.name, "Architecture", var.architecture],
            ["DockerCache", "ForeignSnapshots", "Name", var.name, "Architecture", var.architecture],
            ["DockerCache", "UnprovenCopies", "Name", var.name, "Architecture", var.architecture],
            ["DockerCache", "TemplateProblems", "Name", var.name, "Architecture", var.architecture],
            ["DockerCache", "OverdueHours", "Name", var.name, "Architecture", var.architecture],
          ]
        }
      },
      {
        type   = "metric"
        x      = 18
        y      = 0
        width  = 6
        height = 6
        properties = {
          title   = "${var.name}/${var.architecture}: workers by how they started, by their own account"
          region  = local.region
          stat    = "SampleCount"
          stacked = true
          period  = 3600
          metrics = [
            [
              "DockerCacheWorker",
              "WorkerStart",
              "Name",
              var.name,
              "Architecture",
              var.architecture,
              "State",
              "warm",
            ],
            [
              "DockerCacheWorker",
              "WorkerStart",
              "Name",
              var.name,
              "Architecture",
              var.architecture,
              "State",
              "cold",
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 0
        y      = 6
        width  = 6
        height = 6
        properties = {
          title  = "snapshots of a cache, most"
          region = local.region
          stat   = "Maximum"
          period = 3600
          metrics = [
            ["DockerCache", "Snapshots", "Scope", "region"],
            ["DockerCache", "HealthySnapshots", "Scope", "region"],
            ["DockerCache", "OverdueDeletions", "Scope", "region"],
          ]
        }
      },
      {
        type   = "metric"
        x      = 6
        y      = 6
        width  = 6
        height = 6
        properties = {
          title  = "left behind, and versions that expire"
          region = local.region
          stat   = "Maximum"
          period = 3600
          metrics = [
            ["DockerCache", "Orphans", "Scope", "region"],
            ["DockerCache", "ExpiringReferences", "Scope", "region"],
          ]
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 6
        width  = 6
        height = 6
        properties = {
          title   = "blocks of a volume in no snapshot yet, GiB, least"
          region  = local.region
          stat    = "Minimum"
          period  = 3600
          metrics = [["DockerCache", "FreeGrowthGib", "Scope", "region"]]
        }
      },
      {
        type   = "metric"
        x      = 18
        y      = 6
        width  = 6
        height = 6
        properties = {
          title  = "caches without all alarms, the worst"
          region = local.region
          stat   = "Maximum"
          period = 3600
          metrics = [
            ["DockerCache", "ServedLifeHours", "Scope", "region"],
            ["DockerCache", "ForeignSnapshots", "Scope", "region"],
            ["DockerCache", "UnprovenCopies", "Scope", "region"],
            ["DockerCache", "TemplateProblems", "Scope", "region"],
            ["DockerCache", "OverdueHours", "Scope", "region"],
          ]
        }
      },
    ]
  })

  lifecycle {
    ignore_changes       = [dashboard_name]
    replace_triggered_by = [terraform_data.identity]
  }
}
