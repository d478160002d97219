locals {
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
