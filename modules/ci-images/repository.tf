locals {
  repository = coalesce(var.repository, "build-cache/${var.name}")
}

resource "aws_ecr_repository" "images" {
  name = local.repository

  # Every image can be built again.
  force_delete = true

  # `latest` moves, and AWS provider 5.100 knows no exception for one tag.
  image_tag_mutability = "MUTABLE"

  dynamic "encryption_configuration" {
    for_each = var.kms_key_arn[*]

    content {
      encryption_type = "KMS"
      kms_key         = encryption_configuration.value
    }
  }

  tags = local.tags
}

resource "aws_ecr_lifecycle_policy" "images" {
  repository = aws_ecr_repository.images.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Expire images older than ${var.max_age_days} days"
      selection = {
        tagStatus   = "any"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = var.max_age_days
      }
      action = { type = "expire" }
    }]
  })
}
