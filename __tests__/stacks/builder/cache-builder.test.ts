import { BUILDER_VOLUME_TAGS, TAG } from "../../../lib/contract";
import { builderSettings, KEY_ARN } from "../fixture";
import { builderStack } from "../synthesized";

const copies = [
  { region: "us-east-1", kmsKeyArn: null, schedule: 1 },
  { region: "us-west-2", kmsKeyArn: KEY_ARN.replace("eu-west-1", "us-west-2"), schedule: 2 },
];
const plain = builderStack();
const { resource, data, locals } = plain;
const volume = resource.aws_ebs_volume!.ci_x86_64_cache;
const template = resource.aws_launch_template!.ci_x86_64_builder;

describe("cache volume", () => {
  it("is encrypted and known by its tags", () => {
    expect(volume).toMatchObject({ size: 100, type: "gp3", encrypted: true });
    expect(volume.tags).toEqual({
      Name: "docker-cache-ci-x86_64-builder",
      team: "ci",
      [TAG.name]: "ci",
      [TAG.architecture]: "x86_64",
      [TAG.role]: "cache-volume",
      [TAG.replicate]: "ci/x86_64",
    });
  });

  it("leaves the builder's tags to the builder, key by key, and declares none of them", () => {
    expect(volume.lifecycle.ignore_changes).toEqual([
      "availability_zone",
      "kms_key_id",
      ...BUILDER_VOLUME_TAGS.map((key) => `tags["${key}"]`),
    ]);
    for (const key of BUILDER_VOLUME_TAGS) expect(volume.tags).not.toHaveProperty(key);
  });

  it("is replaced by another generation, and by another name", () => {
    expect(volume.lifecycle.replace_triggered_by).toEqual([
      "terraform_data.ci_x86_64_generation",
      "terraform_data.ci_x86_64_identity",
    ]);
    expect(resource.terraform_data!.ci_x86_64_identity.input).toEqual({ name: "ci", architecture: "x86_64" });
    expect(resource.terraform_data!.ci_x86_64_generation.input).toBe(1);
  });

  it("is named to rotation, and to everybody, by its parameter", () => {
    expect(resource.aws_ssm_parameter!.ci_x86_64_volume_id).toMatchObject({
      name: "/docker-cache/ci/x86_64/volume-id",
      type: "String",
      insecure_value: "${aws_ebs_volume.ci_x86_64_cache.id}",
    });
    // Rotation must hear of a new generation at once.
    expect(resource.aws_ssm_parameter!.ci_x86_64_volume_id).not.toHaveProperty("lifecycle");
  });

  it("begins in a zone that has a default subnet and offers the type, if no subnet is named; the builder follows it", () => {
    expect(data.aws_subnet!.ci_x86_64_builder.id).toBe("${try(sort(data.aws_subnets.ci_x86_64_offered.ids)[0], null)}");
    expect(volume.availability_zone).toBe("${data.aws_subnet.ci_x86_64_builder.availability_zone}");
    expect(data.aws_subnets!.ci_x86_64_builder.filter[1].values).toEqual(["${local.ci_x86_64_volume_zone}"]);
    expect(locals.ci_x86_64_volume_zone).toBe("${aws_ebs_volume.ci_x86_64_cache.availability_zone}");
    expect(locals.ci_x86_64_subnet_id).toBe("${one(data.aws_subnets.ci_x86_64_builder.ids)}");
    expect(template.network_interfaces[0].subnet_id).toBe("${local.ci_x86_64_subnet_id}");
  });

  it("begins in the zone of a named subnet", () => {
    const { network } = builderSettings();
    const named = builderStack({ network: { ...network, subnetId: "subnet-1" } });
    expect(named.data.aws_subnet).toEqual({ ci_x86_64_builder: { id: "subnet-1" } });
    expect(named.data).not.toHaveProperty("aws_subnets");
  });
});

describe("image parameters", () => {
  it("come from one expression over the lines, in groups by the reference's hash", () => {
    expect(locals.ci_x86_64_images).toMatch(/^\$\{\{ for line in sort\(distinct\(\["python:3.12-slim"/);
    expect(locals.ci_x86_64_images).toContain('substr(sha256(split(" ", line)[0]), 0, 1) => line...');
    expect(resource.aws_ssm_parameter!.ci_x86_64_images).toMatchObject({
      name: "/docker-cache/ci/x86_64/images/${each.key}",
      type: "String",
      insecure_value: "${each.value}",
    });
  });
});

describe("launch template", () => {
  it("R12: requires IMDSv2, hop limit 1, and terminates on shutdown", () => {
    expect(template.metadata_options).toEqual({
      http_endpoint: "enabled",
      http_tokens: "required",
      http_put_response_hop_limit: 1,
    });
    expect(template.instance_initiated_shutdown_behavior).toBe("terminate");
    expect(template.update_default_version).toBe(true);
  });

  it("has an encrypted root disk and nothing else", () => {
    expect(template.block_device_mappings).toEqual([
      {
        device_name: "/dev/xvda",
        ebs: { volume_size: 30, volume_type: "gp3", encrypted: "true", delete_on_termination: "true" },
      },
    ]);
  });

  it("tags instance, volume and interface as a builder's, and never asks for a snapshot", () => {
    expect(template.tag_specifications.map((one: { resource_type: string }) => one.resource_type)).toEqual([
      "instance",
      "volume",
      "network-interface",
    ]);
    for (const { tags } of template.tag_specifications) expect(tags).toMatchObject({ [TAG.role]: "builder" });
    expect(JSON.stringify(template)).not.toContain(TAG.consume);
  });

  it("has a public address in a default subnet, and in a named one only when asked", () => {
    const { network } = builderSettings();
    const address = (stack: typeof plain) =>
      stack.resource.aws_launch_template!.ci_x86_64_builder.network_interfaces[0].associate_public_ip_address;
    expect(address(plain)).toBe("true");
    expect(address(builderStack({ network: { ...network, subnetId: "subnet-1" } }))).toBe("false");
    expect(
      address(builderStack({ network: { ...network, subnetId: "subnet-1", associatePublicIpAddress: true } })),
    ).toBe("true");
  });

  it("uses the user's security groups instead of ours", () => {
    const { network } = builderSettings();
    const given = builderStack({ network: { ...network, securityGroupIds: ["sg-1"] } });
    expect(given.resource).not.toHaveProperty("aws_security_group");
    expect(given.resource.aws_launch_template!.ci_x86_64_builder.network_interfaces[0].security_groups).toEqual([
      "sg-1",
    ]);
  });

  it("hands the settings over in base64, gzipped with the scripts", () => {
    expect(template.user_data).toBe("${local.ci_x86_64_user_data}");
    expect(locals.ci_x86_64_user_data).toMatch(/^\$\{base64gzip\(join\("\\n", \["#!\/bin\/bash", "export CACHE_NAME=/);
    expect(locals.ci_x86_64_user_data).toContain(
      "CACHE_VOLUME_ID='${base64encode(aws_ebs_volume.ci_x86_64_cache.id)}'",
    );
    expect(locals.ci_x86_64_user_data).toContain('file("${path.module}/userdata/boot.sh")');
  });

  it("admits nothing by its security group", () => {
    const group = resource.aws_security_group!.ci_x86_64_builder;
    expect(group).toMatchObject({ egress: [{ protocol: "-1" }] });
    // Rules of others on it are theirs.
    expect(group).not.toHaveProperty("ingress");
  });
});

describe("log group", () => {
  it("is kept as long as is asked for, under the customer key where there is one", () => {
    const group = resource.aws_cloudwatch_log_group!.ci_x86_64_builder;
    expect(group.retention_in_days).toBe(30);
    expect(group).not.toHaveProperty("kms_key_id");
    const keyed = builderStack({ kmsKeyArn: KEY_ARN, logRetentionDays: 7 });
    expect(keyed.resource.aws_cloudwatch_log_group!.ci_x86_64_builder).toMatchObject({
      retention_in_days: 7,
      kms_key_id: KEY_ARN,
    });
    expect(keyed.resource.aws_ebs_volume!.ci_x86_64_cache).toMatchObject({ encrypted: true, kms_key_id: KEY_ARN });
  });
});

describe("schedule", () => {
  const schedule = resource.aws_scheduler_schedule!.ci_x86_64_builder;

  it("is one for each time of day, in the cache's time zone", () => {
    expect(schedule.for_each).toBe("${local.ci_x86_64_schedules}");
    expect(locals.ci_x86_64_schedules).toContain('for time in ["04:30"] : replace(time, ":", "") => "cron(');
    expect(schedule).toMatchObject({
      name: "docker-cache-ci-x86_64-builder-${each.key}",
      schedule_expression: "${each.value}",
      schedule_expression_timezone: "UTC",
    });
  });

  it("launches with a token that every retry repeats, unescaped, and gives up into the queue", () => {
    expect(schedule.target.input).toContain("<aws.scheduler.scheduled-time>");
    expect(schedule.target.input).toContain('\\\\u003c", "<"');
    expect(schedule.target.retry_policy).toEqual({ maximum_event_age_in_seconds: 3600 });
    expect(schedule.target.dead_letter_config.arn).toBe("${aws_sqs_queue.ci_x86_64_dead_letters.arn}");
    expect(resource.aws_sqs_queue!.ci_x86_64_dead_letters.name).toBe("docker-cache-ci-x86_64-builder-dlq");
  });

  it("may be an expression of the user's", () => {
    const own = builderStack({ buildAt: [], scheduleExpression: "rate(12 hours)" });
    expect(own.locals.ci_x86_64_schedules).toContain(
      'for expression in ["rate(12 hours)"] : "expression" => expression',
    );
  });
});

describe("replication", () => {
  const copying = builderStack({ copyTo: copies, replicateAt: "09:00" });

  it("is none where no region copies", () => {
    expect(resource).not.toHaveProperty("aws_dlm_lifecycle_policy");
    expect(resource.aws_iam_role).not.toHaveProperty("ci_x86_64_replication");
  });

  it("targets the cache volume alone and copies its tags twice, with retention by age", () => {
    const [details] = copying.resource.aws_dlm_lifecycle_policy!.ci_x86_64_replication.policy_details;
    expect(details.target_tags).toEqual({ [TAG.replicate]: "ci/x86_64" });
    expect(details.resource_types).toEqual(["VOLUME"]);
    const { content } = details.dynamic.schedule;
    expect(content).toMatchObject({
      name: "replicate-${schedule.value}",
      copy_tags: true,
      create_rule: [{ interval: 24, interval_unit: "HOURS", times: ["09:00"] }],
      retain_rule: [{ interval: 14, interval_unit: "DAYS" }],
    });
    expect(content.dynamic.cross_region_copy_rule.for_each).toMatch(
      /^\$\{\[for copy in \[\{ region = "us-east-1", kms_key_arn = null, schedule = 1 \}.* : copy if copy\.schedule == tonumber\(schedule\.value\)\]\}$/,
    );
    expect(content.dynamic.cross_region_copy_rule.content).toMatchObject({
      target: "${cross_region_copy_rule.value.region}",
      cmk_arn: "${cross_region_copy_rule.value.kms_key_arn}",
      copy_tags: true,
      encrypted: true,
      retain_rule: [{ interval: 14, interval_unit: "DAYS" }],
    });
  });

  it("uses the keys of both regions, and the builder's only its own", () => {
    const withKey = builderStack({ copyTo: copies, replicateAt: "09:00", kmsKeyArn: KEY_ARN });
    const keysOf = (id: string) =>
      withKey.data
        .aws_iam_policy_document![id].statement.filter(({ sid }: { sid: string }) => /Key/.test(sid))
        .map(({ resources }: { resources: string[] }) => resources);
    expect(keysOf("ci_x86_64_replication")).toEqual([
      [KEY_ARN, copies[1]!.kmsKeyArn],
      [KEY_ARN, copies[1]!.kmsKeyArn],
    ]);
    expect(keysOf("ci_x86_64_builder")).toEqual([[KEY_ARN], [KEY_ARN]]);
    expect(keysOf("ci_x86_64_scheduler")).toEqual([[KEY_ARN], [KEY_ARN]]);
  });
});
