# A launch template of your own, which already does other things, opted in by three tags: rotation puts
# the promoted snapshot into its cache device and leaves everything else alone.

provider "aws" {
  region = var.region
}

module "cache" {
  source = "../../modules/cache"

  name   = "ci"
  images = ["python:3.12-slim"]

  # Of the worker only user data and tags are used here: it makes nothing.
  worker = {
    create_launch_template    = false
    create_role               = false
    create_security_group     = false
    initialization_rate_mibps = 200

    volume = {
      size_gib         = 150
      iops             = 4000
      throughput_mibps = 250
    }
  }
}

# The cache's part is a boothook, which runs before Docker starts; yours runs after it. Gzipped whole, since EC2 takes 16 KiB.
locals {
  parts = concat(module.cache.worker.user_data_parts, [{
    content_type = "text/x-shellscript"
    filename     = "register-runner"
    content      = file("${path.module}/register-runner.sh")
  }])

  user_data = base64gzip(join("\n", flatten([
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=\"part\"",
    "",
    [for part in local.parts : [
      "--part",
      "Content-Type: ${part.content_type}",
      "Content-Disposition: attachment; filename=\"${part.filename}\"",
      "",
      part.content,
    ]],
    "--part--",
    "",
  ])))

  # EC2 takes 16,384 bytes, which are 21,848 characters of base64.
  bytes_too_many = (length(local.user_data) - 21848) * 3 / 4
}

resource "aws_launch_template" "runners" {
  name                   = "runners"
  image_id               = var.image_id
  instance_type          = "m6i.large"
  update_default_version = true
  user_data              = local.user_data
  tags                   = module.cache.worker.consume_tags

  metadata_options {
    http_tokens = "required"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = 40
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  # The cache device: empty until the first promotion, rotation's from then on.
  block_device_mappings {
    device_name = "/dev/sdf"
    no_device   = true
  }

  lifecycle {
    # The second mapping above, whatever rotation has put there.
    ignore_changes = [block_device_mappings[1]]

    precondition {
      condition     = local.bytes_too_many <= 0
      error_message = "User data is ${local.bytes_too_many} bytes too long for EC2: shorten register-runner.sh."
    }
  }
}
