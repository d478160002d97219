locals {
  tags = merge(var.tags, {
    "docker-cache:companion" = "layer-cache"
    "docker-cache:name"      = var.name
  })
}

resource "terraform_data" "identity" {
  input = { name = var.name }
}

locals {
  bucket = (
    var.bucket == null
    ? "docker-cache-${var.name}-${local.account_id}-${local.region}"
    : var.bucket
  )
}

data "aws_iam_policy_document" "reader" {
  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid     = "ReadLayers"
      actions = ["s3:GetObject"]

      resources = [
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/manifests/*",
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/blobs/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid       = "TellWhatIsMissing"
      actions   = ["s3:ListBucket"]
      resources = ["arn:${local.partition}:s3:::${local.bucket}"]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? var.kms_key_arn[*] : []

    content {
      sid       = "UseKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid     = "PullLayers"
      actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

      resources = [
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/branches",
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/default",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid       = "LogIn"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_policy" "reader" {
  name        = "docker-cache-layer-cache-reader-${var.name}-${local.region}"
  description = "Begin builds with the layers of all branches"
  path        = var.role_path
  policy      = data.aws_iam_policy_document.reader.json

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "branch_writer" {
  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid     = "ReadLayers"
      actions = ["s3:GetObject"]

      resources = [
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/manifests/*",
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/blobs/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid       = "TellWhatIsMissing"
      actions   = ["s3:ListBucket"]
      resources = ["arn:${local.partition}:s3:::${local.bucket}"]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? var.kms_key_arn[*] : []

    content {
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid     = "WriteBranches"
      actions = ["s3:AbortMultipartUpload", "s3:PutObject"]

      resources = [
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/manifests/branches/*",
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/blobs/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid     = "PullLayers"
      actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

      resources = [
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/branches",
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/default",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid       = "LogIn"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid = "PushLayers"

      actions = [
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]

      resources = [
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/branches",
      ]
    }
  }
}

resource "aws_iam_policy" "branch_writer" {
  name        = "docker-cache-layer-cache-branch-writer-${var.name}-${local.region}"
  description = "Begin builds with all layers, and keep those of branches"
  path        = var.role_path
  policy      = data.aws_iam_policy_document.branch_writer.json

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "writer" {
  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid     = "ReadLayers"
      actions = ["s3:GetObject"]

      resources = [
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/manifests/*",
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/blobs/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid       = "TellWhatIsMissing"
      actions   = ["s3:ListBucket"]
      resources = ["arn:${local.partition}:s3:::${local.bucket}"]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? var.kms_key_arn[*] : []

    content {
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid     = "WriteLayers"
      actions = ["s3:AbortMultipartUpload", "s3:PutObject"]

      resources = [
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/manifests/*",
        "arn:${local.partition}:s3:::${local.bucket}/${var.name}/blobs/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "s3" ? [true] : []

    content {
      sid       = "DeleteBlobs"
      actions   = ["s3:DeleteObject"]
      resources = ["arn:${local.partition}:s3:::${local.bucket}/${var.name}/blobs/*"]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid     = "PullLayers"
      actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

      resources = [
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/branches",
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/default",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid       = "LogIn"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.backend == "ecr" ? [true] : []

    content {
      sid = "PushLayers"

      actions = [
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]

      resources = [
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/branches",
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/docker-cache-layer-cache/${var.name}/default",
      ]
    }
  }
}

resource "aws_iam_policy" "writer" {
  name        = "docker-cache-layer-cache-writer-${var.name}-${local.region}"
  description = "Begin builds with all layers, and keep those of every branch"
  path        = var.role_path
  policy      = data.aws_iam_policy_document.writer.json

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}
