/** The longest names that the checks let through, in every resource that the stacks make of them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTIONS } from "../../../../lambda-src/bundle";
import { parseConfig } from "../../../../lib/config/load";
import { resolveConfig } from "../../../../lib/config/resolve-config";
import { addStacks } from "../../../../stacks/add-stacks";
import { App } from "../../../../stacks/terraform/cdktf";

/** Longest names and their characters by AWS's documentation of each service. */
const LIMITS: Record<string, readonly [number, RegExp]> = {
  "aws_iam_role.name": [64, /^[\w+=,.@-]+$/],
  "aws_iam_instance_profile.name": [128, /^[\w+=,.@-]+$/],
  "aws_lambda_function.function_name": [64, /^[a-zA-Z0-9-_]+$/],
  "aws_cloudwatch_event_rule.name": [64, /^[.\-_A-Za-z0-9]+$/],
  "aws_scheduler_schedule.name": [64, /^[0-9a-zA-Z-_.]+$/],
  "aws_scheduler_schedule_group.name": [64, /^[0-9a-zA-Z-_.]+$/],
  "aws_sqs_queue.name": [80, /^[a-zA-Z0-9-_]+$/],
  "aws_launch_template.name": [128, /^[a-zA-Z0-9().\-/_]+$/],
  "aws_cloudwatch_metric_alarm.alarm_name": [255, /^[\x20-\x7e]+$/],
  "aws_cloudwatch_dashboard.dashboard_name": [255, /^[A-Za-z0-9-_]+$/],
  // What the provider adds has 26 characters.
  "aws_security_group.name_prefix": [229, /^(?!sg-)[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/],
  "aws_cloudwatch_log_group.name": [512, /^(?!aws\/)[.\-_/#A-Za-z0-9]+$/],
  "aws_ssm_parameter.name": [1011, /^\/(?!aws|ssm)[a-zA-Z0-9_.\-/]+$/],
  "aws_sns_topic.name": [256, /^[A-Za-z0-9-_]+$/],
};

const REGION = "ap-southeast-1";
const configuration = (cacheLength: number) => `
project: ${"p".repeat(32)}
regions: { ${REGION}: {}, us-east-1: { copy_from: ${REGION} } }
caches:
  ${"c".repeat(cacheLength)}:
    images: [a]
    architectures: { x86_64: {}, arm64: {} }
    retention: { recycle_bin_days: 7 }
`;

/** The longest name of a cache without a problem. */
function longest(): number {
  return Math.max(
    ...Array.from({ length: 32 }, (_, index) => index + 1).filter(
      (length) => parseConfig(configuration(length), "x").ok,
    ),
  );
}

type Resources = Record<string, Record<string, Record<string, unknown>>>;

function synthesize(length: number): Resources[] {
  const folder = mkdtempSync(join(tmpdir(), "names-"));
  try {
    const parsed = parseConfig(configuration(length), "x");
    if (!parsed.ok) throw new Error("the configuration has problems");
    const code = join(folder, "code");
    for (const name of FUNCTIONS) {
      mkdirSync(join(code, name), { recursive: true });
      writeFileSync(join(code, name, "index.mjs"), "");
    }
    const app = new App({ outdir: join(folder, "out"), stackTraces: false });
    addStacks(app, { deployment: resolveConfig(parsed.config), codeFolder: code });
    app.synth();
    const stacks = join(folder, "out", "stacks");
    return readdirSync(stacks).map(
      (name) => JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8")).resource,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A name with what Terraform puts in, at its longest. */
function filledIn(name: string): string {
  return name
    .replaceAll("${data.aws_region.current.id}", REGION)
    .replaceAll("${each.key}", name.startsWith("/") ? "f" : "expression");
}

test("fit every service", () => {
  const length = longest();
  expect(length).toBe(19);
  const seen = new Map<string, string>();
  for (const resources of synthesize(length)) {
    for (const [type, instances] of Object.entries(resources)) {
      for (const [attribute, value] of Object.values(instances).flatMap((instance) => Object.entries(instance))) {
        if (typeof value !== "string" || !/(^|_)name(_prefix)?$/.test(attribute) || !/ccc|ppp/.test(value)) continue;
        const key = `${type}.${attribute}`;
        const name = filledIn(value);
        if (name.includes("${aws_")) continue;
        if (name.length > (seen.get(key)?.length ?? 0)) seen.set(key, name);
      }
    }
  }
  expect([...seen.keys()].sort()).toEqual(Object.keys(LIMITS).sort());
  for (const [key, name] of seen) {
    const [longestName, characters] = LIMITS[key]!;
    expect([key, name, name.length <= longestName, characters.test(name)]).toEqual([key, name, true, true]);
  }
});
