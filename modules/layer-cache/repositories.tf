resource "aws_ecr_repository" "default" {
  count = var.backend == "ecr" ? 1 : 0

  name = "docker-cache-layer-cache/${var.name}/default"

  # Every layer can be built again.
  force_delete = true

  # A branch's cache is written anew under its tag by each build.
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

# ECR applies the rule on any image last, and never to one that the rule before is about.
resource "aws_ecr_lifecycle_policy" "default" {
  count = var.backend == "ecr" ? 1 : 0

  repository = one(aws_ecr_repository.default[*].name)

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Expire caches that another has replaced, older than 7 days"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Expire caches older than ${var.expire_after_days} days"
        selection = {
          tagStatus   = "any"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = var.expire_after_days
        }
        action = { type = "expire" }
      },
    ]
  })
}

resource "aws_ecr_repository" "branches" {
  count = var.backend == "ecr" ? 1 : 0

  name = "docker-cache-layer-cache/${var.name}/branches"

  # Every layer can be built again.
  force_delete = true

  # A branch's cache is written anew under its tag by each build.
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

# ECR applies the rule on any image last, and never to one that the rule before is about.
resource "aws_ecr_lifecycle_policy" "branches" {
  count = var.backend == "ecr" ? 1 : 0

  repository = one(aws_ecr_repository.branches[*].name)

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Expire caches that another has replaced, older than 7 days"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Expire caches older than ${var.expire_after_days} days"
        selection = {
          tagStatus   = "any"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = var.expire_after_days
        }
        action = { type = "expire" }
      },
    ]
  })
}
