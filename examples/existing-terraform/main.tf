# Workers in an Auto Scaling group whose images are on disk when they boot. In your own code the
# source is github.com/OWNER/aws-ebs-docker-cache//modules/cache?ref=vX.Y.Z.

provider "aws" {
  region = var.region
}

module "cache" {
  source = "../../modules/cache"

  name = "ci"
  images = [
    "python:3.12-slim smoke=python --version",
    "redis:7 optional",
  ]
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
  max_size            = 20
  vpc_zone_identifier = data.aws_subnets.default.ids

  launch_template {
    id = module.cache.worker.launch_template_id
    # Rotation makes each version that carries a newly promoted snapshot the default one.
    version = "$Default"
  }

  lifecycle {
    # Whatever scales the group decides how many there are.
    ignore_changes = [desired_capacity]
  }
}
