# One region builds, and DLM copies its snapshots to another, whose workers need not wait for a build of their own.

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "far"
  region = var.far_region
}

module "builder" {
  source = "../../modules/builder"

  name    = "ci"
  images  = ["python:3.12-slim"]
  copy_to = [{ region = var.far_region }]
}

module "rotation" {
  source = "../../modules/rotation"

  name = "ci"
}

module "worker" {
  source = "../../modules/worker"

  name = "ci"
}

module "rotation_far" {
  source    = "../../modules/rotation"
  providers = { aws = aws.far }

  name      = "ci"
  copy_from = var.region
}

module "worker_far" {
  source    = "../../modules/worker"
  providers = { aws = aws.far }

  name = "ci"
}
