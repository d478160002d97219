# An image of a repository that the same run makes. Terraform must know `images` while planning, and `repository_url` is known only after the apply:
# so the image's name is put together of what is known.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_ecr_repository" "app" {
  name = var.repository
}

locals {
  registry = "${data.aws_caller_identity.current.account_id}.dkr.ecr.${var.region}.${data.aws_partition.current.dns_suffix}"
}

module "cache" {
  source = "../../modules/cache"

  name = "ci"
  images = [
    "python:3.12-slim",
    # Nobody has pushed it when the first build begins.
    "${local.registry}/${var.repository}:latest optional",
  ]

  # Workers pull what is not in the cache yet: ours have no right on ECR unless they are given one.
  worker = { policy_arns = [aws_iam_policy.pull.arn] }
}

data "aws_iam_policy_document" "pull" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [aws_ecr_repository.app.arn]
  }
}

resource "aws_iam_policy" "pull" {
  name   = "ci-workers-pull"
  policy = data.aws_iam_policy_document.pull.json
}
