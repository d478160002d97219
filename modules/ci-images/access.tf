resource "terraform_data" "identity" {
  input = { name = var.name }
}

data "aws_iam_policy_document" "puller" {
  statement {
    sid = "UseImages"

    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:DescribeImages",
      "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer",
      "ecr:ListTagsForResource",
    ]

    resources = [
      "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${local.repository}",
    ]
  }

  statement {
    sid       = "LogIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "puller" {
  name        = "docker-cache-ci-images-${var.name}-puller-${local.region}"
  description = "Use CI images"
  path        = var.role_path
  policy      = data.aws_iam_policy_document.puller.json

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "pusher" {
  statement {
    sid = "UseImages"

    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:DescribeImages",
      "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer",
      "ecr:ListTagsForResource",
    ]

    resources = [
      "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${local.repository}",
    ]
  }

  statement {
    sid       = "LogIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"

    actions = [
      "ecr:CompleteLayerUpload",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]

    resources = [
      "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${local.repository}",
    ]
  }
}

resource "aws_iam_policy" "pusher" {
  name        = "docker-cache-ci-images-${var.name}-pusher-${local.region}"
  description = "Use CI images, and push them"
  path        = var.role_path
  policy      = data.aws_iam_policy_document.pusher.json

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}
