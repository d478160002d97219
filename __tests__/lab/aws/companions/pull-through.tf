resource "aws_iam_role" "ecr" {
  name = "companions-ecr"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecr.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_repository_creation_template" "quay" {
  prefix               = aws_ecr_pull_through_cache_rule.quay.ecr_repository_prefix
  description          = var.changed ? "other" : "images of quay.io"
  applied_for          = var.changed ? ["PULL_THROUGH_CACHE", "REPLICATION"] : ["PULL_THROUGH_CACHE"]
  image_tag_mutability = var.changed ? "IMMUTABLE" : "MUTABLE"
  custom_role_arn      = aws_iam_role.ecr.arn
  resource_tags        = var.changed ? { cache = "ci", more = "tags" } : { cache = "ci" }

  encryption_configuration {
    encryption_type = "KMS"
  }

  lifecycle_policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "images that nobody pulled"
      selection = {
        tagStatus   = "any"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = var.changed ? 30 : 14
      }
      action = { type = "expire" }
    }]
  })

  repository_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}

resource "aws_ecr_repository_creation_template" "root" {
  prefix      = "ROOT"
  applied_for = ["PULL_THROUGH_CACHE"]
}
