data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

data "aws_service_principal" "scheduler" {
  service_name = "scheduler"
}

data "aws_service_principal" "dlm" {
  service_name = "dlm"
}

data "aws_subnets" "default" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

locals {
  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix

  default_image_id = {
    x86_64 = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    arm64  = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
  }

  image_id = coalesce(var.image_id, local.default_image_id[var.architecture])

  default_instance_type = {
    x86_64 = "m6i.xlarge"
    arm64  = "m6g.xlarge"
  }

  instance_type = coalesce(var.instance_type, local.default_instance_type[var.architecture])
  pull_through  = var.pull_through == null ? {} : var.pull_through
}

# What bears a cache's name is replaced by another name, and by nothing that is merely unknown while
# planning.
resource "terraform_data" "identity" {
  count = length("${var.name}${var.architecture}") > 0 ? 1 : 0

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
