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
    "export HYDRATE_RATE_MIBPS='${base64encode(var.hydrate_rate_mibps)}'",
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
  count = var.create_launch_template ? 1 : 0

  name                   = "docker-cache-${var.name}-${var.architecture}-worker"
  description            = "Worker with the Docker cache ${var.name}/${var.architecture}"
  image_id               = local.image_id
  instance_type          = local.instance_type
  update_default_version = true
  user_data              = local.user_data

  vpc_security_group_ids = (
    var.subnet_id == null
    ? length(var.security_group_ids) > 0
    ? var.security_group_ids
    : aws_security_group.worker[*].id
    : null
  )

  dynamic "iam_instance_profile" {
    for_each = local.instance_profile_name[*]

    content {
      name = iam_instance_profile.value
    }
  }

  dynamic "network_interfaces" {
    for_each = var.subnet_id[*]

    content {
      device_index                = 0
      subnet_id                   = network_interfaces.value
      associate_public_ip_address = coalesce(var.associate_public_ip_address, false)
      delete_on_termination       = true

      security_groups = (
        length(var.security_group_ids) > 0
        ? var.security_group_ids
        : aws_security_group.worker[*].id
      )
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
