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
