/** A module that has one of everything the printer knows; built without bindings, so that any argument can be put anywhere. */

import { ModuleStack } from "../../../stacks/faces/module-stack";
import { Construct, TerraformDataSource, TerraformResource } from "../../../stacks/terraform/cdktf";
import { comment } from "../../../stacks/terraform/comment";
import { hcl, str } from "../../../stacks/terraform/expression";

/** A resource with its arguments as Terraform spells them. */
export function resource(scope: Construct, id: string, type: string, body: Record<string, unknown>): TerraformResource {
  const made = new TerraformResource(scope, id, { terraformResourceType: type });
  for (const [name, value] of Object.entries(body)) made.addOverride(name, value);
  return made;
}

/** Shell whose signs Terraform would read. */
const SHELL = "echo \"${X:-y} %{http_code}\" '\\t' \\";

class Sample extends Construct {
  constructor(scope: ModuleStack) {
    super(scope, "module");
    const name = scope.variable("name", {
      type: "string",
      description: 'What it is called. Not a template: ${x} %{y}, "quotes" and \\ stay.',
      validation: [
        {
          condition: hcl`length(${str`var.name`}) < 20 && can(regex("^[a-z]+$", ${str`var.name`}))`.toString(),
          errorMessage: 'Expected lower-case letters, "${var.name}" has others.',
        },
      ],
    }).stringValue;
    const subnet = scope.variable("subnet_id", { type: "string", description: "A subnet.", default: null }).stringValue;
    scope.variable("tags", {
      type: "map(string)",
      description: "Tags.\nOver two lines.\n",
      default: { fooBar: "${x}", "odd-key.x": "%{y}" },
      nullable: false,
    });
    scope.variable("volume", {
      type: 'object({ size_gib = optional(number, 100), type = optional(string, "gp3"), iops = optional(number) })',
      description: "The volume.",
      default: {},
      nullable: false,
    });

    new TerraformDataSource(this, "partition", { terraformResourceType: "aws_partition" });
    const role = resource(this, "role", "aws_iam_role", {
      name_prefix: `${name}-`,
      assume_role_policy: hcl`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })`,
      description: 'Says "$${aws:x}"',
      tags: hcl`merge(var.tags, { Name = ${name} })`,
    });
    comment(role, "The role has no rights of its own: who needs some attaches them.");
    const group = new Construct(this, "network");
    const security = resource(group, "group", "aws_security_group", {
      name_prefix: `${name}-`,
      description: "text of\ntwo lines\n",
      lifecycle: { create_before_destroy: true, ignore_changes: ["description", 'tags["docker-cache:state"]'] },
    });
    resource(group, "egress", "aws_vpc_security_group_egress_rule", {
      for_each: hcl`toset(["0.0.0.0/0", "10.0.0.0/8"])`,
      security_group_id: str`${security.fqn}.id`,
      cidr_ipv4: hcl`each.value`,
      ip_protocol: "-1",
      depends_on: ["aws_iam_role.role"],
    });
    const template = resource(this, "template", "aws_launch_template", {
      name_prefix: `${name}-`,
      image_id: "ami-12345678",
      instance_type: "c7g.large",
      user_data: hcl`base64encode(join("\n", ${["#!/usr/bin/env bash", `export NAME='${str`base64encode(${name})`}'`, SHELL]}))`,
      vpc_security_group_ids: hcl`${subnet} == null ? [${security.fqn}.id] : null`,
      block_device_mappings: [
        { device_name: "/dev/xvda", ebs: { encrypted: "true", volume_size: hcl`var.volume.size_gib` } },
        { device_name: "/dev/sdf", no_device: "" },
      ],
      dynamic: {
        network_interfaces: {
          for_each: hcl`${subnet}[*]`,
          content: { subnet_id: hcl`network_interfaces.value`, security_groups: [str`${security.fqn}.id`] },
        },
        tag_specifications: {
          for_each: ["instance", "volume"],
          iterator: "kind",
          content: { resource_type: hcl`kind.value`, tags: { Name: name, "docker-cache:name": name } },
        },
      },
      lifecycle: {
        precondition: [{ condition: hcl`length(${name}) > 1`, error_message: 'Too short: "${var.name}".' }],
      },
    });
    comment(template, "Rotation writes this one.", "lifecycle");
    const alarm = resource(this, "alarm", "aws_cloudwatch_metric_alarm", {
      count: hcl`${subnet} == null ? 1 : 0`,
      alarm_name: `${name}-silence`,
      metric_name: "Runs",
      namespace: "Sample",
      comparison_operator: "LessThanThreshold",
      evaluation_periods: 1,
      period: 300,
      threshold: 1,
      statistic: "Sum",
      dimensions: { Name: name, for: "x" },
    });
    scope.output("template_id", "Id of the template.", str`${template.fqn}.id`, [
      { condition: str`length(${name}) < 50`, errorMessage: `Too long: ${name}.` },
    ]);
    scope.output("alarm_arn", "Arn of the alarm, or null.", hcl`one(${alarm.fqn}[*].arn)`);
    scope.addOverride("moved", [{ from: "aws_launch_template.old", to: "aws_launch_template.template" }]);
  }
}

/** A fresh sample. */
export function sampleModule(): ModuleStack {
  const stack = new ModuleStack("sample");
  new Sample(stack);
  return stack;
}

/** Names of nested blocks of the types in the sample. */
export const SAMPLE_BLOCKS = {
  resource: {
    aws_iam_role: { inline_policy: {} },
    aws_security_group: { timeouts: {} },
    aws_vpc_security_group_egress_rule: {},
    aws_launch_template: {
      block_device_mappings: { ebs: {} },
      network_interfaces: {},
      tag_specifications: {},
      metadata_options: {},
    },
    aws_cloudwatch_metric_alarm: { metric_query: { metric: {} } },
  },
  data: { aws_partition: {} },
};
