/** The module of the layer cache as users call it: applied, with layers in it, after what the same run makes, with its own tests. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { managedChanges, rootWithModules, startEmulatedAws } from "../../modules/emulated";
import { removeScratch, scratch, terraform } from "../../scripts/emit/terraform-run";
import { ACCOUNT, asking } from "./fixture";

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

/** A root that calls the module in a region of the test's own. */
const root = (region: string, inputs: object, rest: Readonly<Record<string, object>> = {}) => ({
  provider: { aws: { region } },
  module: { layer_cache: { source: "./modules/layer-cache", name: "ci", ...inputs } },
  ...rest,
});

async function initialized(wanted: Record<string, unknown>): Promise<string> {
  const folder = rootWithModules(wanted);
  await run(folder, "init");
  return folder;
}

/** What a plan does to resources of the module. */
async function pending(folder: string, options: string[]) {
  const changes = await managedChanges(folder, aws, options);
  const ofModule = changes.filter(({ address }) => address.startsWith("module."));
  return ofModule.map(
    ({ address, change }) => `${change.actions.join()} ${address.slice("module.layer_cache.".length)}`,
  );
}

const buckets = async (region: string) =>
  (await asking(aws, region)<{ Buckets: { Name: string }[] }>("s3", "ListBuckets", {})).Buckets.map(({ Name }) => Name);

test("is formatted and valid on its own, and passes its tests", async () => {
  const copy = scratch({});
  cpSync("modules", copy, { recursive: true });
  const folder = join(copy, "layer-cache");
  await terraform(folder, ["fmt", "-check", "-recursive"]);
  await terraform(folder, ["init", "-input=false"]);
  await terraform(folder, ["validate"]);
  expect(await terraform(folder, ["test"])).toMatch(/Success! \d+ passed, 0 failed\./);
});

test("applies on a key that the same run makes, takes another age, and goes with its layers", async () => {
  const region = "eu-central-1";
  const inputs = { kms_key_arn: "${aws_kms_key.new.arn}", expire_after_days: "${var.days}" };
  const beside = { resource: { aws_kms_key: { new: {} } }, variable: { days: { default: 14 } } };
  const folder = await initialized(root(region, inputs, beside));
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  const bucket = `docker-cache-ci-${ACCOUNT}-${region}`;
  const ask = asking(aws, region);
  await ask("s3", "PutObject", { Bucket: bucket, Key: "ci/blobs/sha256:0", Body: "x" });
  const changed = ["-var=days=30"];
  expect(await pending(folder, changed)).toEqual(["update aws_s3_bucket_lifecycle_configuration.layers[0]"]);
  await run(folder, "apply", ...changed);
  expect(await managedChanges(folder, aws, changed)).toEqual([]);
  expect(await ask("s3", "ListObjectsV2", { Bucket: bucket })).toMatchObject({
    Contents: [{ Key: "ci/blobs/sha256:0" }],
  });
  await run(folder, "destroy");
  expect(await buckets(region)).not.toContain(bucket);
  expect((await terraform(folder, ["state", "list"], aws)).trim()).toBe("");
});

test("after a resource that is to change nothing is replaced, nor is anything changed once it is", async () => {
  const beside = {
    variable: { text: { default: "a" } },
    resource: { terraform_data: { before: { input: "${var.text}" } } },
  };
  const folder = await initialized(root("us-west-2", { depends_on: ["terraform_data.before"] }, beside));
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  const changed = ["-var=text=b"];
  // With what it asks of its surroundings unknown, each policy has a document that is.
  expect(await pending(folder, changed)).toEqual([
    ...["branch_writer", "reader", "writer"].map((who) => `update aws_iam_policy.${who}`),
    "update aws_s3_bucket_policy.layers[0]",
  ]);
  await run(folder, "apply", ...changed);
  expect(await managedChanges(folder, aws, changed)).toEqual([]);
});

test("beside a bucket that the same run makes", async () => {
  const region = "ap-south-1";
  const bucket = "acme-layers-of-the-run";
  const inputs = { bucket: "${aws_s3_bucket.new.bucket}" };
  const folder = await initialized(root(region, inputs, { resource: { aws_s3_bucket: { new: { bucket } } } }));
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
  expect(await buckets(region)).toContain(bucket);
  await run(folder, "destroy");
});

test("another name is another entry: its policies and its repositories are made anew", async () => {
  const region = "eu-north-1";
  const inputs = { name: "${var.entry}", backend: "ecr" };
  const folder = await initialized(root(region, inputs, { variable: { entry: { default: "app" } } }));
  await run(folder, "apply");
  await run(folder, "apply", "-var=entry=web");
  expect(await managedChanges(folder, aws, ["-var=entry=web"])).toEqual([]);
  const ask = asking(aws, region);
  const { repositories } = await ask<{ repositories: { repositoryName: string }[] }>("ecr", "DescribeRepositories", {});
  expect(repositories.map(({ repositoryName }) => repositoryName).sort()).toEqual(
    ["branches", "default"].map((part) => `docker-cache-layer-cache/web/${part}`),
  );
});
