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
    "export PULL_THROUGH='${base64encode(join("\n", [for key, value in local.pull_through : "${key} ${value}"]))}'",
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
    name = var.create_role ? null : var.instance_profile_name
    arn  = one(aws_iam_instance_profile.builder[*].arn)
  }

  network_interfaces {
    device_index                = 0
    subnet_id                   = local.subnet_id
    associate_public_ip_address = coalesce(var.associate_public_ip_address, var.subnet_id == null)
    delete_on_termination       = true

    security_groups = (
      length(var.security_group_ids) > 0
      ? var.security_group_ids
      : aws_security_group.builder[*].id
    )
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
      condition     = terraform_data.volume_key.output == (var.kms_key_arn == null ? "" : var.kms_key_arn)
      error_message = "The cache volume of ${var.name}/${var.architecture} has ${terraform_data.volume_key.output == "" ? "the AWS managed key" : terraform_data.volume_key.output}, and kms_key_arn asks for ${(var.kms_key_arn == null ? "" : var.kms_key_arn) == "" ? "the AWS managed key" : var.kms_key_arn == null ? "" : var.kms_key_arn}: a volume keeps its key. Leave kms_key_arn as it was, or raise generation, which makes a new volume."
    }

    precondition {
      condition     = length(local.user_data) <= 21848
      error_message = "User data takes more than 16384 bytes, the most that EC2 takes: name fewer registries or pull-through prefixes, or shorten the list of hosts without proxy."
    }
  }
}
