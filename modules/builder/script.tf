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
