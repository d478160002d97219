/** Life of pull-through in a region, by real Terraform: the login that is missing, found and made anew, a rule that goes, and the end of it all. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openWorkbench, type Workbench } from "../terraform";
import {
  changesIn,
  createSecret,
  deleteSecret,
  failureOf,
  LOGIN,
  pullThroughAlone,
  REGION,
  RULES,
  STACK,
  TOKEN,
} from "./fixture";

jest.setTimeout(300_000);

const RULE = "aws_ecr_pull_through_cache_rule.pull_through_upstreams";
const TEMPLATE = "aws_ecr_repository_creation_template.pull_through_upstreams";

let bench: Workbench;
let arn: string;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench?.close());

async function plan(pull_through: object): Promise<string | undefined> {
  await bench.synthesize(pullThroughAlone({ pull_through }));
  return bench.plan(STACK);
}

const state = () => bench.aws.regions[REGION]!;
const everything = { rules: RULES };

it("without the secret no plan succeeds, and the message has rule, name, region and command", async () => {
  // Neither one that only begins alike, nor one that ends like an ARN.
  for (const name of [`${LOGIN}-2`, `${LOGIN}-AbCdEf`, `other/${LOGIN}`]) await createSecret(bench.aws, name);
  const message = await failureOf(plan(everything));
  expect(message).toContain(`pull_through.rules.docker-hub.secret_name: found no secret ${LOGIN} in ${REGION}`);
  expect(message).toContain(`aws secretsmanager create-secret --region ${REGION} --name ${LOGIN}`);
  expect(message).not.toContain(`${LOGIN}-`);
});

it("with it all is made at once, with the ARN of exactly this secret, and a second plan is empty", async () => {
  arn = await createSecret(bench.aws);
  await plan(everything);
  await bench.apply(STACK);
  expect(await bench.plan(STACK)).toBeUndefined();
  const { pullThroughRules: rules, creationTemplates } = state();
  expect(Object.keys(rules).sort()).toEqual(["docker-hub", "ecr-public", "quay"]);
  expect(Object.keys(creationTemplates).sort()).toEqual(["docker-hub", "ecr-public", "quay"]);
  expect(rules["docker-hub"]).toMatchObject({ credentialArn: arn, upstreamRegistryUrl: "registry-1.docker.io" });
  expect(rules.quay?.credentialArn).toBeUndefined();
});

it("no value of a secret is in the state", () => {
  const states = readdirSync(bench.folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.includes(".tfstate"))
    .map((file) => readFileSync(join(bench.folder, file), "utf8"));
  expect(states.join()).toContain(arn);
  expect(states.join()).not.toContain(TOKEN);
});

it("a secret that is made anew has another ARN: its rule alone is changed, in place", async () => {
  await deleteSecret(bench.aws);
  arn = await createSecret(bench.aws);
  expect(changesIn(await bench.plan(STACK))).toEqual([`updated ${RULE}["docker-hub"]`]);
  await bench.apply(STACK);
  expect(state().pullThroughRules["docker-hub"]?.credentialArn).toBe(arn);
});

it("images that are kept for ever change the templates alone, and take their life cycle", async () => {
  const wanted = { ...everything, expire_after_days: null };
  const prefixes = ["docker-hub", "ecr-public", "quay"];
  expect(changesIn(await plan(wanted))).toEqual(prefixes.map((prefix) => `updated ${TEMPLATE}["${prefix}"]`));
  await bench.apply(STACK);
  expect(await bench.plan(STACK)).toBeUndefined();
  expect(Object.values(state().creationTemplates).map(({ lifecyclePolicy }) => lifecyclePolicy ?? null)).toEqual([
    ...prefixes.map(() => null),
  ]);
});

it("a rule that is removed goes with its template, and who may pull narrows", async () => {
  const { "docker-hub": _, ...rules } = RULES;
  const others = JSON.stringify(withoutDockerHub());
  expect(changesIn(await plan({ rules, expire_after_days: null }))).toEqual(
    [
      ...[RULE, TEMPLATE].map((address) => `destroyed ${address}["docker-hub"]`),
      ...["aws_iam_policy.pull_through_puller", "aws_iam_role_policy.pull_through_repositories"],
      "aws_cloudwatch_event_rule.pull_through_failures",
    ]
      .map((change) => (change.includes(" ") ? change : `updated ${change}`))
      .sort(),
  );
  await bench.apply(STACK);
  expect(await bench.plan(STACK)).toBeUndefined();
  expect(Object.keys(state().pullThroughRules).sort()).toEqual(["ecr-public", "quay"]);
  expect(Object.keys(state().creationTemplates).sort()).toEqual(["ecr-public", "quay"]);
  expect(JSON.stringify(withoutDockerHub())).toBe(others);
});

/** The other rules and templates, as ECR has them. */
function withoutDockerHub(): object {
  const { "docker-hub": _rule, ...rules } = state().pullThroughRules;
  const { "docker-hub": _template, ...templates } = state().creationTemplates;
  return { rules, templates };
}

it("destroyed, it leaves nothing", async () => {
  // Each kind is seen before.
  for (const names of Object.values(await ofOurs())) expect(names).not.toEqual([]);
  await bench.destroy(STACK);
  const { pullThroughRules, creationTemplates } = state();
  expect({ pullThroughRules, creationTemplates }).toEqual({ pullThroughRules: {}, creationTemplates: {} });
  expect(await ofOurs()).toEqual({ roles: [], policies: [], logGroups: [], logPolicies: [], rules: [], topics: [] });
});

type Call = readonly [service: string, action: string, input: object];

/** Names of what is left in the account and region that begins with ours. */
async function ofOurs(): Promise<Record<string, string[]>> {
  const calls: Record<string, Call> = {
    roles: ["iam", "ListRoles", {}],
    policies: ["iam", "ListPolicies", { Scope: "Local" }],
    logGroups: ["logs", "DescribeLogGroups", {}],
    logPolicies: ["logs", "DescribeResourcePolicies", {}],
    rules: ["events", "ListRules", {}],
    topics: ["sns", "ListTopics", {}],
  };
  const found = Object.entries(calls).map(async ([kind, [service, action, input]]) => {
    const answer = JSON.stringify(await bench.aws.aws.call({ service, action, region: REGION }, input));
    return [kind, [...answer.matchAll(/docker-cache[\w-]*/g)].map(([name]) => name)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}
