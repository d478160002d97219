/**
 * Review in pull requests: one input at a time is changed, and the resources whose arguments change are listed. What is not in the list does
 * not appear in a plan, but for what refers to something that is replaced.
 */
import { resolveConfig } from "../../lib/config/resolve";
import { configSchema } from "../../lib/config/schema";
import { type StackJson, synthesize } from "./synthesized";

type Config = Record<string, unknown>;

const CACHE = { images: ["python:3.12-slim"], volume: {}, build: {}, retention: {}, rotation: {}, worker: {} };

/** A configuration with one more setting of the cache, or of its region. */
function config(cache: Config = {}, region: Config = {}, rest: Config = {}): Config {
  return { regions: { "eu-west-1": region }, caches: { ci: { ...CACHE, ...cache } }, ...rest };
}

const synth = (given: Config) => synthesize(resolveConfig(configSchema.parse(given)));
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

/** What differs, as `noun: address`. */
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

test.each<[string, Config, string[]]>([
  [
    "an image",
    config({ images: ["python:3.12-slim", "redis:7"] }),
    ["builder: local.images", "builder: local.ecr_repositories"],
  ],
  [
    "the volume's size",
    config({ volume: { size_gib: 200 } }),
    ["builder: aws_ebs_volume.cache", "worker: aws_launch_template.worker"],
  ],
  ["the volume's generation", config({ volume: { generation: 2 } }), ["builder: terraform_data.generation"]],
  ["a build time", config({ build: { at: ["03:00"] } }), ["builder: local.schedules"]],
  ["retention", config({ retention: { keep_last: 4 } }), ["rotation: aws_lambda_function.rotation"]],
  [
    "the reconcile period",
    config({ rotation: { reconcile_minutes: 15 } }),
    [
      "rotation: aws_cloudwatch_event_rule.reconcile",
      "rotation: aws_cloudwatch_metric_alarm.silent",
      "rotation: aws_lambda_function.rotation",
    ],
  ],
  ["a worker's time-out", config({ worker: { timeout_seconds: 90 } }), ["worker: local.user_data"]],
  ["a worker's script", config({ worker: { script: "#!/bin/sh\n" } }), ["worker: local.user_data"]],
  [
    "a worker's instance type",
    config({ architectures: { x86_64: { worker: { instance_type: "m7i.large" } } } }),
    ["worker: aws_launch_template.worker"],
  ],
  [
    "how long logs are kept",
    config({ log_retention_days: 7 }),
    ["builder: aws_cloudwatch_log_group.builder", "rotation: aws_cloudwatch_log_group.rotation"],
  ],
  [
    "an address for alarms",
    config({}, { notifications: { email: "ops@example.com" } }),
    ["rotation: aws_sns_topic_subscription.alarms"],
  ],
  ["the Recycle Bin", config({ retention: { recycle_bin_days: 7 } }), ["rotation: aws_rbin_rule.snapshots"]],
])("%s touches no more than it must", (_, after, expected) => {
  expect(touched(synth(after)).sort()).toEqual([...expected].sort());
});
