locals {
  # Without a rule for Docker Hub its official images come through ECR Public, which has them too.
  map = tomap(merge(
    {
      for key, prefixes in {
        for prefix, rule in local.all_rules :
        join("/", compact([rule.upstream, rule.upstream_prefix])) => prefix...
      } :
      key => prefixes[0]
    },
    {
      for key in ["docker.io/library"] : key => "ecr-public/docker/library"
      if(
        var.ecr_public &&
        length([for rule in values(local.all_rules) : rule if rule.upstream == "docker.io"]) == 0
      )
    }
  ))

  tags = merge(var.tags, {
    "docker-cache:companion" = "pull-through"
    "docker-cache:name"      = "pull-through"
  })

  all_rules = merge(
    {
      for prefix in ["ecr-public"] :
      prefix => {
        upstream        = "public.ecr.aws"
        upstream_url    = "public.ecr.aws"
        secret_name     = null
        role_arn        = null
        upstream_prefix = null
      }
      if var.ecr_public
    },
    {
      for prefix, rule in local.rules :
      prefix => {
        upstream = (
          contains(
            ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"],
            rule.upstream
          )
          ? "docker.io"
          : rule.upstream
        )
        upstream_url = (
          contains(
            ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"],
            rule.upstream
          )
          ? "registry-1.docker.io"
          : rule.upstream
        )
        secret_name     = rule.secret_name
        role_arn        = rule.role_arn
        upstream_prefix = rule.upstream_prefix
      }
    }
  )
}

resource "terraform_data" "identity" {
  input = { name = "pull-through" }
}

data "aws_iam_policy_document" "repositories_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.ecr.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "repositories" {
  name                 = "docker-cache-pull-through-${local.region}"
  description          = "ECR makes repositories for what is pulled through it"
  assume_role_policy   = data.aws_iam_policy_document.repositories_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "repositories" {
  statement {
    sid     = "MakeRepositories"
    actions = ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"]

    resources = [
      for prefix in keys(local.all_rules) :
      "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${prefix}/*"
    ]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "UseKey"
      actions   = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "repositories" {
  name   = "repositories"
  role   = aws_iam_role.repositories.id
  policy = data.aws_iam_policy_document.repositories.json
}

resource "aws_ecr_repository_creation_template" "upstreams" {
  for_each = local.all_rules

  description     = "Images of ${each.value.upstream}, pulled through"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = aws_iam_role.repositories.arn
  prefix          = each.key
  resource_tags   = merge(local.tags, { "docker-cache:name" = each.key })

  # An immutable tag would never be refreshed.
  image_tag_mutability = "MUTABLE"

  lifecycle_policy = (
    (var.expire_after_days == 0 ? null : var.expire_after_days) == null
    ? null
    : jsonencode({
      rules = [{
        rulePriority = 1
        description  = "What was pulled through is pulled anew when it is asked for"
        selection = {
          tagStatus   = "any"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = var.expire_after_days == 0 ? null : var.expire_after_days
        }
        action = { type = "expire" }
      }]
    })
  )

  dynamic "encryption_configuration" {
    for_each = var.kms_key_arn[*]

    content {
      encryption_type = "KMS"
      kms_key         = encryption_configuration.value
    }
  }

  depends_on = [aws_iam_role_policy.repositories]
}

# Secrets Manager's filter takes a name for a beginning: the exact one is chosen below.
data "aws_secretsmanager_secrets" "logins" {
  for_each = {
    for prefix, rule in local.all_rules : prefix => rule.secret_name
    if can(regex(
      "^registry-1[.]docker[.]io$|^(ghcr[.]io)$|^(registry[.]gitlab[.]com)$|^[a-z0-9]{5,50}[.]azurecr[.]io$|^(cgr[.]dev)$",
      rule.upstream_url
    ))
  }

  filter {
    name   = "name"
    values = [coalesce(each.value, "none")]
  }
}

locals {
  login_arns = {
    for prefix, secrets in data.aws_secretsmanager_secrets.logins :
    prefix => [
      for arn in secrets.arns : arn
      if endswith(substr(arn, 0, length(arn) - 7), format(
        ":secret:%s",
        coalesce(local.all_rules[prefix].secret_name, "none")
      ))
    ]
  }
}

resource "aws_ecr_pull_through_cache_rule" "upstreams" {
  for_each = local.all_rules

  credential_arn             = one(lookup(local.login_arns, each.key, []))
  custom_role_arn            = each.value.role_arn
  ecr_repository_prefix      = each.key
  upstream_registry_url      = each.value.upstream_url
  upstream_repository_prefix = each.value.upstream_prefix

  depends_on = [aws_ecr_repository_creation_template.upstreams]

  lifecycle {
    precondition {
      condition = (
        each.value.secret_name == null ||
        length(lookup(local.login_arns, each.key, [null])) == 1
      )
      error_message = "pull_through.rules.${each.key}.secret_name: found no secret ${coalesce(each.value.secret_name, "none")} in ${local.region}, expected one of this account and region. Make it from a file with username and accessToken as JSON: aws secretsmanager create-secret --region ${local.region} --name ${coalesce(each.value.secret_name, "none")} --secret-string file://login.json"
    }
  }
}
