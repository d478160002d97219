/** The module of pull-through as users call it: applied, after what the same run makes, over rules that are there, with its own tests. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { POLICY } from "../../modules/calls";
import { managedChanges, rootWithModules, startEmulatedAws } from "../../modules/emulated";
import { removeScratch, scratch, terraform } from "../../scripts/emit/terraform-run";
import { createSecret, documentedImports, failureOf, LOGIN, makeBefore, RULES } from "./fixture";

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

/** A root that calls the module in a region, which each test has to itself: the module is one to a region. */
const root = (region: string, inputs: object, { module = {}, ...rest }: Readonly<Record<string, object>> = {}) => ({
  provider: { aws: { region } },
  module: { pull_through: { source: "./modules/pull-through", rules: RULES, ...inputs }, ...module },
  output: { pull_through: { value: "${module.pull_through.pull_through}" } },
  ...rest,
});

async function initialized(wanted: Record<string, unknown>): Promise<string> {
  const folder = rootWithModules(wanted);
  await run(folder, "init");
  return folder;
}

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

/** What a user may make in the same run, with a builder and a worker that pull through. */
const BESIDE = {
  resource: {
    aws_kms_key: { new: {} },
    aws_iam_policy: { new: { policy: POLICY } },
    aws_sns_topic: { new: {} },
  },
  module: {
    builder: {
      source: "./modules/builder",
      name: "ci",
      images: ["redis:7"],
      pull_through: "${module.pull_through.pull_through}",
    },
    worker: { source: "./modules/worker", name: "ci", policy_arns: ["${module.pull_through.puller_policy_arn}"] },
  },
};

test("on a key, a topic and a boundary that the same run makes, beside a builder and a worker", async () => {
  const region = "ap-south-1";
  await createSecret(aws, LOGIN, region);
  const inputs = {
    kms_key_arn: "${aws_kms_key.new.arn}",
    permissions_boundary_arn: "${aws_iam_policy.new.arn}",
    notifications: { topic: { arn: "${aws_sns_topic.new.arn}" } },
    monthly_budget_usd: 5,
  };
  const folder = await initialized(root(region, inputs, BESIDE));
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
});

test("a rule and a template that the account has already are taken over by blocks as the page has them", async () => {
  const region = "eu-north-1";
  await createSecret(aws, LOGIN, region);
  await makeBefore(aws, region);
  const folder = await initialized(root(region, {}));
  expect(await failureOf(run(folder, "apply"))).toContain("AlreadyExists");
  writeFileSync(join(folder, "imports.tf"), documentedImports().blocks);
  const actions = (await managedChanges(folder, aws)).map(({ change }) => change.actions.join());
  expect(actions).not.toContain("delete,create");
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  expect(aws.regions[region]!.creationTemplates.quay?.customRoleArn).toContain("docker-cache-pull-through");
});
