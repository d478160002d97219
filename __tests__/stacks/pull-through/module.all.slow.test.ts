/** The module of pull-through as users call it: applied, after what the same run makes, over rules that are there, with its own tests. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { managedChanges, rootWithModules, startEmulatedAws } from "../../modules/emulated";
import { removeScratch, scratch, terraform } from "../../scripts/emit/terraform-run";
import { createSecret, failureOf, LOGIN, RULES } from "./fixture";

jest.setTimeout(600_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

const run = (folder: string, command: string, ...options: string[]) =>
  terraform(folder, [command, "-input=false", ...(command === "init" ? [] : ["-auto-approve"]), ...options], aws);
const write = (folder: string, root: object) => writeFileSync(join(folder, "main.tf.json"), JSON.stringify(root));

/** A root that calls the module in a region, which each test has to itself: the module is one to a region. */
const root = (region: string, inputs: object, rest: object = {}) => ({
  provider: { aws: { region } },
  module: { pull_through: { source: "./modules/pull-through", rules: RULES, ...inputs } },
  output: { pull_through: { value: "${module.pull_through.pull_through}" } },
  ...rest,
});

async function initialized(wanted: object): Promise<string> {
  const folder = rootWithModules(wanted);
  await run(folder, "init");
  return folder;
}

const ecr = (region: string, action: string, input: object) => aws.aws.call({ service: "ecr", action, region }, input);

test("is formatted and valid on its own, and passes its tests", async () => {
  const copy = scratch({});
  cpSync("modules", copy, { recursive: true });
  const folder = join(copy, "pull-through");
  await terraform(folder, ["fmt", "-check", "-recursive"]);
  await terraform(folder, ["init", "-input=false"]);
  await terraform(folder, ["validate"]);
  expect(await terraform(folder, ["test"])).toMatch(/Success! \d+ passed, 0 failed\./);
});

test("applies, stays as it is, and goes; without its secret it is refused while planning", async () => {
  const region = "eu-central-1";
  const folder = await initialized(root(region, {}));
  expect(await failureOf(managedChanges(folder, aws))).toContain(
    `found no secret ${LOGIN} in ${region}, expected one of this account and region`,
  );
  await createSecret(aws, LOGIN, region);
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  const told = JSON.parse(await terraform(folder, ["output", "-json"], aws));
  expect(told.pull_through.value).toEqual({
    "docker.io": "docker-hub",
    "public.ecr.aws": "ecr-public",
    "quay.io": "quay",
  });
  await run(folder, "destroy");
  expect((await terraform(folder, ["state", "list"], aws)).trim()).toBe("");
  const { pullThroughRules, creationTemplates } = aws.regions[region]!;
  expect([pullThroughRules, creationTemplates]).toEqual([{}, {}]);
});

test("after a resource that is to change nothing is replaced, nor is anything changed once it is", async () => {
  const region = "us-west-2";
  await createSecret(aws, LOGIN, region);
  const folder = await initialized(
    root(
      region,
      { depends_on: ["terraform_data.before"] },
      {
        variable: { text: { default: "a" } },
        resource: { terraform_data: { before: { input: "${var.text}" } } },
      },
    ),
  );
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  const changed = ["-var=text=b"];
  const pending = await managedChanges(folder, aws, changed);
  // With what it asks of its surroundings unknown, it has a lot to change.
  expect(pending.length).toBeGreaterThan(5);
  expect(pending.map(({ change: { actions } }) => actions.join()).filter((how) => how !== "update")).toEqual([]);
  await run(folder, "apply", ...changed);
  expect(await managedChanges(folder, aws, changed)).toEqual([]);
});

test("on a key, a topic and a boundary that the same run makes", async () => {
  const region = "ap-south-1";
  await createSecret(aws, LOGIN, region);
  const folder = await initialized(
    root(
      region,
      {
        kms_key_arn: "${aws_kms_key.new.arn}",
        permissions_boundary_arn: "${aws_iam_policy.new.arn}",
        notifications: { topic: { arn: "${aws_sns_topic.new.arn}" } },
        monthly_budget_usd: 5,
      },
      {
        resource: {
          aws_kms_key: { new: {} },
          aws_iam_policy: {
            new: {
              policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Action: "ecr:*", Resource: "*" }],
              }),
            },
          },
          aws_sns_topic: { new: {} },
        },
      },
    ),
  );
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
});

test("a rule that the account has already is taken over by an import block", async () => {
  const region = "eu-north-1";
  await createSecret(aws, LOGIN, region);
  await ecr(region, "CreatePullThroughCacheRule", { ecrRepositoryPrefix: "quay", upstreamRegistryUrl: "quay.io" });
  const folder = await initialized(root(region, {}));
  expect(await failureOf(run(folder, "apply"))).toContain("PullThroughCacheRuleAlreadyExistsException");
  const to = 'module.pull_through.aws_ecr_pull_through_cache_rule.upstreams["quay"]';
  write(folder, root(region, {}, { import: [{ to, id: "quay" }] }));
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
});
