# A region without a default VPC: builder and workers in private subnets, whose way out is a NAT gateway.

provider "aws" {
  region = var.region
}

data "aws_availability_zones" "all" {
  state = "available"
}

resource "aws_vpc" "ci" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.ci.id
  cidr_block        = "10.20.0.0/24"
  availability_zone = data.aws_availability_zones.all.names[0]
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id            = aws_vpc.ci.id
  cidr_block        = "10.20.${count.index + 1}.0/24"
  availability_zone = data.aws_availability_zones.all.names[count.index]
}

resource "aws_internet_gateway" "ci" {
  vpc_id = aws_vpc.ci.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "ci" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public.id
  depends_on    = [aws_internet_gateway.ci]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.ci.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.ci.id
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.ci.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.ci.id
  }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  count = length(aws_subnet.private)

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

# A security group belongs to a VPC, so the workers' is made here. Their subnets are the Auto Scaling group's to choose.
resource "aws_security_group" "workers" {
  name        = "ci-workers"
  description = "Workers, admits nothing"
  vpc_id      = aws_vpc.ci.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

module "cache" {
  source = "../../modules/cache"

  name   = "ci"
  images = ["python:3.12-slim"]

  # The builder's subnet decides the zone of the cache volume.
  builder = { subnet_id = aws_subnet.private[0].id }
  worker  = { security_group_ids = [aws_security_group.workers.id] }
}

resource "aws_autoscaling_group" "workers" {
  name                = "ci-workers"
  min_size            = 0
  max_size            = 20
  vpc_zone_identifier = aws_subnet.private[*].id

  launch_template {
    id      = module.cache.worker.launch_template_id
    version = "$Default"
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}
