resource "aws_s3_bucket" "layers" {
  count = var.backend == "s3" && var.bucket == null ? 1 : 0

  bucket = local.bucket

  # Every layer can be built again.
  force_destroy = true

  tags = local.tags

  lifecycle {
    ignore_changes       = [bucket]
    replace_triggered_by = [terraform_data.identity]
  }
}

# The bucket's own key spares KMS a request for each layer.
resource "aws_s3_bucket_server_side_encryption_configuration" "layers" {
  count = var.backend == "s3" && var.bucket == null ? 1 : 0

  bucket = one(aws_s3_bucket.layers[*].id)

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      kms_master_key_id = var.kms_key_arn
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "layers" {
  count = var.backend == "s3" && var.bucket == null ? 1 : 0

  bucket = one(aws_s3_bucket.layers[*].id)

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "layers" {
  count = var.backend == "s3" && var.bucket == null ? 1 : 0

  block_public_acls       = true
  block_public_policy     = true
  bucket                  = one(aws_s3_bucket.layers[*].id)
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "bucket" {
  count = var.backend == "s3" && var.bucket == null ? 1 : 0

  statement {
    sid     = "OnlyTls"
    effect  = "Deny"
    actions = ["s3:*"]

    resources = [
      "arn:${local.partition}:s3:::${local.bucket}",
      "arn:${local.partition}:s3:::${local.bucket}/*",
    ]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "layers" {
  count = var.backend == "s3" && var.bucket == null ? 1 : 0

  bucket = one(aws_s3_bucket.layers[*].id)
  policy = one(data.aws_iam_policy_document.bucket[*].json)

  depends_on = [aws_s3_bucket_public_access_block.layers]
}

# Two rules, not one: a build fails if a blob is gone that a manifest names. An export touches blobs
# that are older than a day, so they outlive manifests.
resource "aws_s3_bucket_lifecycle_configuration" "layers" {
  count = var.backend == "s3" && var.bucket == null ? 1 : 0

  bucket = one(aws_s3_bucket.layers[*].id)

  rule {
    id     = "manifests"
    status = "Enabled"

    expiration {
      days = var.expire_after_days
    }

    filter {
      prefix = "${var.name}/manifests/"
    }
  }

  rule {
    id     = "blobs"
    status = "Enabled"

    expiration {
      days = var.expire_after_days + 7
    }

    filter {
      prefix = "${var.name}/blobs/"
    }
  }

  rule {
    id     = "uploads"
    status = "Enabled"

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }

    filter {
      prefix = ""
    }
  }
}
