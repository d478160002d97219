/**
 * Review in pull requests: one input at a time is changed, and the resources whose arguments change are listed. Nothing else appears in a plan,
 * except what refers to something that is replaced.
 */

import { COMPANIONS } from "../../lib/config/companions/all";
import { resolveConfig } from "../../lib/config/resolve-config";
import { cache } from "../../lib/config/schema/cache";
import { configSchemaWith } from "../../lib/config/section";
import { NOUNS } from "../../stacks/nouns";
import { type StackJson, synthesize } from "./synthesized";

type Config = Record<string, unknown>;

const CACHE = { images: ["python:3.12-slim"], volume: {}, build: {}, retention: {}, rotation: {}, worker: {} };

/** A configuration with one more setting of the cache, or of its region. */
function config(cache: Config = {}, region: Config = {}, rest: Config = {}): Config {
  return { regions: { "eu-west-1": region }, caches: { ci: { ...CACHE, ...cache } }, ...rest };
}

const synth = (given: Config) => synthesize(resolveConfig(configSchemaWith(COMPANIONS).parse(given)));
const before = synth(config());

/** Resources, data sources and local values by address, short of what all addresses have. */
function parts(stack: StackJson): Map<string, string> {
  const found = new Map<string, string>();
  const short = (name: string) => name.replace("ci_x86_64_", "");
  for (const [prefix, kinds] of [
    ["", stack.resource],
    ["data.", stack.data],
  ] as const) {
    for (const [type, byName] of Object.entries(kinds ?? {})) {
      for (const [name, body] of Object.entries(byName))
        found.set(`${prefix}${type}.${short(name)}`, JSON.stringify(body));
    }
  }
  for (const [name, value] of Object.entries((stack.locals ?? {}) as object)) {
    found.set(`local.${short(name)}`, JSON.stringify(value));
  }
  return found;
}

/** Returns the differences, as `noun: address`. */
function touched(after: Readonly<Record<string, StackJson>>): string[] {
  return Object.keys(before).flatMap((name) => {
    const [was, is] = [parts(before[name]!), parts(after[name]!)];
    const noun = name.split("-")[2];
    const addresses = [...new Set([...was.keys(), ...is.keys()])];
    return addresses.filter((address) => was.get(address) !== is.get(address)).map((address) => `${noun}: ${address}`);
  });
}

test("the same configuration touches nothing", () => {
  expect(touched(synth(config()))).toEqual([]);
});

/** A change, the configuration after it, and what it touches. */
const CASES: readonly (readonly [string, Config, readonly string[]])[] = [
  [
    "an image",
    config({ images: ["python:3.12-slim", "redis:7"] }),
    ["builder: local.images", "builder: local.ecr_repositories"],
  ],
  [
    "an image of CI",
    config({ images_from: ["app"] }, {}, { ci_images: { app: {} } }),
    ["builder: aws_ssm_parameter.images", "builder: local.images", "builder: local.ecr_repositories"],
  ],
  ["a layer cache", config({}, {}, { layer_cache: { app: {} } }), []],
  [
    "the volume's size",
    config({ volume: { size_gib: 200 } }),
    // The builder's template changes in a condition alone: a volume never shrinks.
    ["builder: aws_ebs_volume.cache", "builder: aws_launch_template.builder", "worker: aws_launch_template.worker"],
  ],
  ["the volume's generation", config({ volume: { generation: 2 } }), ["builder: terraform_data.generation"]],
  ["a build time", config({ build: { at: ["03:00"] } }), ["builder: local.schedules"]],
  ["retention", config({ retention: { keep_last: 4 } }), ["rotation: aws_lambda_function.rotation"]],
  [
    "the reconcile period",
    config({ rotation: { reconcile_minutes: 5 } }),
    [
      "rotation: aws_cloudwatch_event_rule.reconcile",
      "rotation: aws_cloudwatch_metric_alarm.silent",
      "rotation: aws_lambda_function.rotation",
      "rotation: aws_lambda_function_event_invoke_config.scheduled",
    ],
  ],
  ["a worker's time-out", config({ worker: { timeout_seconds: 90 } }), ["worker: local.user_data_settings"]],
  [
    "a worker's script",
    config({ worker: { script: "#!/bin/sh\n" } }),
    ["worker: local.user_data_mime", "worker: local.user_data_script"],
  ],
  [
    "a worker's start",
    config({ worker: { start: "late" } }),
    ["", "_early", "_mime", "_plain"].map((form) => `worker: local.user_data${form}`),
  ],
  [
    "a worker's instance type",
    config({ architectures: { x86_64: { worker: { instance_type: "m7i.large" } } } }),
    ["worker: aws_launch_template.worker"],
  ],
  [
    "how long logs are kept",
    config({ log_retention_days: 7 }),
    [
      "builder: aws_cloudwatch_log_group.builder",
      "rotation: aws_cloudwatch_log_group.rotation",
      "rotation: aws_cloudwatch_log_group.router",
    ],
  ],
  [
    "an address for alarms",
    config({}, { notifications: { email: "ops@example.com" } }),
    ["rotation: aws_sns_topic_subscription.alarms"],
  ],
  ["the Recycle Bin", config({ retention: { recycle_bin_days: 7 } }), ["rotation: aws_rbin_rule.snapshots"]],
  [
    "the image store",
    config({ image_store: "containerd" }),
    ["builder: local.user_data", "rotation: aws_lambda_function.rotation", "worker: local.user_data_settings"],
  ],
  ["the volume's throughput", config({ volume: { throughput_mibps: 500 } }), ["builder: aws_ebs_volume.cache"]],
  ["the volume's file system", config({ volume: { file_system: "ext4" } }), ["builder: local.user_data"]],
  ["the time zone", config({ build: { time_zone: "Europe/Berlin" } }), ["builder: aws_scheduler_schedule.builder"]],
  ["retries of a launch", config({ build: { launch_retry_minutes: 30 } }), ["builder: aws_scheduler_schedule.builder"]],
  [
    "a builder's watchdog",
    config({ build: { watchdog_minutes: 90 } }),
    ["builder: aws_launch_template.builder", "builder: local.user_data", "rotation: aws_lambda_function.rotation"],
  ],
  ["the bound of the hot set", config({ build: { hot_set_percent: 50 } }), ["builder: local.user_data"]],
  ["parallel pulls", config({ build: { parallel_pulls: 8 } }), ["builder: local.user_data"]],
  [
    "a registry",
    config({ registries: [{ host: "ghcr.io", secret_name: "ci/ghcr" }] }),
    ["builder: data.aws_iam_policy_document.builder", "builder: local.user_data"],
  ],
  [
    "a pull-through prefix",
    config({ pull_through: { "docker.io": "docker-hub" } }),
    ["builder: data.aws_iam_policy_document.builder", "builder: local.user_data"],
  ],
  ["the newest engine", config({ rotation: { max_engine: 28 } }), ["rotation: aws_lambda_function.rotation"]],
  ["fast restore", config({}, { fast_restore_zones: ["eu-west-1a"] }), ["rotation: aws_lambda_function.rotation"]],
  ["hydration", config({ worker: { hydrate: "none" } }), ["worker: local.user_data_settings"]],
  [
    "warmth",
    config({ worker: { warmth: "rate", initialization_rate_mibps: 200 } }),
    ["worker: aws_launch_template.worker"],
  ],
  ["the workers' volume", config({ worker: { volume: { size_gib: 300 } } }), ["worker: aws_launch_template.worker"]],
  [
    "a policy of workers",
    config({ worker: { policy_arns: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"] } }),
    ["worker: aws_iam_role_policy_attachment.worker"],
  ],
  [
    "a builder's AMI",
    config({ architectures: { x86_64: { builder: { image_id: "ami-0123456789abcdef0" } } } }),
    ["builder: aws_launch_template.builder", "builder: data.aws_iam_policy_document.scheduler"],
  ],
  [
    "a permissions boundary",
    config({ permissions_boundary_arn: "arn:aws:iam::123456789012:policy/boundary" }),
    [
      "builder: aws_iam_role.builder",
      "builder: aws_iam_role.scheduler",
      "rotation: aws_iam_role.rotation",
      "rotation: aws_iam_role.router",
      "worker: aws_iam_role.worker",
    ],
  ],
  [
    "security groups of the user's",
    config({}, { worker: { security_group_ids: ["sg-0123456789abcdef0"] } }),
    [
      "worker: aws_launch_template.worker",
      "worker: aws_security_group.worker",
      "worker: data.aws_subnet.worker",
      "worker: data.aws_subnets.worker",
      "worker: terraform_data.security_group_place",
    ],
  ],
  [
    "a customer key",
    config({}, { kms_key_arn: "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555" }),
    [
      "builder: aws_cloudwatch_log_group.builder",
      "builder: aws_cloudwatch_log_group.manifests",
      "builder: aws_ebs_volume.cache",
      "builder: aws_launch_template.builder",
      "builder: data.aws_iam_policy_document.builder",
      "builder: data.aws_iam_policy_document.scheduler",
      "builder: terraform_data.volume_key",
      "rotation: aws_cloudwatch_log_group.rotation",
      "rotation: aws_cloudwatch_log_group.router",
      "rotation: aws_lambda_function.rotation",
      "rotation: aws_sns_topic.alarms",
      "worker: aws_launch_template.worker",
    ],
  ],
  [
    "a region that copies",
    config({}, {}, { regions: { "eu-west-1": {}, "us-east-1": { copy_from: "eu-west-1" } } }),
    [
      "builder: aws_dlm_lifecycle_policy.replication",
      "builder: aws_iam_role.replication",
      "builder: aws_iam_role_policy.replication",
      "builder: data.aws_iam_policy_document.replication",
      "builder: data.aws_iam_policy_document.replication_trust",
      "builder: data.aws_service_principal.dlm",
      "builder: local.user_data",
    ],
  ],
];

test.each(CASES)("%s touches no more than it must", (_, after, expected) => {
  expect(touched(synth(after)).sort()).toEqual([...expected].sort());
});

test.each<[string, string, Config]>([
  ["another architecture", "ci_arm64_", config({ architectures: { x86_64: {}, arm64: {} } })],
  ["another cache", "ml_x86_64_", config({}, {}, { caches: { ci: CACHE, ml: { images: ["redis:7"] } } })],
])("%s adds its own and leaves all others alone but for the dashboard", (_, prefix, after) => {
  const found = touched(synth(after));
  expect(found.filter((address) => !address.includes(`.${prefix}`))).toEqual([
    "rotation: aws_cloudwatch_dashboard.rotation",
  ]);
  const ofCaches = NOUNS.filter(({ companion }) => companion === undefined);
  for (const { name } of ofCaches) expect(found.join()).toContain(`${name}: `);
});

test("every setting of a cache is among them", () => {
  const caches = CASES.map(([, after]) => (after.caches as { ci: Config }).ci);
  const isChanged = (key: string) =>
    caches.some((other) => JSON.stringify(other[key]) !== JSON.stringify((CACHE as Config)[key]));
  // A path goes where the boundary does; what differs in a region is the same settings.
  const settings = Object.keys(cache.shape).filter((key) => !["role_path", "regions"].includes(key));
  expect(settings.filter((key) => !isChanged(key))).toEqual([]);
});
