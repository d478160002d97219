/** One construct, two faces: a stack of literals and the module with equal inputs plan equal resources and equal outputs. */
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { onlyInAll } from "../../level";
import { rootWithModules, startEmulatedAws } from "../../modules/emulated";
import { planOf, removeScratch, scratch } from "../../scripts/emit/terraform-run";
import { KEY_ARN } from "../fixture";
import type { Planned } from "../planned";
import { writeStacks } from "../synthesized";
import { createSecret, pullThroughAlone, REGION, RULES, STACK } from "./fixture";

jest.setTimeout(300_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
  await createSecret(aws);
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

/** Resources by their addresses without what tells the faces apart, and outputs. */
function comparable({ resource_changes, output_changes }: Planned, prefix: string) {
  const managed = resource_changes.filter(({ address, mode }) => mode === "managed" && address.startsWith(prefix));
  const resources = managed.map(({ address, change: { after, after_unknown } }) => {
    const short = address
      .slice(prefix.length)
      .replace(".pull_through_", ".")
      .replace(/\[0\]$/, "");
    return [short, { after, after_unknown }] as const;
  });
  const outputs = Object.entries(output_changes).map(([name, { after, after_unknown }]) => [
    name,
    { after, after_unknown },
  ]);
  return { resources: Object.fromEntries(resources), outputs: Object.fromEntries(outputs) };
}

const OUTPUTS = ["pull_through", "registry_url", "public_ecr_cache_prefix", "puller_policy_arn", "alarm_topic_arn"];

async function ofModule(inputs: object) {
  const root = {
    provider: { aws: { region: REGION } },
    module: { it: { source: "./modules/pull-through", ...inputs } },
    output: Object.fromEntries(OUTPUTS.map((name) => [name, { value: `\${module.it.${name}}` }])),
  };
  return comparable((await planOf(rootWithModules(root), aws)) as unknown as Planned, "module.it.");
}

async function ofStack(pull_through: object, region?: object) {
  const outdir = writeStacks(scratch({}), pullThroughAlone({ pull_through, region }));
  return comparable((await planOf(join(outdir, "stacks", STACK), aws)) as unknown as Planned, "");
}

onlyInAll(["a topic"])("with the least, and %s", async () => {
  const topic = `arn:aws:sns:${REGION}:123456789012:team`;
  const module = await ofModule({ notifications: { topic: { arn: topic } } });
  expect(module).toEqual(await ofStack({}, { notifications: { topic_arn: topic } }));
  expect(module.outputs.pull_through?.after).toEqual({
    "docker.io/library": "ecr-public/docker/library",
    "public.ecr.aws": "ecr-public",
  });
  expect(module.outputs.alarm_topic_arn?.after).toBe(topic);
});

test("with everything", async () => {
  const given = {
    rules: {
      ...RULES,
      team: {
        upstream: "210987654321.dkr.ecr.eu-west-1.amazonaws.com",
        role_arn: "arn:aws:iam::123456789012:role/ecr-pull-through",
        upstream_prefix: "team",
      },
    },
    ecr_public: false,
    expire_after_days: 14,
    monthly_budget_usd: 12.5,
    log_retention_days: 7,
    permissions_boundary_arn: "arn:aws:iam::123456789012:policy/boundary",
    role_path: "/ci/",
  };
  const of = { notifications: { email: "ops@example.com" }, kms_key_arn: KEY_ARN };
  const module = await ofModule({ ...given, ...of });
  expect(module).toEqual(await ofStack(given, of));
  expect(Object.keys(module.resources).length).toBeGreaterThan(15);
  expect(module.outputs.pull_through?.after).toEqual({
    "210987654321.dkr.ecr.eu-west-1.amazonaws.com/team": "team",
    "docker.io": "docker-hub",
    "quay.io": "quay",
  });
  expect(module.outputs.public_ecr_cache_prefix?.after ?? null).toBeNull();
});
