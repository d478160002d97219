import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUNDLE_HANDLER } from "../../../lambda-src/bundle";
import {
  ALARM_SETTINGS,
  HINT_ALIAS,
  METRIC,
  METRIC_NAMESPACE,
  REGION_DIMENSION,
  ROTATION_SETTINGS_VARIABLE,
  START_METRIC,
  TAG,
  tellsCachesApart,
  WORKER_METRIC_NAMESPACE,
} from "../../../lib/contract";
import { zipOf } from "../../../lib/zip";
import { cell, deployment, KEY_ARN, region, rotationSettings } from "../fixture";
import { type Json, rotationStack, synthesize, writeStacks } from "../synthesized";

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
    });
    expect(plain.data.archive_file!.rotation).toEqual({
      type: "zip",
      source_dir: "${path.module}/lambda/rotation",
      output_path: "${path.module}/lambda/rotation.zip",
      output_file_mode: "0644",
    });
  });

  it("R15: lies zipped where the archive provider zips it, for a plan that was made elsewhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "docker-cache-rotation-"));
    try {
      const stacks = join(writeStacks(folder, deployment({ regions: [region({ cells: [cell()] })] })), "stacks");
      const code = (name: string) => join(stacks, "docker-cache-rotation-eu-west-1/lambda", name);
      for (const name of ["rotation", "router"]) {
        const text = readFileSync(code(`${name}/index.mjs`), "utf8");
        expect(readFileSync(code(`${name}.zip`)).equals(zipOf({ "index.mjs": text }))).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
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
    expect(Object.keys(stack.data.archive_file!)).toEqual(["rotation", "router"]);
    expect(Object.keys(stack.resource.aws_lambda_function!)).toHaveLength(2 + 1);
    expect(Object.keys(stack.resource.aws_sns_topic!)).toEqual(["alarms"]);
    expect(Object.keys(stack.resource.aws_cloudwatch_dashboard!)).toEqual(["rotation"]);
  });
});

describe("invocations", () => {
  const configs: Record<string, Json> = plain.resource.aws_lambda_function_event_invoke_config!;

  it("by the clock are tried again, wait for a period at most, and leave a dead letter", () => {
    expect(plain.resource.aws_cloudwatch_event_rule!.ci_x86_64_reconcile.schedule_expression).toBe("rate(10 minutes)");
    expect(plain.resource.aws_cloudwatch_event_target!.ci_x86_64_reconcile).toMatchObject({
      rule: "${aws_cloudwatch_event_rule.ci_x86_64_reconcile.name}",
      arn: "${aws_lambda_function.ci_x86_64_rotation.arn}",
    });
    expect(plain.resource.aws_lambda_permission!.ci_x86_64_reconcile).toMatchObject({
      source_arn: "${aws_cloudwatch_event_rule.ci_x86_64_reconcile.arn}",
      principal: "${data.aws_service_principal.events.name}",
    });
    expect(configs.ci_x86_64_scheduled).toEqual({
      function_name: "${aws_lambda_function.ci_x86_64_rotation.function_name}",
      maximum_event_age_in_seconds: 600,
      maximum_retry_attempts: 2,
      destination_config: { on_failure: { destination: "${aws_sqs_queue.ci_x86_64_dead_letters.arn}" } },
    });
  });

  it("by hints are dropped after a minute, without another attempt and without a dead letter", () => {
    expect(plain.resource.aws_lambda_alias!.ci_x86_64_hints).toMatchObject({
      name: HINT_ALIAS,
      function_name: "${aws_lambda_function.ci_x86_64_rotation.function_name}",
      function_version: "$LATEST",
    });
    expect(configs.ci_x86_64_hints).toEqual({
      function_name: "${aws_lambda_function.ci_x86_64_rotation.function_name}",
      qualifier: "${aws_lambda_alias.ci_x86_64_hints.name}",
      maximum_event_age_in_seconds: 60,
      maximum_retry_attempts: 0,
    });
    // The function's own dead-letter queue would get those of every alias.
    expect(rotation).not.toHaveProperty("dead_letter_config");
  });

  it("come from no rule but the schedule's, so that nothing else delays it", () => {
    const targets = Object.values(plain.resource.aws_cloudwatch_event_target!).map(({ arn }) => arn);
    expect(targets.sort()).toEqual(["${aws_lambda_function.ci_x86_64_rotation.arn}", "${aws_sqs_queue.router.arn}"]);
    expect(Object.keys(plain.resource.aws_lambda_permission!)).toEqual(["ci_x86_64_reconcile"]);
  });
});

describe("router", () => {
  const cells = [
    cell({ rotation: rotationSettings({ permissionsBoundaryArn: "arn:b", rolePath: "/ci/" }) }),
    cell({ cache: "web", rotation: rotationSettings({ name: "web", logRetentionDays: 90 }) }),
  ];
  const two = synthesize(deployment({ regions: [region({ cells, kmsKeyArn: KEY_ARN })] }));
  const { resource, data } = two["docker-cache-rotation-eu-west-1"]!;

  it("hears of every snapshot made or copied, once a region", () => {
    expect(Object.keys(resource.aws_lambda_event_source_mapping!)).toEqual(["router"]);
    expect(resource.aws_cloudwatch_event_rule!.router.event_pattern).toMatch(
      /source = \["aws\.ec2"\].*"EBS Snapshot Notification".*event = \["createSnapshot", "copySnapshot"\]/,
    );
    expect(resource.aws_cloudwatch_event_target!.router).toMatchObject({ arn: "${aws_sqs_queue.router.arn}" });
  });

  it("has a queue that our rule alone may send to, and that forgets after a quarter of an hour", () => {
    expect(resource.aws_sqs_queue!.router).toMatchObject({
      name: "docker-cache-router",
      message_retention_seconds: 900,
      sqs_managed_sse_enabled: true,
    });
    expect(data.aws_iam_policy_document!.router_queue.statement).toEqual([
      {
        sid: "EventsOfOurRule",
        actions: ["sqs:SendMessage"],
        resources: ["${aws_sqs_queue.router.arn}"],
        principals: [{ type: "Service", identifiers: ["${data.aws_service_principal.events.name}"] }],
        condition: [
          { test: "ArnLike", variable: "aws:SourceArn", values: ["${aws_cloudwatch_event_rule.router.arn}"] },
        ],
      },
    ]);
  });

  it("takes a hundred events at a time, or those of 20 seconds, in two environments at most", () => {
    expect(resource.aws_lambda_event_source_mapping!.router).toMatchObject({
      batch_size: 100,
      maximum_batching_window_in_seconds: 20,
      scaling_config: { maximum_concurrency: 2 },
    });
    const { timeout, handler, reserved_concurrent_executions } = resource.aws_lambda_function!.router;
    expect(handler).toBe(BUNDLE_HANDLER);
    expect(reserved_concurrent_executions).toBe(2);
    const unreserved = rotationStack({ reservedConcurrency: null }).resource.aws_lambda_function!.router;
    expect(unreserved).not.toHaveProperty("reserved_concurrent_executions");
    // As Lambda advises for queues.
    // Two calls in a row, of three attempts each: 3 s to connect, 5 s to be answered.
    expect(timeout).toBeGreaterThan(2 * 3 * (3 + 5));
    expect(resource.aws_sqs_queue!.router.visibility_timeout_seconds).toBeGreaterThanOrEqual(6 * timeout + 20);
    // A batch that fails is tried again before it is forgotten.
    expect(resource.aws_sqs_queue!.router.visibility_timeout_seconds).toBeLessThan(900 / 2);
  });

  it("may hint rotation functions and nothing else", () => {
    const { statement } = data.aws_iam_policy_document!.router;
    const invoking = statement.filter(({ actions }: Json) => actions.includes("lambda:InvokeFunction"));
    expect(invoking.flatMap(({ resources }: Json) => resources)).toEqual([
      expect.stringMatching(/:function:docker-cache-\*-\*-rotation:hint$/),
    ]);
  });

  it("has what differs by cache from the first one, and keeps its log as long as any", () => {
    expect(resource.aws_iam_role!.router).toMatchObject({ path: "/ci/", permissions_boundary: "arn:b" });
    expect(resource.aws_cloudwatch_log_group!.router).toMatchObject({ retention_in_days: 90, kms_key_id: KEY_ARN });
  });

  it("is called after the project, so that two may be in a region", () => {
    const other = synthesize(deployment({ project: "ci" }))["ci-rotation-eu-west-1"]!;
    expect(other.resource.aws_lambda_function!.router.function_name).toBe("ci-router");
    expect(other.resource.aws_sqs_queue!.router.name).toBe("ci-router");
  });
});

describe("dashboard", () => {
  const cells = [cell(), cell({ cache: "web", rotation: { ...cell().rotation, name: "web" } })];
  const two = synthesize(deployment({ regions: [region({ cells })] }))["docker-cache-rotation-eu-west-1"]!;
  const body: string = two.resource.aws_cloudwatch_dashboard!.rotation.dashboard_body;

  const inRegion = (metric: string) =>
    `["${METRIC_NAMESPACE}", "${metric}", "${REGION_DIMENSION.name}", "${REGION_DIMENSION.value}"]`;

  it("shows every metric, of each cache or of the region, and the workers' own word apart from rotation's", () => {
    for (const name of ["ci", "web"]) {
      const dimensions = `"Name", "${name}", "Architecture", "x86_64"`;
      for (const metric of Object.values(METRIC)) {
        const shown = tellsCachesApart(metric, "all")
          ? `["${METRIC_NAMESPACE}", "${metric}", ${dimensions}]`
          : inRegion(metric);
        expect(body.split(shown)).toHaveLength(2);
      }
      for (const state of ["warm", "cold"])
        expect(body).toContain(`["${WORKER_METRIC_NAMESPACE}", "${START_METRIC}", ${dimensions}, "State", "${state}"]`);
    }
  });

  it("shows what a cache with the essential alarms alone does not tell, of the region", () => {
    const alarms = "essential";
    const essential: string = rotationStack({ alarms }).resource.aws_cloudwatch_dashboard!.rotation.dashboard_body;
    for (const metric of Object.values(METRIC)) {
      const shown = `["${METRIC_NAMESPACE}", "${metric}", "Name", "ci"`;
      expect([metric, essential.includes(shown), essential.includes(inRegion(metric))]).toEqual([
        metric,
        tellsCachesApart(metric, alarms),
        !tellsCachesApart(metric, alarms),
      ]);
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
    ["template_problem", METRIC.templateProblems],
  ])("tell of %s", (id, metric) => {
    expect(alarms[`ci_x86_64_${id}`]).toMatchObject({ ...own(metric), comparison_operator: "GreaterThanThreshold" });
  });

  it("tell of errors, of a schedule that cannot run the function, and of what lies in the queues: ours, and the builder's by its contract name", () => {
    expect(alarms.ci_x86_64_errors).toMatchObject({ namespace: "AWS/Lambda", metric_name: "Errors" });
    const rule = plain.resource.aws_cloudwatch_event_rule!.ci_x86_64_reconcile.name;
    expect(alarms.ci_x86_64_not_invoked).toMatchObject({
      namespace: "AWS/Events",
      metric_name: "FailedInvocations",
      dimensions: { RuleName: rule },
      statistic: "Sum",
    });
    const queue = (name: string) => ({
      namespace: "AWS/SQS",
      metric_name: "ApproximateNumberOfMessagesVisible",
      statistic: "Maximum",
      dimensions: { QueueName: name },
    });
    expect(alarms.ci_x86_64_given_up).toMatchObject(queue("${aws_sqs_queue.ci_x86_64_dead_letters.name}"));
    expect(alarms.ci_x86_64_launch_given_up).toMatchObject(queue("docker-cache-ci-x86_64-builder-dlq"));
  });

  const ids = (stack: typeof plain) =>
    Object.keys(stack.resource.aws_cloudwatch_metric_alarm!).map((id) => id.replace("ci_x86_64_", ""));

  it("are about copies where the region copies, and about builds where it builds", () => {
    const both = ids(plain).filter((id) => ids(copying).includes(id));
    expect(ids(plain).filter((id) => !both.includes(id))).toEqual(["failed_build", "launch_given_up"]);
    expect(ids(copying).filter((id) => !both.includes(id))).toEqual(["expiring", "unproven_copy"]);
    expect(copying.resource.aws_cloudwatch_metric_alarm!.ci_x86_64_expiring).toMatchObject({
      ...own(METRIC.servedLifeHours),
      comparison_operator: "LessThanThreshold",
      statistic: "Minimum",
      threshold: 14 * 8,
      treat_missing_data: "ignore",
    });
  });

  it("are the essential ones where that is asked for", () => {
    const essential = (copyFrom: string | null) => ids(rotationStack({ alarms: "essential", copyFrom })).sort();
    expect(essential(null)).toEqual(["failed_build", "silent", "stale", "withdrawn"]);
    expect(essential("eu-west-2")).toEqual(["silent", "stale", "withdrawn"]);
  });

  it.each(ALARM_SETTINGS)(
    "look at every metric that tells caches apart with alarms: %s, and at no other",
    (setting) => {
      const looked = [null, "eu-west-2"].flatMap((copyFrom) =>
        Object.values(rotationStack({ alarms: setting, copyFrom }).resource.aws_cloudwatch_metric_alarm!)
          .filter(({ namespace }) => namespace === METRIC_NAMESPACE)
          .map(({ metric_name }) => metric_name),
      );
      const telling = Object.values(METRIC).filter((metric) => tellsCachesApart(metric, setting));
      expect([...new Set(looked)].sort()).toEqual(telling.sort());
    },
  );

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
