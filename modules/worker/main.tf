data "aws_region" "current" {}

data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

locals {
  region = data.aws_region.current.id

  proxy = {
    http  = tostring(try(var.proxy.http, null))
    https = tostring(try(var.proxy.https, null))
    no    = tostring(try(var.proxy.no, null))
  }

  volume = {
    size_gib         = coalesce(tonumber(try(var.volume.size_gib, null)), 150)
    type             = coalesce(tostring(try(var.volume.type, null)), "gp3")
    iops             = tonumber(try(var.volume.iops, null))
    throughput_mibps = tonumber(try(var.volume.throughput_mibps, null))
  }

  default_image_id = {
    x86_64 = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    arm64  = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
  }

  image_id = coalesce(var.image_id, local.default_image_id[var.architecture])

  default_instance_type = {
    x86_64 = "m6i.large"
    arm64  = "m6g.large"
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

data "aws_subnets" "worker" {
  count = length(var.security_group_ids) > 0 ? 0 : 1

  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  lifecycle {
    postcondition {
      condition     = var.subnet_id != null || length(self.ids) > 0
      error_message = "Region ${local.region} has no default VPC, so there is no place for the workers' security group of ${var.name}/${var.architecture}: name a subnet, or security groups of your own."
    }
  }
}

data "aws_subnet" "worker" {
  count = length(var.security_group_ids) > 0 ? 0 : 1

  id = var.subnet_id == null ? try(sort(one(data.aws_subnets.worker[*].ids))[0], null) : var.subnet_id
}

# A group stays in its VPC; the subnet that is named tells of another one, and of an unknown one
# too.
resource "terraform_data" "security_group_place" {
  input = var.subnet_id == null ? null : var.subnet_id
}

resource "aws_security_group" "worker" {
  count = length(var.security_group_ids) > 0 ? 0 : 1

  name_prefix = "docker-cache-${var.name}-${var.architecture}-worker-"
  description = "Docker cache ${var.name}/${var.architecture}: worker, admits nothing"
  vpc_id      = one(data.aws_subnet.worker[*].vpc_id)

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

data "aws_iam_policy_document" "worker_trust" {
  statement {
    sid     = "Assume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.ec2.name]
    }
  }
}

resource "aws_iam_role" "worker" {
  count = var.instance_profile_name == null ? 1 : 0

  name                 = "docker-cache-${var.name}-${var.architecture}-worker-${local.region}"
  description          = "Workers with the Docker cache ${var.name}/${var.architecture}"
  assume_role_policy   = data.aws_iam_policy_document.worker_trust.json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid       = "TellWhatBecameOfTheCache"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["DockerCacheWorker"]
    }
  }
}

resource "aws_iam_role_policy" "worker" {
  count = var.instance_profile_name == null ? 1 : 0

  name   = "worker"
  role   = one(aws_iam_role.worker[*].id)
  policy = data.aws_iam_policy_document.worker.json
}

resource "aws_iam_instance_profile" "worker" {
  count = var.instance_profile_name == null ? 1 : 0

  name = "docker-cache-${var.name}-${var.architecture}-worker-${local.region}"
  role = one(aws_iam_role.worker[*].id)
  path = var.role_path

  tags = local.tags

  lifecycle {
    ignore_changes       = [name]
    replace_triggered_by = [terraform_data.identity]
  }
}

resource "aws_iam_role_policy_attachment" "worker" {
  # By their place in the list: an ARN may be unknown while planning.
  for_each = {
    for index, arn in var.instance_profile_name == null ? var.policy_arns : [] :
    tostring(index) => arn
  }

  role       = one(aws_iam_role.worker[*].id)
  policy_arn = each.value
}

locals {
  user_data_settings = join("\n", [
    "export CACHE_NAME='${base64encode(var.name)}'",
    "export CACHE_ARCHITECTURE='${base64encode(var.architecture)}'",
    "export IMAGE_STORE='${base64encode(var.image_store)}'",
    "export HTTP_PROXY_URL='${base64encode(local.proxy.http == null ? "" : local.proxy.http)}'",
    "export HTTPS_PROXY_URL='${base64encode(local.proxy.https == null ? "" : local.proxy.https)}'",
    "export NO_PROXY_HOSTS='${base64encode(local.proxy.no == null ? "" : local.proxy.no)}'",
    "export TIMEOUT_SECONDS='${base64encode(var.timeout_seconds)}'",
    "export MIN_FREE_GIB='${base64encode(var.min_free_gib)}'",
    "export HYDRATE='${base64encode(var.hydrate)}'",
    "export HYDRATE_RATE_MIBPS='${base64encode(var.hydrate_rate_mibps == null ? "" : var.hydrate_rate_mibps)}'",
  ])

  user_data_plain = join("\n", [
    "#!/bin/bash",
    "(",
    "set +eu",
    local.user_data_settings,
    "export WORKER_SCRIPT='${base64gzip(join("", [file("${path.module}/userdata/later-boots.sh"), file("${path.module}/userdata/worker.sh")]))}'",
    file("${path.module}/userdata/unpack.sh"),
    file("${path.module}/userdata/call-late.sh"),
    ") || true",
    "",
    (
      var.script == null
      ? ""
      : join("\n", [
        "export USER_SCRIPT='${var.script == null ? "" : base64gzip(var.script)}'",
        file("${path.module}/userdata/user-script.sh"),
      ])
    ),
  ])

  user_data_early = join("\n", [
    "#!/bin/bash",
    local.user_data_settings,
    "export WORKER_SCRIPT='${base64gzip(file("${path.module}/userdata/worker.sh"))}'",
    file("${path.module}/userdata/unpack.sh"),
    file("${path.module}/userdata/call-early.sh"),
  ])

  user_data_script = join("\n", [
    "#!/bin/bash",
    "export USER_SCRIPT='${var.script == null ? "" : base64gzip(var.script)}'",
    file("${path.module}/userdata/user-script.sh"),
  ])

  user_data_script_part = (
    var.script == null
    ? ""
    : join("\n", [
      "--docker-cache-part",
      "Content-Type: text/x-shellscript; charset=\"us-ascii\"",
      "Content-Disposition: attachment; filename=\"docker-cache-script\"",
      "",
      local.user_data_script,
      "",
    ])
  )

  user_data_mime = join("\n", [
    "Content-Type: multipart/mixed; boundary=\"docker-cache-part\"",
    "MIME-Version: 1.0",
    "",
    "--docker-cache-part",
    "Content-Type: text/cloud-boothook; charset=\"us-ascii\"",
    "Content-Disposition: attachment; filename=\"docker-cache-early\"",
    "",
    local.user_data_early,
    "${local.user_data_script_part}--docker-cache-part--",
    "",
  ])

  user_data = base64gzip(var.start == "late" ? local.user_data_plain : local.user_data_mime)
}

resource "aws_launch_template" "worker" {
  name                   = "docker-cache-${var.name}-${var.architecture}-worker"
  description            = "Worker with the Docker cache ${var.name}/${var.architecture}"
  image_id               = local.image_id
  instance_type          = local.instance_type
  update_default_version = true
  user_data              = local.user_data

  vpc_security_group_ids = (
    var.subnet_id == null
    ? coalescelist(var.security_group_ids, aws_security_group.worker[*].id)
    : null
  )

  iam_instance_profile {
    name = (
      var.instance_profile_name == null
      ? one(aws_iam_instance_profile.worker[*].name)
      : var.instance_profile_name
    )
  }

  dynamic "network_interfaces" {
    for_each = var.subnet_id[*]

    content {
      device_index                = 0
      subnet_id                   = network_interfaces.value
      security_groups             = coalescelist(var.security_group_ids, aws_security_group.worker[*].id)
      associate_public_ip_address = coalesce(var.associate_public_ip_address, false)
      delete_on_termination       = true
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_put_response_hop_limit = var.metadata_hop_limit
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

  block_device_mappings {
    device_name = "/dev/sdf"
    no_device   = true
  }

  tag_specifications {
    resource_type = "instance"

    tags = merge(local.tags, {
      Name                = "docker-cache-${var.name}-${var.architecture}-worker"
      "docker-cache:role" = "worker"
    })
  }

  tag_specifications {
    resource_type = "volume"

    tags = merge(local.tags, {
      Name                = "docker-cache-${var.name}-${var.architecture}-worker"
      "docker-cache:role" = "worker"
    })
  }

  tag_specifications {
    resource_type = "network-interface"

    tags = merge(local.tags, {
      Name                = "docker-cache-${var.name}-${var.architecture}-worker"
      "docker-cache:role" = "worker"
    })
  }

  tags = merge(local.tags, {
    "docker-cache:consume" = "${var.name}/${var.architecture}"
    "docker-cache:device"  = "/dev/sdf"
    "docker-cache:mapping" = join(" ", compact([
      "size=${local.volume.size_gib}",
      "type=${local.volume.type}",
      local.volume.iops == null ? "" : "iops=${local.volume.iops}",
      local.volume.throughput_mibps == null ? "" : "throughput=${local.volume.throughput_mibps}",
      var.initialization_rate_mibps == null ? "" : "rate=${var.initialization_rate_mibps}",
    ]))
  })

  # The cache device belongs to rotation, which puts the promoted snapshot there; until then it stays
  # empty.
  lifecycle {
    ignore_changes = [block_device_mappings[1]]

    precondition {
      condition     = length(local.user_data) <= 21848
      error_message = "User data takes more than 16384 bytes, the most that EC2 takes: shorten the worker's script, or let it fetch its larger part."
    }
  }
}

# Read by path: before rotation has made the parameter, there is none, and that is no error.
data "aws_ssm_parameters_by_path" "pointer" {
  count = var.read_pointer ? 1 : 0

  path = "/docker-cache/${var.name}/${var.architecture}"
}

locals {
  pointer = one([
    for parameters in data.aws_ssm_parameters_by_path.pointer :
    lookup(
      zipmap(parameters.names, nonsensitive(parameters.values)),
      "/docker-cache/${var.name}/${var.architecture}/snapshot-id",
      "none"
    )
  ])

  snapshot_id = local.pointer == "none" ? null : local.pointer

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
}
