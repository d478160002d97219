# A launch template of your own, which already does other things, opted in by three tags: rotation puts
# the promoted snapshot into its cache device and leaves everything else alone.

provider "aws" {
  region = var.region
}

module "builder" {
  source = "../../modules/builder"

  name   = "ci"
  images = ["python:3.12-slim"]
}

module "rotation" {
  source = "../../modules/rotation"

  name = "ci"
}

# Only its user data is used here; role, security group and template of its own cost nothing.
module "worker" {
  source = "../../modules/worker"

  name = "ci"
}

# The cache's part is a boothook, which runs before Docker starts; yours runs after it. Gzipped whole, since EC2 takes 16 KiB.
locals {
  parts = concat(module.worker.user_data_parts, [{
    content_type = "text/x-shellscript"
    filename     = "register-runner"
    content      = file("${path.module}/register-runner.sh")
  }])

  user_data = join("\n", flatten([
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
  ]))
}

resource "aws_launch_template" "runners" {
  name                   = "runners"
  image_id               = var.image_id
  instance_type          = "m6i.large"
  update_default_version = true
  user_data              = base64gzip(local.user_data)

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

  tags = {
    "docker-cache:consume" = "ci/x86_64"
    "docker-cache:device"  = "/dev/sdf"
    "docker-cache:mapping" = "size=150 type=gp3"
  }

  lifecycle {
    # The second mapping above, whatever rotation has put there.
    ignore_changes = [block_device_mappings[1]]
  }
}
