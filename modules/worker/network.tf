data "aws_subnets" "worker" {
  count = var.create_security_group ? (length(var.security_group_ids) > 0 ? 0 : 1) : 0

  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  lifecycle {
    postcondition {
      condition     = var.subnet_id != null || length(self.ids) > 0
      error_message = "Region ${local.region} has no default VPC, so there is no place for the workers' security group of ${var.name}/${var.architecture}: name a subnet, or security groups of your own."
    }
  }
}

data "aws_subnet" "worker" {
  count = var.create_security_group ? (length(var.security_group_ids) > 0 ? 0 : 1) : 0

  id = var.subnet_id == null ? try(sort(one(data.aws_subnets.worker[*].ids))[0], null) : var.subnet_id
}

# A group stays in its VPC; the subnet that is named tells of another one, and of an unknown one
# too.
resource "terraform_data" "security_group_place" {
  input = var.subnet_id
}

resource "aws_security_group" "worker" {
  count = var.create_security_group ? (length(var.security_group_ids) > 0 ? 0 : 1) : 0

  name_prefix = "docker-cache-${var.name}-${var.architecture}-worker-"
  description = "Docker cache ${var.name}/${var.architecture}: worker, admits nothing"
  vpc_id      = one(data.aws_subnet.worker[*].vpc_id)

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
