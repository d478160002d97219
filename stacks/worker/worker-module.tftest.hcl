# Runs without an account: the provider is a mock, plans and applies are Terraform's own.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_ssm_parameters_by_path" {
    defaults = {
      names  = ["/docker-cache/ci/x86_64/snapshot-id", "/docker-cache/ci/x86_64/volume-id"]
      values = ["snap-0123456789abcdef0", "vol-0123456789abcdef0"]
    }
  }
}

run "a_name_is_enough" {
  command = plan

  variables {
    name = "ci"
  }

  assert {
    condition     = aws_launch_template.worker[0].name == "docker-cache-ci-x86_64-worker"
    error_message = "The template is named after cache and architecture."
  }

  assert {
    condition     = aws_launch_template.worker[0].tags["docker-cache:consume"] == "ci/x86_64"
    error_message = "Rotation finds the template by its tag."
  }

  assert {
    condition     = aws_launch_template.worker[0].tags["docker-cache:mapping"] == "size=150 type=gp3"
    error_message = "What is not given is not in the mapping."
  }

  assert {
    condition     = aws_launch_template.worker[0].metadata_options[0].http_tokens == "required"
    error_message = "Instance metadata is read with version 2 alone."
  }

  assert {
    condition     = length(aws_launch_template.worker[0].network_interfaces) == 0
    error_message = "Without a subnet whoever launches decides where."
  }

  assert {
    condition     = output.snapshot_id == null && output.block_device_mappings == [] && output.block_device_mapping == null
    error_message = "Without read_pointer nothing is read."
  }

  assert {
    condition = output.consume_tags == {
      "docker-cache:consume" = "ci/x86_64"
      "docker-cache:device"  = "/dev/sdf"
      "docker-cache:mapping" = "size=150 type=gp3"
    }
    error_message = "The tags for a template of your own are those of the module's."
  }
}

run "the_architecture_chooses_type_and_image" {
  command = plan

  variables {
    name         = "ci"
    architecture = "arm64"
  }

  assert {
    condition     = aws_launch_template.worker[0].instance_type == "m6g.large"
    error_message = "The default type has the architecture."
  }

  assert {
    condition     = strcontains(aws_launch_template.worker[0].image_id, "/arm64/")
    error_message = "The default AMI has the architecture."
  }
}

run "what_is_yours_is_not_made" {
  command = plan

  variables {
    name                        = "ci"
    subnet_id                   = "subnet-0123456789abcdef2"
    associate_public_ip_address = true
    security_group_ids          = ["sg-0123456789abcdef0"]
    instance_profile_name       = "mine"
  }

  assert {
    condition     = length(aws_security_group.worker) + length(aws_iam_role.worker) + length(aws_iam_instance_profile.worker) == 0
    error_message = "No security group, role or profile beside yours."
  }

  assert {
    condition     = aws_launch_template.worker[0].network_interfaces[0].subnet_id == "subnet-0123456789abcdef2"
    error_message = "The interface is in your subnet."
  }

  assert {
    condition     = alltrue([for one in [output.role_name, output.role_arn, output.instance_profile_arn, output.security_group_id] : one == null]) && output.instance_profile_name == "mine"
    error_message = "Outputs tell what is yours."
  }
}

run "what_is_not_wanted_is_not_made" {
  command = plan

  variables {
    name                   = "ci"
    create_launch_template = false
    create_role            = false
    create_security_group  = false
  }

  assert {
    condition     = length(aws_launch_template.worker) + length(aws_security_group.worker) + length(aws_iam_role.worker) + length(aws_iam_instance_profile.worker) == 0
    error_message = "Nothing but the outputs is left."
  }

  assert {
    condition     = alltrue([for one in [output.launch_template_id, output.instance_profile_name, output.role_name, output.security_group_id] : one == null]) && output.user_data != ""
    error_message = "What a template of yours needs is there, and the rest is null."
  }
}

run "a_template_needs_no_profile" {
  command = plan

  variables {
    name                  = "ci"
    create_role           = false
    create_security_group = false
  }

  assert {
    condition     = length(aws_launch_template.worker[0].iam_instance_profile) == 0 && length(aws_launch_template.worker[0].vpc_security_group_ids) == 0
    error_message = "EC2 chooses the group, and workers have no role."
  }
}

run "the_pointer_is_read_when_asked" {
  command = plan

  variables {
    name         = "ci"
    read_pointer = true
  }

  assert {
    condition     = output.snapshot_id == "snap-0123456789abcdef0"
    error_message = "The parameter named snapshot-id is the pointer."
  }

  assert {
    condition     = output.block_device_mappings[0].ebs.snapshot_id == "snap-0123456789abcdef0"
    error_message = "The mapping carries the snapshot."
  }

  assert {
    condition     = concat([{ device_name = "/dev/xvda", volume_size = 40 }], output.block_device_mapping[*])[1].snapshot_id == "snap-0123456789abcdef0"
    error_message = "The flat mapping is an item of such a list."
  }
}

run "before_the_first_promotion_there_is_no_snapshot" {
  command = plan

  variables {
    name         = "ci"
    read_pointer = true
  }

  override_data {
    target = data.aws_ssm_parameters_by_path.pointer
    values = {
      names  = ["/docker-cache/ci/x86_64/snapshot-id"]
      values = ["none"]
    }
  }

  assert {
    condition     = output.snapshot_id == null && output.block_device_mappings == [] && output.block_device_mapping == null
    error_message = "none is no snapshot."
  }
}

run "without_rotation_there_is_no_snapshot" {
  command = plan

  variables {
    name         = "ci"
    read_pointer = true
  }

  override_data {
    target = data.aws_ssm_parameters_by_path.pointer
    values = {
      names  = []
      values = []
    }
  }

  assert {
    condition     = output.snapshot_id == null && output.block_device_mappings == [] && output.block_device_mapping == null
    error_message = "A missing parameter is no error."
  }
}

run "user_data_carries_any_byte" {
  command = plan

  variables {
    name   = "ci"
    script = "#!/bin/sh\necho \"$${HOME} %%{x} it's\"\n"
  }

  assert {
    condition     = strcontains(output.user_data_parts[0].content, "export CACHE_NAME='Y2k='")
    error_message = "Settings are base64."
  }

  assert {
    condition     = output.user_data_parts[*].content_type == ["text/cloud-boothook", "text/x-shellscript"]
    error_message = "The cache comes before Docker, the script after it."
  }

  assert {
    condition     = strcontains(output.user_data_parts[1].content, "export USER_SCRIPT='${base64gzip(var.script)}'")
    error_message = "The script is in its own part."
  }

  assert {
    condition     = startswith(base64decode(output.user_data), "#!/bin/bash\n")
    error_message = "cloud-init runs what begins with a shebang."
  }

  assert {
    condition     = strcontains(base64decode(output.user_data), "export USER_SCRIPT='${base64gzip(var.script)}'")
    error_message = "The plain script runs the script too."
  }

  assert {
    condition     = !strcontains(output.user_data_snippet, "USER_SCRIPT") && !startswith(output.user_data_snippet, "#!")
    error_message = "The snippet is the cache alone, for the middle of a script."
  }
}

run "without_a_script_there_is_one_part" {
  command = plan

  variables {
    name = "ci"
  }

  assert {
    condition     = output.user_data_parts[*].content_type == ["text/cloud-boothook"]
    error_message = "No script, no part."
  }

  assert {
    condition     = !strcontains(base64decode(output.user_data), "USER_SCRIPT")
    error_message = "No script, no lines that run it."
  }
}

run "a_late_start_is_one_plain_script" {
  command = plan

  variables {
    name  = "ci"
    start = "late"
  }

  assert {
    condition     = aws_launch_template.worker[0].user_data == base64gzip(base64decode(output.user_data))
    error_message = "The template has the plain script, gzipped."
  }
}

run "no_default_vpc_is_said" {
  command = plan

  variables {
    name = "ci"
  }

  override_data {
    target = data.aws_subnets.worker
    values = { ids = [] }
  }

  expect_failures = [data.aws_subnets.worker]
}

run "bad_values_are_refused" {
  command = plan

  variables {
    name                  = "Upper"
    architecture          = "riscv"
    start                 = "soon"
    timeout_seconds       = 1.5
    volume                = { size_gib = 1, type = "floppy" }
    policy_arns           = ["not-an-arn"]
    instance_profile_name = ""
  }

  expect_failures = [
    var.name,
    var.architecture,
    var.start,
    var.timeout_seconds,
    var.volume,
    var.policy_arns,
    var.instance_profile_name,
  ]
}

run "user_data_that_is_too_long_is_refused" {
  command = plan

  variables {
    name = "ci"
    # Text that hardly compresses.
    script = "#!/bin/sh\n${join("", [for index in range(270) : base64sha256(tostring(index))])}"
  }

  expect_failures = [aws_launch_template.worker]
}

run "applies" {
  variables {
    name        = "ci"
    policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
    tags        = { team = "ci" }
  }

  assert {
    condition     = aws_iam_role_policy_attachment.worker["0"].role == aws_iam_role.worker[0].id
    error_message = "Your policies are on our role."
  }

  assert {
    condition     = aws_launch_template.worker[0].tag_specifications[0].tags["team"] == "ci"
    error_message = "Your tags are on what is launched."
  }
}

run "what_does_not_fit_together_is_refused" {
  command = plan

  variables {
    name          = "ci"
    instance_type = "m7g.large"
    volume        = { type = "io2" }
  }

  expect_failures = [output.name_prefix]
}

run "an_unknown_attribute_is_refused" {
  command = plan

  variables {
    name   = "ci"
    volume = { size = 500 }
  }

  expect_failures = [var.volume]
}
