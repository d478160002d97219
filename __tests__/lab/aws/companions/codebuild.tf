data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

data "aws_security_group" "default" {
  vpc_id = data.aws_vpc.default.id
  name   = "default"
}

resource "aws_iam_role" "codebuild" {
  name = "companions-codebuild"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
  })
}

resource "aws_iam_role_policy" "codebuild" {
  name = "network"
  role = aws_iam_role.codebuild.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      Resource = "*"
    }]
  })
}

resource "aws_codebuild_project" "build" {
  name           = "companions-build"
  description    = var.changed ? "other" : "an image with layers of yesterday"
  service_role   = aws_iam_role.codebuild.arn
  build_timeout  = var.changed ? 30 : 60
  queued_timeout = 30

  source {
    type = "NO_SOURCE"
    buildspec = yamlencode({
      version = "0.2"
      phases  = { build = { commands = [var.changed ? "docker buildx build ." : "docker build ."] } }
    })
  }

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type            = "LINUX_CONTAINER"
    compute_type    = var.changed ? "BUILD_GENERAL1_MEDIUM" : "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/standard:7.0"
    privileged_mode = true

    environment_variable {
      name  = "REPOSITORY"
      value = var.changed ? "other" : "app"
    }

    environment_variable {
      name  = "SNAPSHOT"
      type  = "PARAMETER_STORE"
      value = "/docker-cache/ci/x86_64/snapshot-id"
    }
  }

  cache {
    type  = "LOCAL"
    modes = ["LOCAL_DOCKER_LAYER_CACHE"]
  }

  logs_config {
    cloudwatch_logs {
      group_name  = "/aws/codebuild/companions-build"
      stream_name = var.changed ? "b" : "a"
    }
  }

  dynamic "vpc_config" {
    for_each = var.changed ? [] : [true]

    content {
      vpc_id             = data.aws_vpc.default.id
      subnets            = data.aws_subnets.default.ids
      security_group_ids = [data.aws_security_group.default.id]
    }
  }

  tags = var.changed ? { more = "tags" } : {}

  depends_on = [aws_iam_role_policy.codebuild]
}

# As little as a project can be.
resource "aws_codebuild_project" "plain" {
  name         = "companions-plain"
  service_role = aws_iam_role.codebuild.arn

  source {
    type      = "NO_SOURCE"
    buildspec = var.changed ? "version: 0.2\nphases: {}" : "version: 0.2"
  }

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type         = "ARM_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
  }
}
