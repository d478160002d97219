resource "aws_sqs_queue" "dead_letters" {
  name                      = "docker-cache-${var.name}-${var.architecture}-rotation-dlq"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  tags = local.tags
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
