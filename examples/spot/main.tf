# Workers on spot instances of several types, in one Auto Scaling group with a policy of mixed instances.

provider "aws" {
  region = var.region
}

module "cache" {
  source = "../../modules/cache"

  name   = "ci"
  images = ["python:3.12-slim"]
}

data "aws_subnets" "default" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

resource "aws_autoscaling_group" "workers" {
  name                = "ci-workers"
  min_size            = 0
  max_size            = 50
  vpc_zone_identifier = data.aws_subnets.default.ids
  capacity_rebalance  = true

  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = 1
      on_demand_percentage_above_base_capacity = 0
      spot_allocation_strategy                 = "price-capacity-optimized"
    }

    launch_template {
      launch_template_specification {
        launch_template_id = module.cache.worker.launch_template_id
        version            = "$Default"
      }

      # The types replace the template's. All have the cache's architecture.
      dynamic "override" {
        for_each = var.instance_types

        content {
          instance_type = override.value
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}
