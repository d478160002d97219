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
