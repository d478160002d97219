data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_service_principal" "ecr" {
  service_name = "ecr"
}

data "aws_service_principal" "cloudwatch" {
  service_name = "cloudwatch"
}

data "aws_service_principal" "events" {
  service_name = "events"
}

data "aws_service_principal" "delivery" {
  service_name = "delivery.logs"
}

locals {
  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix

  # Without a rule for Docker Hub its official images come through ECR Public, which has them too.
  map = tomap(merge(
    {
      for prefix, rule in local.all_rules :
      join("/", compact([rule.upstream, rule.upstream_prefix])) => prefix
    },
    {
      for key in ["docker.io/library"] : key => "ecr-public/docker/library"
      if(
        var.ecr_public &&
        length([for rule in values(local.all_rules) : rule if rule.upstream == "docker.io"]) == 0
      )
    }
  ))

  tags = merge(var.tags, {
    "docker-cache:companion" = "pull-through"
    "docker-cache:name"      = "pull-through"
  })

  all_rules = merge(
    {
      for prefix in ["ecr-public"] :
      prefix => {
        upstream        = "public.ecr.aws"
        upstream_url    = "public.ecr.aws"
        secret_name     = null
        role_arn        = null
        upstream_prefix = null
      }
      if var.ecr_public
    },
    {
      for prefix, rule in local.rules :
      prefix => {
        upstream = (
          contains(
            ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"],
            rule.upstream
          )
          ? "docker.io"
          : rule.upstream
        )
        upstream_url = (
          contains(
            ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"],
            rule.upstream
          )
          ? "registry-1.docker.io"
          : rule.upstream
        )
        secret_name     = rule.secret_name
        role_arn        = rule.role_arn
        upstream_prefix = rule.upstream_prefix
      }
    }
  )
}

resource "terraform_data" "identity" {
  input = { name = "pull-through" }
}
