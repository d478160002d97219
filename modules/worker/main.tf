data "aws_region" "current" {}

data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

locals {
  region = data.aws_region.current.id

  default_image_id = {
    x86_64 = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    arm64  = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
  }

  image_id = coalesce(var.image_id, local.default_image_id[var.architecture])

  default_instance_type = {
    x86_64 = "m6i.large"
    arm64  = "m6g.large"
  }

  instance_type = coalesce(var.instance_type, local.default_instance_type[var.architecture])
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

# Read by path: before rotation has made the parameter, there is none, and that is no error.
data "aws_ssm_parameters_by_path" "pointer" {
  count = var.read_pointer ? 1 : 0

  path = "/docker-cache/${var.name}/${var.architecture}"
}

locals {
  pointer = one([
    for parameters in data.aws_ssm_parameters_by_path.pointer :
    lookup(
      zipmap(parameters.names, nonsensitive(parameters.values)),
      "/docker-cache/${var.name}/${var.architecture}/snapshot-id",
      "none"
    )
  ])

  snapshot_id = local.pointer == "none" ? null : local.pointer
}
