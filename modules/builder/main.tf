data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

data "aws_service_principal" "scheduler" {
  service_name = "scheduler"
}

data "aws_service_principal" "dlm" {
  service_name = "dlm"
}

data "aws_subnets" "default" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

locals {
  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix

  proxy = {
    http  = tostring(try(var.proxy.http, null))
    https = tostring(try(var.proxy.https, null))
    no    = tostring(try(var.proxy.no, null))
  }

  volume = {
    size_gib         = coalesce(tonumber(try(var.volume.size_gib, null)), 100)
    type             = coalesce(tostring(try(var.volume.type, null)), "gp3")
    iops             = tonumber(try(var.volume.iops, null))
    throughput_mibps = tonumber(try(var.volume.throughput_mibps, null))
    file_system      = coalesce(tostring(try(var.volume.file_system, null)), "xfs")
    generation       = coalesce(tonumber(try(var.volume.generation, null)), 1)
  }

  build = {
    at                   = coalesce(tolist(lookup(var.build, "at", null)), ["02:00"])
    time_zone            = coalesce(tostring(try(var.build.time_zone, null)), "UTC")
    expression           = tostring(try(var.build.expression, null))
    replicate_at         = tostring(try(var.build.replicate_at, null))
    launch_retry_minutes = coalesce(tonumber(try(var.build.launch_retry_minutes, null)), 60)
    watchdog_minutes     = coalesce(tonumber(try(var.build.watchdog_minutes, null)), 120)
    parallel_pulls       = coalesce(tonumber(try(var.build.parallel_pulls, null)), 4)
    hot_set_percent      = coalesce(tonumber(try(var.build.hot_set_percent, null)), 20)
  }

  copy_to = [
    for item in var.copy_to : {
      region      = tostring(try(item.region, null))
      kms_key_arn = tostring(try(item.kms_key_arn, null))
      schedule    = coalesce(tonumber(try(item.schedule, null)), 1)
    }
  ]

  registries = [
    for item in var.registries : {
      host        = tostring(try(item.host, null))
      secret_name = tostring(try(item.secret_name, null))
      kms_key_arn = tostring(try(item.kms_key_arn, null))
    }
  ]

  build_minutes = [
    for time in local.build.at : tonumber(split(":", time)[0]) * 60 + tonumber(split(":", time)[1])
  ]

  # From the scheduled time to the watchdog of the last retry.
  longest_build_minutes = local.build.launch_retry_minutes + 10 + local.build.watchdog_minutes

  # The hour after the first build of the day has ended at the latest.
  default_replicate_at = (
    local.build.time_zone == "UTC"
    ? try(
      format(
        "%02d:00",
        (floor((min(local.build_minutes...) + local.longest_build_minutes) / 60) + 1) % 24
      ),
      null
    )
    : null
  )

  replicate_at = (
    length(local.copy_to) == 0
    ? null
    : try(coalesce(local.build.replicate_at, local.default_replicate_at), null)
  )

  replicate_minute = (
    local.replicate_at == null
    ? null
    : tonumber(split(":", local.replicate_at)[0]) * 60 + tonumber(split(":", local.replicate_at)[1])
  )

  minutes_to_replication = [
    for start in local.build_minutes : (local.replicate_minute - start + 1440) % 1440
    if local.replicate_minute != null
  ]

  # As the builder reads them: REFERENCE[ optional][ warm=whole][ smoke=COMMAND].
  image_lines = [
    for image in var.images :
    join("", [
      try(image.reference, image),
      coalesce(tobool(try(image.optional, null)), false) ? " optional" : "",
      try(image.warm, null) == "whole" ? " warm=whole" : "",
      try(image.smoke, null) == null ? "" : format(" smoke=%s", image.smoke),
    ])
  ]

  default_image_id = {
    x86_64 = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    arm64  = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
  }

  image_id = coalesce(var.image_id, local.default_image_id[var.architecture])

  default_instance_type = {
    x86_64 = "m6i.xlarge"
    arm64  = "m6g.xlarge"
  }

  instance_type = coalesce(var.instance_type, local.default_instance_type[var.architecture])
}

# What bears a cache's name is replaced by another name, and by nothing that is merely unknown while
# planning.
resource "terraform_data" "identity" {
  input = {
    name         = var.name
    architecture = var.architecture
  }
}

locals {
  tags = merge(var.tags, {
    "docker-cache:name"         = var.name
    "docker-cache:architecture" = var.architecture
  })
}

data "aws_ec2_instance_type_offerings" "builder" {
  location_type = "availability-zone"

  filter {
    name   = "instance-type"
    values = [local.instance_type]
  }
}

data "aws_subnets" "offered" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  filter {
    name   = "availability-zone"
    values = coalescelist(data.aws_ec2_instance_type_offerings.builder.locations, ["none"])
  }

  lifecycle {
    postcondition {
      condition     = var.subnet_id != null || length(data.aws_subnets.default.ids) > 0
      error_message = "Region ${local.region} has no default VPC with default subnets, and no subnet is named for the builder of ${var.name}/${var.architecture}: name one."
    }

    postcondition {
      condition = (
        var.subnet_id != null ||
        length(data.aws_subnets.default.ids) == 0 ||
        length(self.ids) > 0
      )
      error_message = "Instance type ${local.instance_type} is offered in no zone of ${local.region} that has a default subnet. Take another type, or name a subnet in a zone that offers it."
    }
  }
}

data "aws_subnet" "builder" {
  id = var.subnet_id == null ? try(sort(data.aws_subnets.offered.ids)[0], null) : var.subnet_id
}

# Another number replaces the cache volume by a new one: blocks once written are never given back.
resource "terraform_data" "generation" {
  input = local.volume.generation
}

resource "aws_ebs_volume" "cache" {
  type              = local.volume.type
  availability_zone = data.aws_subnet.builder.availability_zone
  size              = local.volume.size_gib
  iops              = local.volume.iops
  throughput        = local.volume.throughput_mibps
  encrypted         = true
  kms_key_id        = var.kms_key_arn

  tags = merge(local.tags, {
    Name                     = "docker-cache-${var.name}-${var.architecture}-builder"
    "docker-cache:role"      = "cache-volume"
    "docker-cache:replicate" = "${var.name}/${var.architecture}"
  })

  # A volume cannot move to another zone. These tags belong to the builder, which says with them what
  # the volume holds.
  lifecycle {
    replace_triggered_by = [terraform_data.generation, terraform_data.identity]

    ignore_changes = [
      availability_zone,
      tags["docker-cache:state"],
      tags["docker-cache:build-id"],
      tags["docker-cache:content"],
      tags["docker-cache:checked"],
      tags["docker-cache:store"],
      tags["docker-cache:manifest"],
    ]
  }
}

locals {
  # A local value, so that what is looked up of it is known while it has changes.
  volume_zone = aws_ebs_volume.cache.availability_zone
}

# A volume stays in its zone, and the builder goes where it is.
data "aws_subnets" "builder" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  filter {
    name   = "availability-zone"
    values = [local.volume_zone]
  }
}

locals {
  subnet_id = var.subnet_id == null ? one(data.aws_subnets.builder.ids) : var.subnet_id

  # A local value, so that what is looked up of it is known while it has changes.
  cache_volume_id = aws_ebs_volume.cache.id
}

data "aws_ebs_volume" "cache" {
  filter {
    name   = "volume-id"
    values = [local.cache_volume_id]
  }
}

resource "aws_ssm_parameter" "volume_id" {
  name           = "/docker-cache/${var.name}/${var.architecture}/volume-id"
  description    = "Cache volume of ${var.name}/${var.architecture}"
  type           = "String"
  insecure_value = aws_ebs_volume.cache.id

  tags = local.tags
}

locals {
  # Sixteen groups at most, so that a long list fits parameters of 4,096 characters and an added image
  # changes one of them.
  images = {
    for line in sort(distinct(local.image_lines)) :
    substr(sha256(split(" ", line)[0]), 0, 1) => line...
  }
}

resource "aws_ssm_parameter" "images" {
  for_each = { for digit, lines in local.images : digit => join("\n", lines) }

  name           = "/docker-cache/${var.name}/${var.architecture}/images/${each.key}"
  description    = "Images of ${var.name}/${var.architecture} whose reference's SHA-256 begins with ${each.key}"
  type           = "String"
  insecure_value = each.value

  tags = local.tags

  lifecycle {
    precondition {
      condition     = length(each.value) <= 4096
      error_message = "The images of ${var.name}/${var.architecture} whose reference's SHA-256 begins with ${each.key} take ${length(each.value)} characters, and a parameter holds 4096. Shorten their smoke commands, or move some images to another cache."
    }
  }
}

locals {
  script_sha256 = filesha256("${path.module}/userdata/build.sh")

  # The second half of the builder's script. Its first half checks the hash before it runs it.
  script = base64gzip(file("${path.module}/userdata/build.sh"))
}

resource "aws_ssm_parameter" "script" {
  for_each = {
    for part in range(ceil(length(local.script) / 4096)) :
    format("%s/%02d", substr(local.script_sha256, 0, 16), part) => substr(
      local.script,
      part * 4096,
      4096
    )
  }

  name           = "/docker-cache/${var.name}/${var.architecture}/script/${each.key}"
  description    = "Builder's script of ${var.name}/${var.architecture}"
  type           = "String"
  insecure_value = each.value

  tags = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "builder" {
  name              = "/docker-cache/${var.name}/${var.architecture}/builder"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days

  tags = local.tags
}

resource "aws_cloudwatch_log_group" "manifests" {
  name              = "/docker-cache/${var.name}/${var.architecture}/manifests"
  kms_key_id        = var.kms_key_arn
  retention_in_days = 400

  tags = local.tags
}

locals {
  # ARNs of the repositories in ECR that the image list names.
  ecr_repositories = sort(distinct(flatten([
    for line in local.image_lines : [
      for part in regexall(
        replace(
          "^([0-9]{12})[.]dkr[.-]ecr(-fips)?[.]([a-z0-9-]+)[.](DNS_SUFFIX|on[.]aws|on[.]amazonwebservices[.](com[.]cn|eu))/([^:@ ]+)",
          "DNS_SUFFIX",
          replace(local.dns_suffix, ".", "[.]")
        ),
        line
      ) :
      "arn:${local.partition}:ecr:${part[2]}:${part[0]}:repository/${part[5]}"
    ]
  ])))
}

data "aws_iam_policy_document" "builder_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.ec2.name]
    }
  }
}

resource "aws_iam_role" "builder" {
  name                 = "docker-cache-${var.name}-${var.architecture}-builder-${local.region}"
  description          = "Builder of the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.builder_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "builder" {
  statement {
    sid       = "AttachCacheVolume"
    actions   = ["ec2:AttachVolume"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["cache-volume"]
    }
  }

  statement {
    sid       = "AttachToBuilder"
    actions   = ["ec2:AttachVolume"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["builder"]
    }
  }

  statement {
    sid       = "TagCacheVolume"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["cache-volume"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"

      values = [
        "docker-cache:state",
        "docker-cache:build-id",
        "docker-cache:content",
        "docker-cache:checked",
        "docker-cache:store",
        "docker-cache:manifest",
      ]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "TagOutcome"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["builder"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["docker-cache:outcome"]
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "SnapshotCacheVolume"
    actions   = ["ec2:CreateSnapshot"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/docker-cache:role"
      values   = ["cache-volume"]
    }
  }

  statement {
    sid       = "CreateOwnSnapshot"
    actions   = ["ec2:CreateSnapshot"]
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:architecture"
      values   = [var.architecture]
    }
  }

  statement {
    sid       = "TagNewSnapshot"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateSnapshot"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "ForAllValues:StringNotEquals"
      variable = "aws:TagKeys"

      values = [
        "docker-cache:consume",
        "docker-cache:delete-after",
        "docker-cache:deletion-refused",
        "docker-cache:pin",
        "docker-cache:replicate",
        "docker-cache:role",
      ]
    }
  }

  statement {
    sid       = "Describe"
    actions   = ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"]
    resources = ["*"]
  }

  statement {
    sid     = "ReadParameters"
    actions = ["ssm:GetParameter", "ssm:GetParametersByPath"]

    resources = [
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/images",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/images/*",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/rejected",
      "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/docker-cache/${var.name}/${var.architecture}/script/*",
    ]
  }

  statement {
    sid     = "WriteLog"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]

    resources = [
      "${aws_cloudwatch_log_group.builder.arn}:*",
      "${aws_cloudwatch_log_group.manifests.arn}:*",
    ]
  }

  dynamic "statement" {
    for_each = length(local.ecr_repositories) > 0 ? [true] : []

    content {
      sid       = "PullFromEcr"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = local.ecr_repositories
    }
  }

  dynamic "statement" {
    for_each = length(local.ecr_repositories) > 0 ? [true] : []

    content {
      sid       = "LogInToEcr"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.pull_through) > 0 ? [true] : []

    content {
      sid = "PullThroughEcr"

      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
      ]

      resources = [
        for key, value in var.pull_through :
        "arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${value}/*"
      ]
    }
  }

  dynamic "statement" {
    for_each = length(var.pull_through) > 0 ? [true] : []

    content {
      sid       = "LogInToPullThrough"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.registries) > 0 ? [true] : []

    content {
      sid     = "ReadRegistrySecrets"
      actions = ["secretsmanager:GetSecretValue"]

      resources = [
        for item in local.registries :
        "arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${item.secret_name}-??????"
      ]
    }
  }

  dynamic "statement" {
    for_each = length(distinct(compact(local.registries[*].kms_key_arn))) > 0 ? [true] : []

    content {
      sid       = "DecryptRegistrySecrets"
      actions   = ["kms:Decrypt"]
      resources = distinct(compact(local.registries[*].kms_key_arn))

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid = "UseKey"

      actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ]

      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ec2.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "GrantKeyToServices"
      actions   = ["kms:CreateGrant"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ec2.${local.region}.${local.dns_suffix}"]
      }

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "builder" {
  name   = "builder"
  role   = aws_iam_role.builder.id
  policy = data.aws_iam_policy_document.builder.json
}

resource "aws_iam_instance_profile" "builder" {
  name = "docker-cache-${var.name}-${var.architecture}-builder-${local.region}"
  role = aws_iam_role.builder.id
  path = var.role_path

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

# A group stays in its VPC; the subnet that is named tells of another one, and of an unknown one
# too.
resource "terraform_data" "security_group_place" {
  input = var.subnet_id == null ? null : var.subnet_id
}

resource "aws_security_group" "builder" {
  count = length(var.security_group_ids) > 0 ? 0 : 1

  name_prefix = "docker-cache-${var.name}-${var.architecture}-builder-"
  description = "Docker cache ${var.name}/${var.architecture}: builder, admits nothing"
  vpc_id      = data.aws_subnet.builder.vpc_id

  egress {
    description      = "Registries, AWS and whatever else the jobs need"
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = local.tags

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [name, name_prefix, vpc_id]
    replace_triggered_by  = [terraform_data.security_group_place, terraform_data.identity]
  }
}

locals {
  user_data = base64gzip(join("\n", [
    "#!/bin/bash",
    "export CACHE_NAME='${base64encode(var.name)}'",
    "export CACHE_ARCHITECTURE='${base64encode(var.architecture)}'",
    "export IMAGE_STORE='${base64encode(var.image_store)}'",
    "export HTTP_PROXY_URL='${base64encode(local.proxy.http == null ? "" : local.proxy.http)}'",
    "export HTTPS_PROXY_URL='${base64encode(local.proxy.https == null ? "" : local.proxy.https)}'",
    "export NO_PROXY_HOSTS='${base64encode(local.proxy.no == null ? "" : local.proxy.no)}'",
    "export CACHE_VOLUME_ID='${base64encode(aws_ebs_volume.cache.id)}'",
    "export DEVICE_NAME='${base64encode("/dev/sdf")}'",
    "export FILE_SYSTEM='${base64encode(local.volume.file_system)}'",
    "export WATCHDOG_MINUTES='${base64encode(local.build.watchdog_minutes)}'",
    "export REPLICATE_AT='${base64encode(local.replicate_at == null ? "" : local.replicate_at)}'",
    "export SCRIPT_PARAMETER_PATH='${base64encode("/docker-cache/${var.name}/${var.architecture}/script/${substr(local.script_sha256, 0, 16)}")}'",
    "export SCRIPT_SHA256='${base64encode(local.script_sha256)}'",
    "export IMAGES_PARAMETER_PATH='${base64encode("/docker-cache/${var.name}/${var.architecture}/images")}'",
    "export REJECTED_PARAMETER='${base64encode("/docker-cache/${var.name}/${var.architecture}/rejected")}'",
    "export LOG_GROUP='${base64encode(aws_cloudwatch_log_group.builder.name)}'",
    "export MANIFEST_LOG_GROUP='${base64encode(aws_cloudwatch_log_group.manifests.name)}'",
    "export REGISTRY_LOGINS='${base64encode(join("\n", [for item in local.registries : "${item.host} ${item.secret_name}"]))}'",
    "export PULL_THROUGH='${base64encode(join("\n", [for key, value in var.pull_through : "${key} ${value}"]))}'",
    "export PARALLEL_PULLS='${base64encode(local.build.parallel_pulls)}'",
    "export HOT_SET_PERCENT='${base64encode(local.build.hot_set_percent)}'",
    file("${path.module}/userdata/boot.sh"),
  ]))
}

resource "aws_launch_template" "builder" {
  name                                 = "docker-cache-${var.name}-${var.architecture}-builder"
  description                          = "Builder of the Docker cache ${var.name}/${var.architecture}"
  image_id                             = local.image_id
  instance_type                        = local.instance_type
  instance_initiated_shutdown_behavior = "terminate"
  update_default_version               = true
  user_data                            = local.user_data

  iam_instance_profile {
    arn = aws_iam_instance_profile.builder.arn
  }

  network_interfaces {
    device_index                = 0
    subnet_id                   = local.subnet_id
    security_groups             = coalescelist(var.security_group_ids, aws_security_group.builder[*].id)
    associate_public_ip_address = coalesce(var.associate_public_ip_address, var.subnet_id == null)
    delete_on_termination       = true
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }

  block_device_mappings {
    device_name = var.root_device_name

    ebs {
      volume_size           = var.root_volume_size_gib
      volume_type           = "gp3"
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "instance"

    tags = merge(local.tags, {
      Name                            = "docker-cache-${var.name}-${var.architecture}-builder"
      "docker-cache:role"             = "builder"
      "docker-cache:watchdog-minutes" = tostring(local.build.watchdog_minutes)
    })
  }

  tag_specifications {
    resource_type = "volume"

    tags = merge(local.tags, {
      Name                            = "docker-cache-${var.name}-${var.architecture}-builder"
      "docker-cache:role"             = "builder"
      "docker-cache:watchdog-minutes" = tostring(local.build.watchdog_minutes)
    })
  }

  tag_specifications {
    resource_type = "network-interface"

    tags = merge(local.tags, {
      Name                            = "docker-cache-${var.name}-${var.architecture}-builder"
      "docker-cache:role"             = "builder"
      "docker-cache:watchdog-minutes" = tostring(local.build.watchdog_minutes)
    })
  }

  tags = local.tags

  depends_on = [aws_ssm_parameter.script]

  lifecycle {
    precondition {
      condition     = local.subnet_id != null
      error_message = "Zone ${aws_ebs_volume.cache.availability_zone} of the cache volume of ${var.name}/${var.architecture} has no default subnet any more: name a subnet in ${aws_ebs_volume.cache.availability_zone}."
    }

    precondition {
      condition = (
        var.subnet_id == null ||
        data.aws_subnet.builder.availability_zone == aws_ebs_volume.cache.availability_zone
      )
      error_message = "The cache volume of ${var.name}/${var.architecture} is in zone ${aws_ebs_volume.cache.availability_zone}, and subnet ${data.aws_subnet.builder.id} is in ${data.aws_subnet.builder.availability_zone}: take a subnet in ${aws_ebs_volume.cache.availability_zone}, or raise generation, which makes a new volume in the subnet's zone."
    }

    precondition {
      condition = contains(
        data.aws_ec2_instance_type_offerings.builder.locations,
        aws_ebs_volume.cache.availability_zone
      )
      error_message = "Instance type ${local.instance_type} is not offered in zone ${aws_ebs_volume.cache.availability_zone}, where the cache volume of ${var.name}/${var.architecture} is. Take a type that is, or raise generation to get a new volume in another zone."
    }

    precondition {
      condition     = local.volume.size_gib >= data.aws_ebs_volume.cache.size
      error_message = "The cache volume of ${var.name}/${var.architecture} has ${data.aws_ebs_volume.cache.size} GiB, and a volume never shrinks: state at least that, or raise generation, which makes a new volume."
    }

    precondition {
      condition     = length(local.user_data) <= 21848
      error_message = "User data takes more than 16384 bytes, the most that EC2 takes: name fewer registries or pull-through prefixes, or shorten the list of hosts without proxy."
    }
  }
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "docker-cache-${var.name}-${var.architecture}-builder-dlq"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  tags = local.tags
}

resource "aws_scheduler_schedule_group" "builder" {
  name = "docker-cache-${var.name}-${var.architecture}-builder"

  tags = local.tags
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.scheduler.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.builder.arn]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name                 = "docker-cache-${var.name}-${var.architecture}-scheduler-${local.region}"
  description          = "Launches builders of the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.scheduler_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid     = "LaunchBuilder"
    actions = ["ec2:RunInstances"]

    resources = [
      aws_launch_template.builder.arn,
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:network-interface/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:security-group/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:subnet/*",
      "arn:${local.partition}:ec2:${local.region}::image/*",
      "arn:${local.partition}:ec2:${local.region}::snapshot/*",
    ]

    condition {
      test     = "ArnEquals"
      variable = "ec2:LaunchTemplate"
      values   = [aws_launch_template.builder.arn]
    }

    condition {
      test     = "Bool"
      variable = "ec2:IsLaunchTemplateResource"
      values   = ["true"]
    }
  }

  statement {
    sid     = "TagBuilder"
    actions = ["ec2:CreateTags"]

    resources = [
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:network-interface/*",
      "arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*",
    ]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:name"
      values   = [var.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:architecture"
      values   = [var.architecture]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/docker-cache:role"
      values   = ["builder"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"

      values = keys(merge(local.tags, {
        Name                            = "docker-cache-${var.name}-${var.architecture}-builder"
        "docker-cache:role"             = "builder"
        "docker-cache:watchdog-minutes" = tostring(local.build.watchdog_minutes)
      }))
    }

    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }
  }

  statement {
    sid       = "PassBuilderRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.builder.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = [data.aws_service_principal.ec2.name]
    }
  }

  statement {
    sid       = "GiveUp"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  dynamic "statement" {
    for_each = flatten(regexall("^resolve:ssm:([^:]+)", local.image_id))

    content {
      sid     = "ReadImageParameter"
      actions = ["ssm:GetParameters"]

      resources = [
        "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/${trimprefix(statement.value, "/")}",
        "arn:${local.partition}:ssm:${local.region}::parameter/${trimprefix(statement.value, "/")}",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid = "UseKey"

      actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ]

      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ec2.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "GrantKeyToServices"
      actions   = ["kms:CreateGrant"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ec2.${local.region}.${local.dns_suffix}"]
      }

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "scheduler"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

locals {
  schedules = merge(
    {
      for time in local.build.at :
      replace(time, ":", "") => "cron(${tonumber(split(":", time)[1])} ${tonumber(split(":", time)[0])} * * ? *)"
    },
    { for expression in local.build.expression[*] : "expression" => expression }
  )
}

# The universal target calls RunInstances itself: no function in between that could fail.
resource "aws_scheduler_schedule" "builder" {
  for_each = local.schedules

  name                         = "docker-cache-${var.name}-${var.architecture}-builder-${each.key}"
  description                  = "Builds the Docker cache ${var.name}/${var.architecture}"
  group_name                   = aws_scheduler_schedule_group.builder.name
  schedule_expression          = each.value
  schedule_expression_timezone = local.build.time_zone

  flexible_time_window {
    mode = "OFF"
  }

  # jsonencode escapes < and >, and Scheduler would not know the scheduled time again.
  target {
    arn      = "arn:${local.partition}:scheduler:::aws-sdk:ec2:runInstances"
    role_arn = aws_iam_role.scheduler.arn

    input = replace(
      replace(
        jsonencode({
          LaunchTemplate = {
            LaunchTemplateId = aws_launch_template.builder.id
            Version          = "$Default"
          }
          MinCount    = 1
          MaxCount    = 1
          ClientToken = "${aws_launch_template.builder.id}-<aws.scheduler.scheduled-time>"
        }),
        "\\u003c",
        "<"
      ),
      "\\u003e",
      ">"
    )

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }

    retry_policy {
      maximum_event_age_in_seconds = local.build.launch_retry_minutes * 60
    }
  }
}

locals {
  copy_kms_key_arns = compact(concat([var.kms_key_arn], local.copy_to[*].kms_key_arn))
}

data "aws_iam_policy_document" "replication_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.dlm.name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:dlm:${local.region}:${local.account_id}:policy/*"]
    }
  }
}

resource "aws_iam_role" "replication" {
  count = length(local.copy_to) > 0 ? 1 : 0

  name                 = "docker-cache-${var.name}-${var.architecture}-dlm-${local.region}"
  description          = "Copies the Docker cache ${var.name}/${var.architecture} to other regions"
  assume_role_policy   = data.aws_iam_policy_document.replication_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    sid = "SnapshotAndCopy"

    actions = [
      "ec2:CopySnapshot",
      "ec2:CreateSnapshot",
      "ec2:DeleteSnapshot",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInstances",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
    ]

    resources = ["*"]
  }

  statement {
    sid       = "TagSnapshots"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:*::snapshot/*"]
  }

  dynamic "statement" {
    for_each = length(local.copy_kms_key_arns) > 0 ? [true] : []

    content {
      sid = "UseKeys"

      actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ]

      resources = local.copy_kms_key_arns
    }
  }

  dynamic "statement" {
    for_each = length(local.copy_kms_key_arns) > 0 ? [true] : []

    content {
      sid       = "GrantKeysToServices"
      actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
      resources = local.copy_kms_key_arns

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "replication" {
  count = length(local.copy_to) > 0 ? 1 : 0

  name   = "replication"
  role   = one(aws_iam_role.replication[*].id)
  policy = data.aws_iam_policy_document.replication.json
}

# Schedules keep their numbers: DLM forgets the snapshots of a schedule that is renamed.
resource "aws_dlm_lifecycle_policy" "replication" {
  count = length(local.copy_to) > 0 ? 1 : 0

  description        = "Copies of the Docker cache ${var.name} ${var.architecture}"
  execution_role_arn = one(aws_iam_role.replication[*].arn)

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { "docker-cache:replicate" = "${var.name}/${var.architecture}" }

    dynamic "schedule" {
      for_each = sort(distinct([for copy in local.copy_to : tostring(copy.schedule)]))

      content {
        name      = "replicate-${schedule.value}"
        copy_tags = true

        create_rule {
          interval      = 24
          interval_unit = "HOURS"
          times         = [local.replicate_at]
        }

        retain_rule {
          interval      = var.copy_retention_days
          interval_unit = "DAYS"
        }

        dynamic "cross_region_copy_rule" {
          for_each = [for copy in local.copy_to : copy if copy.schedule == tonumber(schedule.value)]

          content {
            encrypted = true
            target    = cross_region_copy_rule.value.region
            cmk_arn   = cross_region_copy_rule.value.kms_key_arn
            copy_tags = true

            retain_rule {
              interval      = var.copy_retention_days
              interval_unit = "DAYS"
            }
          }
        }
      }
    }
  }

  tags = local.tags

  lifecycle {
    precondition {
      condition = alltrue([
        for number in local.copy_to[*].schedule :
        (
          contains([1, 2, 3, 4], number) &&
          length([for other in local.copy_to[*].schedule : other if other == number]) <= 3
        )
      ])
      error_message = "${var.name}/${var.architecture} is copied to more regions than one DLM policy serves: schedules are numbered 1 to 4, with at most three regions each."
    }
  }
}

locals {
  # What EBS takes of each type; null: nothing.
  volume_types = {
    gp3 = {
      size_gib         = [1, 65536]
      iops             = [3000, 80000]
      iops_per_gib     = 500
      baseline_iops    = 3000
      throughput_mibps = [125, 2000]
    }
    gp2 = {
      size_gib         = [1, 16384]
      iops             = null
      iops_per_gib     = 3
      baseline_iops    = 100
      throughput_mibps = null
    }
    io2 = {
      size_gib         = [4, 65536]
      iops             = [100, 256000]
      iops_per_gib     = 1000
      baseline_iops    = null
      throughput_mibps = null
    }
    io1 = {
      size_gib         = [4, 16384]
      iops             = [100, 64000]
      iops_per_gib     = 50
      baseline_iops    = null
      throughput_mibps = null
    }
  }

  volume_type = local.volume_types[local.volume.type]

  most_iops = try(
    min(local.volume_type.iops[1], max(
      local.volume_type.iops_per_gib * local.volume.size_gib,
      coalesce(local.volume_type.baseline_iops, 0)
    )),
    0
  )

  most_throughput_mibps = floor(coalesce(local.volume.iops, local.volume_type.baseline_iops, 0) / 4)
  image_references      = [for image in var.images : try(image.reference, split(" ", image)[0])]

  # As Docker takes them apart.
  image_parts = [
    for reference in local.image_references :
    regex(
      "(?s)^(?:(?P<domain>localhost|[^/@]*[.:A-Z][^/@]*)/)?(?P<path>[^@]*?)(?::(?P<tag>[^/@:]*))?(?:@(?P<digest>.*))?$",
      reference
    )
  ]

  image_domains = [
    for part in local.image_parts :
    part.domain == null || part.domain == "index.docker.io" ? "docker.io" : part.domain
  ]

  image_paths = [
    for index, part in local.image_parts :
    (
      local.image_domains[index] == "docker.io" && length(regexall("/", part.path)) == 0
      ? format("library/%s", part.path)
      : part.path
    )
  ]

  image_problems = [
    for index, reference in local.image_references :
    (
      can(regex("^[a-f0-9]{64}$", reference))
      ? "64 hex digits are an image id, not a reference"
      : !can(regex(
        "^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$",
        local.image_domains[index]
      ))
      ? format("\"%s\" is no registry host", local.image_domains[index])
      : local.image_paths[index] != lower(local.image_paths[index])
      ? format("the repository \"%s\" must be lower case", local.image_paths[index])
      : !can(regex(
        "^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$",
        local.image_paths[index]
      ))
      ? format("\"%s\" is no repository name", local.image_paths[index])
      : length(local.image_paths[index]) > 255
      ? format("the repository has %d characters, over 255", length(local.image_paths[index]))
      : (
        local.image_parts[index].tag != null &&
        !can(regex("^\\w[\\w.-]{0,127}$", local.image_parts[index].tag))
      )
      ? format("\"%s\" is no tag", local.image_parts[index].tag)
      : (
        local.image_parts[index].digest != null &&
        !can(regex(
          "^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$",
          local.image_parts[index].digest
        ))
      )
      ? format("\"%s\" is no digest such as sha256: and 64 hex digits", local.image_parts[index].digest)
      : null
    )
  ]

  # Equal for images that are the same, however they are spelled.
  full_image_references = [
    for index, part in local.image_parts :
    join("", [
      local.image_domains[index],
      "/",
      local.image_paths[index],
      (
        part.digest == null
        ? format(":%s", coalesce(part.tag, "latest"))
        : part.tag == null
        ? ""
        : format(":%s", part.tag)
      ),
      part.digest == null ? "" : format("@%s", part.digest),
    ])
  ]
}
