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

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = concat(keys(var.tags), ["docker-cache:companion", "docker-cache:name"])
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

    precondition {
      condition     = length(replace(data.aws_iam_policy_document.puller.json, "/\\s/", "")) <= 6144
      error_message = "rules: found ${length(replace(data.aws_iam_policy_document.puller.json, "/\\s/", ""))} characters of the policy for those who pull, expected at most 6144, as IAM counts them. Shorten prefixes, or remove some."
    }
  }
}
