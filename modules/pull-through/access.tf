data "aws_iam_policy_document" "puller" {
  statement {
    sid = "PullThroughEcr"

    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
      "ecr:BatchImportUpstreamImage",
      "ecr:CreateRepository",
    ]

    resources = [
      for prefix in keys(local.all_rules) :
      "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${prefix}/*"
    ]
  }

  statement {
    sid     = "TagNewRepositories"
    actions = ["ecr:TagResource"]

    resources = [
      for prefix in keys(local.all_rules) :
      "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${prefix}/*"
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:companion"
      values   = ["pull-through"]
    }
  }

  statement {
    sid       = "LogInToPullThrough"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "puller" {
  name        = "docker-cache-pull-through-puller-${local.region}"
  description = "Pull images through ECR's cache of upstream registries"
  path        = var.role_path
  policy      = data.aws_iam_policy_document.puller.json

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}
