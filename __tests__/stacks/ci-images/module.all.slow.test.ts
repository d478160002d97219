/** The module of CI images as users call it: applied, with images in it, after what the same run makes, beside a cache that holds them, with its own tests. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { POLICY } from "../../modules/calls";
import { managedChanges, rootWithModules, startEmulatedAws } from "../../modules/emulated";
import { removeScratch, scratch, terraform } from "../../scripts/emit/terraform-run";
import { push } from "./fixture";

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

const OUTPUTS = ["repository_url", "repository_name", "puller_policy_arn", "pusher_policy_arn"];

/** A root that calls the module in a region of the test's own. */
const root = (region: string, inputs: object, { module = {}, ...rest }: Readonly<Record<string, object>> = {}) => ({
  provider: { aws: { region } },
  module: { ci_images: { source: "./modules/ci-images", name: "app", ...inputs }, ...module },
  output: Object.fromEntries(OUTPUTS.map((name) => [name, { value: `\${module.ci_images.${name}}` }])),
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
  const folder = join(copy, "ci-images");
  await terraform(folder, ["fmt", "-check", "-recursive"]);
  await terraform(folder, ["init", "-input=false"]);
  await terraform(folder, ["validate"]);
  expect(await terraform(folder, ["test"])).toMatch(/Success! \d+ passed, 0 failed\./);
});

test("applies, stays as it is, and goes with its images", async () => {
  const region = "eu-central-1";
  const folder = await initialized(root(region, {}));
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  const told = JSON.parse(await terraform(folder, ["output", "-json"], aws));
  expect(Object.fromEntries(OUTPUTS.map((name) => [name, told[name].value]))).toEqual({
    repository_url: `123456789012.dkr.ecr.${region}.amazonaws.com/build-cache/app`,
    repository_name: "build-cache/app",
    puller_policy_arn: `arn:aws:iam::123456789012:policy/docker-cache-ci-images-app-puller-${region}`,
    pusher_policy_arn: `arn:aws:iam::123456789012:policy/docker-cache-ci-images-app-pusher-${region}`,
  });
  await push(aws, "build-cache/app", "latest", region);
  await run(folder, "destroy");
  expect((await terraform(folder, ["state", "list"], aws)).trim()).toBe("");
  const { repositories } = await aws.aws.call<{ repositories: object[] }>(
    { service: "ecr", action: "DescribeRepositories", region },
    {},
  );
  expect(repositories).toEqual([]);
});

test("after a resource that is to change nothing is replaced, nor is anything changed once it is", async () => {
  const folder = await initialized(
    root(
      "us-west-2",
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
  // With what it asks of its surroundings unknown, both policies have a document that is.
  const ofModule = pending.filter(({ address }) => address.startsWith("module."));
  expect(ofModule.map(({ address, change }) => [change.actions.join(), address])).toEqual([
    ["update", "module.ci_images.aws_iam_policy.puller"],
    ["update", "module.ci_images.aws_iam_policy.pusher"],
  ]);
  await run(folder, "apply", ...changed);
  expect(await managedChanges(folder, aws, changed)).toEqual([]);
});

test("on a key that the same run makes, beside a cache that holds its newest image and workers that push", async () => {
  const region = "ap-south-1";
  const beside = {
    resource: { aws_kms_key: { new: {} }, aws_iam_policy: { new: { policy: POLICY } } },
    module: {
      cache: {
        source: "./modules/cache",
        name: "ci",
        images: ["redis:7", "${module.ci_images.repository_url}:latest-x86_64 optional"],
        worker: { policy_arns: ["${module.ci_images.pusher_policy_arn}"] },
      },
    },
  };
  const inputs = { kms_key_arn: "${aws_kms_key.new.arn}", permissions_boundary_arn: "${aws_iam_policy.new.arn}" };
  const folder = await initialized(root(region, inputs, beside));
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  const { PolicyDocument } = await aws.aws.call<{ PolicyDocument: string }>(
    { service: "iam", action: "GetRolePolicy", region },
    { RoleName: `docker-cache-ci-x86_64-builder-${region}`, PolicyName: "builder" },
  );
  expect(decodeURIComponent(PolicyDocument)).toContain(`arn:aws:ecr:${region}:123456789012:repository/build-cache/app`);
});

test("another name is another entry: its policies and its repository are made anew", async () => {
  const region = "eu-north-1";
  const inputs = { name: "${var.entry}" };
  const folder = await initialized(root(region, inputs, { variable: { entry: { default: "app" } } }));
  await run(folder, "apply");
  await run(folder, "apply", "-var=entry=web");
  expect(await managedChanges(folder, aws, ["-var=entry=web"])).toEqual([]);
  const { Policies } = await aws.aws.call<{ Policies: { PolicyName: string }[] }>(
    { service: "iam", action: "ListPolicies", region },
    { Scope: "Local" },
  );
  const ours = Policies.map(({ PolicyName }) => PolicyName).filter((name) => name.endsWith(region));
  expect(ours.sort()).toEqual([
    `docker-cache-ci-images-web-puller-${region}`,
    `docker-cache-ci-images-web-pusher-${region}`,
  ]);
});
