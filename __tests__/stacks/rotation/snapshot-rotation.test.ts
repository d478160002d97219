import { BUNDLE_HANDLER } from "../../../lambda-src/bundle";
import {
  METRIC,
  METRIC_NAMESPACE,
  ROTATION_SETTINGS_VARIABLE,
  START_METRIC,
  TAG,
  WORKER_METRIC_NAMESPACE,
} from "../../../lib/contract";
import { cell, deployment, KEY_ARN, region } from "../fixture";
import { type Json, rotationStack, synthesize } from "../synthesized";

const plain = rotationStack();
const copying = rotationStack({ copyFrom: "eu-west-2" });
const rotation = plain.resource.aws_lambda_function!.ci_x86_64_rotation;
const alarms: Record<string, Json> = plain.resource.aws_cloudwatch_metric_alarm!;

describe("parameters", () => {
  it.each([
    ["pointer", "/docker-cache/ci/x86_64/snapshot-id"],
    ["rejected", "/docker-cache/ci/x86_64/rejected"],
  ])("%s is made as `none` and never written again", (id, name) => {
    const parameter = plain.resource.aws_ssm_parameter![`ci_x86_64_${id}`];
    expect(parameter).toMatchObject({ name, type: "String", insecure_value: "none" });
    expect(parameter.lifecycle).toEqual({ ignore_changes: ["insecure_value"] });
  });
});

describe("function", () => {
  it("is the bundle on arm64, zipped so that the hash is the same everywhere", () => {
    expect(rotation).toMatchObject({
      architectures: ["arm64"],
      handler: BUNDLE_HANDLER,
      runtime: "nodejs22.x",
      filename: "${data.archive_file.rotation.output_path}",
      source_code_hash: "${data.archive_file.rotation.output_base64sha256}",
      reserved_concurrent_executions: 1,
      dead_letter_config: { target_arn: "${aws_sqs_queue.ci_x86_64_dead_letters.arn}" },
    });
    expect(plain.data.archive_file!.rotation).toEqual({
      type: "zip",
      source_dir: "${path.module}/lambda/rotation",
      output_path: "${path.module}/lambda/rotation.zip",
      output_file_mode: "0644",
    });
  });

  it("does not exist before what it may do, nor before there is a group for its log", () => {
    expect([...rotation.depends_on].sort()).toEqual([
      "aws_cloudwatch_log_group.ci_x86_64_rotation",
      "aws_iam_role_policy.ci_x86_64_rotation",
    ]);
  });

  it("is told what the contract says", () => {
    const text: string = rotation.environment.variables[ROTATION_SETTINGS_VARIABLE];
    expect(text).toMatch(
      /^\$\{jsonencode\(\{ name = "ci", architecture = "x86_64", store = "overlay2", maxEngine = null/,
    );
    expect(text).toContain("fastRestoreZones = []");
  });

  it("R13: is told the zones of fast restore where they are asked for", () => {
    const { resource } = rotationStack({ fastRestoreZones: ["eu-west-1a", "eu-west-1c"] });
    expect(
      resource.aws_lambda_function!.ci_x86_64_rotation.environment.variables[ROTATION_SETTINGS_VARIABLE],
    ).toContain('fastRestoreZones = ["eu-west-1a", "eu-west-1c"]');
  });

  it("leaves the concurrency to the account where that is asked for", () => {
    const { resource } = rotationStack({ reservedConcurrency: null });
    expect(resource.aws_lambda_function!.ci_x86_64_rotation).not.toHaveProperty("reserved_concurrent_executions");
  });

  it("shares its code with the other caches of the stack", () => {
    const cells = [cell(), cell({ cache: "web", rotation: { ...cell().rotation, name: "web" } })];
    const stack = synthesize(deployment({ regions: [region({ cells })] }))["docker-cache-rotation-eu-west-1"]!;
    expect(Object.keys(stack.data.archive_file!)).toEqual(["rotation"]);
    expect(Object.keys(stack.resource.aws_lambda_function!)).toHaveLength(2);
    expect(Object.keys(stack.resource.aws_sns_topic!)).toEqual(["alarms"]);
    expect(Object.keys(stack.resource.aws_cloudwatch_dashboard!)).toEqual(["rotation"]);
  });
});

describe("rules", () => {
  const rules: Record<string, Json> = plain.resource.aws_cloudwatch_event_rule!;

  it("wake the function for snapshots, ended instances and by the clock", () => {
    expect(rules.ci_x86_64_snapshots.event_pattern).toMatch(
      /source = \["aws\.ec2"\].*"EBS Snapshot Notification".*event = \["createSnapshot", "copySnapshot"\]/,
    );
    expect(rules.ci_x86_64_builders.event_pattern).toMatch(
      /source = \["aws\.ec2"\].*"EC2 Instance State-change Notification".*state = \["shutting-down", "terminated"\]/,
    );
    expect(rules.ci_x86_64_reconcile.schedule_expression).toBe("rate(10 minutes)");
    const every = rotationStack({ reconcileMinutes: 1 }).resource.aws_cloudwatch_event_rule!;
    expect(every.ci_x86_64_reconcile.schedule_expression).toBe("rate(1 minute)");
  });

  it("each have a target and a permission of their own", () => {
    for (const id of Object.keys(rules)) {
      expect(plain.resource.aws_cloudwatch_event_target![id]).toMatchObject({
        rule: `\${aws_cloudwatch_event_rule.${id}.name}`,
        arn: "${aws_lambda_function.ci_x86_64_rotation.arn}",
      });
      expect(plain.resource.aws_lambda_permission![id]).toMatchObject({
        source_arn: `\${aws_cloudwatch_event_rule.${id}.arn}`,
        principal: "${data.aws_service_principal.events.name}",
      });
    }
  });
});

describe("dashboard", () => {
  const cells = [cell(), cell({ cache: "web", rotation: { ...cell().rotation, name: "web" } })];
  const two = synthesize(deployment({ regions: [region({ cells })] }))["docker-cache-rotation-eu-west-1"]!;
  const body: string = two.resource.aws_cloudwatch_dashboard!.rotation.dashboard_body;

  it("shows every metric of each cache, and the workers' own word apart from rotation's", () => {
    // How long something has been overdue is for the alarm: the count beside it is what is looked at.
    const shown = Object.values(METRIC).filter((metric) => metric !== METRIC.overdueHours);
    for (const name of ["ci", "web"]) {
      for (const metric of shown) expect(body).toContain(`["${METRIC_NAMESPACE}", "${metric}", "Name", "${name}"`);
      for (const state of ["warm", "cold"]) {
        const dimensions = `"Name", "${name}", "Architecture", "x86_64", "State", "${state}"`;
        expect(body).toContain(`["${WORKER_METRIC_NAMESPACE}", "${START_METRIC}", ${dimensions}]`);
      }
    }
  });

  it("has no widget over another, and none beyond its 24 columns", () => {
    const places = [...body.matchAll(/x = (\d+), y = (\d+), width = (\d+), height = (\d+)/g)].map((match) =>
      match.slice(1).map(Number),
    );
    expect(places.length).toBeGreaterThan(8);
    const squares = places.flatMap(([x, y, width, height]) =>
      Array.from(
        { length: width! * height! },
        (_, index) => `${x! + (index % width!)},${y! + Math.floor(index / width!)}`,
      ),
    );
    expect(new Set(squares).size).toBe(squares.length);
    for (const [x, , width] of places) expect(x! + width!).toBeLessThanOrEqual(24);
  });
});

describe("R14: alarms", () => {
  const own = (metric: string) => ({
    namespace: METRIC_NAMESPACE,
    metric_name: metric,
    dimensions: { Name: "ci", Architecture: "x86_64" },
    alarm_actions: ["${aws_sns_topic.alarms.arn}"],
  });

  it("tell of staleness beyond two cadences", () => {
    expect(alarms.ci_x86_64_stale).toMatchObject({
      ...own(METRIC.promotedAgeHours),
      threshold: 48,
      treat_missing_data: "ignore",
    });
  });

  it("tell of silence through the insufficient-data action alone", () => {
    expect(alarms.ci_x86_64_silent).toMatchObject({
      ...own(METRIC.run),
      insufficient_data_actions: ["${aws_sns_topic.alarms.arn}"],
      period: 1200,
    });
    // The provider's default, `missing`.
    expect(alarms.ci_x86_64_silent).not.toHaveProperty("treat_missing_data");
  });

  it.each([
    ["failed_build", METRIC.failedBuilds],
    ["withdrawn", METRIC.withdrawn],
    ["foreign", METRIC.foreign],
    ["overdue_deletions", METRIC.overdueHours],
  ])("tell of %s", (id, metric) => {
    expect(alarms[`ci_x86_64_${id}`]).toMatchObject(own(metric));
  });

  it("tell of errors and of what the dead-letter queues got: ours, and the builder's by its contract name", () => {
    expect(alarms.ci_x86_64_errors).toMatchObject({ namespace: "AWS/Lambda", metric_name: "Errors" });
    const queue = (name: string) => ({ namespace: "AWS/SQS", dimensions: { QueueName: name } });
    expect(alarms.ci_x86_64_given_up).toMatchObject(queue("${aws_sqs_queue.ci_x86_64_dead_letters.name}"));
    expect(alarms.ci_x86_64_launch_given_up).toMatchObject(queue("docker-cache-ci-x86_64-builder-dlq"));
  });

  it("are about copies where the region copies, and about launches where it builds", () => {
    expect(alarms).not.toHaveProperty("ci_x86_64_unproven_copy");
    const there = copying.resource.aws_cloudwatch_metric_alarm!;
    expect(there).toHaveProperty("ci_x86_64_unproven_copy");
    expect(there).not.toHaveProperty("ci_x86_64_launch_given_up");
  });

  it("are quick enough and say nothing on the first day", () => {
    for (const alarm of Object.values(alarms)) {
      expect(alarm).not.toHaveProperty("ok_actions");
      expect(alarm.treat_missing_data).not.toBe("breaching");
      expect(alarm.evaluation_periods).toBe(1);
      if (alarm.alarm_name !== "docker-cache-ci-x86_64-rotation-silent") expect(alarm.period).toBeLessThanOrEqual(900);
    }
  });
});

describe("alarm topic", () => {
  const notified = (
    notifications: { email: string | null; topicArn: string | null },
    kmsKeyArn: string | null = null,
  ) => synthesize(deployment({ regions: [region({ notifications, kmsKeyArn })] }))["docker-cache-rotation-eu-west-1"]!;

  it("is unencrypted or has the customer key, never the one that AWS manages", () => {
    expect(plain.resource.aws_sns_topic!.alarms).not.toHaveProperty("kms_master_key_id");
    const keyed = notified({ email: null, topicArn: null }, KEY_ARN);
    expect(keyed.resource.aws_sns_topic!.alarms.kms_master_key_id).toBe(KEY_ARN);
    expect(keyed.resource).not.toHaveProperty("aws_sns_topic_subscription");
  });

  it("tells the address that is given", () => {
    expect(plain.resource.aws_sns_topic_subscription!.alarms).toMatchObject({
      protocol: "email",
      endpoint: "ops@example.com",
    });
  });

  it("is the user's own where there is one", () => {
    const theirs = notified({ email: null, topicArn: "arn:theirs" });
    expect(theirs.resource).not.toHaveProperty("aws_sns_topic");
    expect(theirs.resource.aws_cloudwatch_metric_alarm!.ci_x86_64_stale.alarm_actions).toEqual(["arn:theirs"]);
    expect(theirs.output.alarm_topic_arn.value).toBe("arn:theirs");
  });
});

describe("Recycle Bin", () => {
  it("keeps deleted snapshots only where asked", () => {
    expect(plain.resource).not.toHaveProperty("aws_rbin_rule");
    expect(rotationStack({ recycleBinDays: 7 }).resource.aws_rbin_rule!.ci_x86_64_snapshots).toMatchObject({
      resource_type: "EBS_SNAPSHOT",
      // Without tags a rule keeps every snapshot of the region.
      resource_tags: [{ resource_tag_key: TAG.name, resource_tag_value: "ci" }],
      retention_period: { retention_period_value: 7, retention_period_unit: "DAYS" },
    });
  });
});
