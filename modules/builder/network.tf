data "aws_ec2_instance_type_offerings" "builder" {
  location_type = "availability-zone"

  filter {
    name   = "instance-type"
    values = [local.instance_type]
  }
}

data "aws_subnets" "offered" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  filter {
    name   = "availability-zone"
    values = coalescelist(data.aws_ec2_instance_type_offerings.builder.locations, ["none"])
  }

  lifecycle {
    postcondition {
      condition     = var.subnet_id != null || length(data.aws_subnets.default.ids) > 0
      error_message = "Region ${local.region} has no default VPC with default subnets, and no subnet is named for the builder of ${var.name}/${var.architecture}: name one."
    }

    postcondition {
      condition = (
        var.subnet_id != null ||
        (length(data.aws_subnets.default.ids) == 0 || length(self.ids) > 0)
      )
      error_message = "Instance type ${local.instance_type} is offered in no zone of ${local.region} that has a default subnet. Take another type, or name a subnet in a zone that offers it."
    }
  }
}

data "aws_subnet" "builder" {
  id = var.subnet_id == null ? try(sort(data.aws_subnets.offered.ids)[0], null) : var.subnet_id
}

locals {
  # A local value, so that what is looked up of it is known while it has changes.
  volume_zone = aws_ebs_volume.cache.availability_zone
}

# A volume stays in its zone, and the builder goes where it is.
data "aws_subnets" "builder" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  filter {
    name   = "availability-zone"
    values = [local.volume_zone]
  }
}

locals {
  subnet_id = var.subnet_id == null ? one(data.aws_subnets.builder.ids) : var.subnet_id
}

# A group stays in its VPC; the subnet that is named tells of another one, and of an unknown one
# too.
resource "terraform_data" "security_group_place" {
  input = var.subnet_id
}

resource "aws_security_group" "builder" {
  count = var.create_security_group ? (length(var.security_group_ids) > 0 ? 0 : 1) : 0

  name_prefix = "docker-cache-${var.name}-${var.architecture}-builder-"
  description = "Docker cache ${var.name}/${var.architecture}: builder, admits nothing"
  vpc_id      = data.aws_subnet.builder.vpc_id

  egress {
    description      = "Registries, AWS and whatever else the jobs need"
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = local.tags

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [name, name_prefix, vpc_id]
    replace_triggered_by  = [terraform_data.security_group_place, terraform_data.identity]
  }
}
