# One region builds, and DLM copies its snapshots to another, whose workers need not wait for a build of their own.

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "far"
  region = var.far_region
}

module "cache" {
  source = "../../modules/cache"

  name    = "ci"
  images  = ["python:3.12-slim"]
  copy_to = [{ region = var.far_region }]
}

module "cache_far" {
  source    = "../../modules/cache"
  providers = { aws = aws.far }

  name      = "ci"
  copy_from = var.region
}
