/** Values that a root tells late, forgets or takes away: nothing is replaced by them, and what cannot be is refused while planning. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { removeScratch, terraform } from "../../scripts/emit/terraform-run";
import { ASSUMED_BY_EC2, POLICY } from "../calls";
import { managedChanges, rootWithModules, startEmulatedAws } from "../emulated";

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
const gone = async (folder: string, ...options: string[]) =>
  (await managedChanges(folder, aws, options))
    .filter(({ change: { actions } }) => actions.includes("delete"))
    .map(({ address }) => address);

const builder = (inputs: object) => ({ source: "./modules/builder", name: "ci", images: ["redis:7"], ...inputs });

test("a key that is looked up late replaces nothing", async () => {
  const folder = rootWithModules({
    variable: { text: { default: "a" } },
    provider: { aws: { region: "eu-central-1" } },
    resource: { aws_kms_key: { own: { description: "${var.text}" } } },
    data: { aws_kms_key: { own: { key_id: "${aws_kms_key.own.key_id}" } } },
    module: { builder: builder({ kms_key_arn: "${data.aws_kms_key.own.arn}" }) },
  });
  await run(folder, "init");
  await run(folder, "apply");
  expect(await gone(folder, "-var=text=b")).toEqual([]);
});

test("policies attached by the output role_name survive another role_path", async () => {
  const folder = rootWithModules({
    variable: { path: { default: "/" } },
    provider: { aws: { region: "us-west-2" } },
    resource: { aws_iam_role_policy: { own: { role: "${module.builder.role_name}", policy: POLICY } } },
    module: { builder: builder({ name: "role", role_path: "${var.path}" }) },
  });
  await run(folder, "init");
  await run(folder, "apply");
  await run(folder, "apply", "-var=path=/ci/");
  expect(await managedChanges(folder, aws, ["-var=path=/ci/"])).toEqual([]);
});

const OWN_ROLE = {
  aws_iam_role: { own: { assume_role_policy: ASSUMED_BY_EC2 } },
  aws_iam_instance_profile: { own: { role: "${aws_iam_role.own.name}" } },
};
test.each([
  [
    "the switch",
    { instance_profile_name: "${aws_iam_instance_profile.own.name}", role_arn: "${aws_iam_role.own.arn}" },
    /Invalid count argument/,
  ],
  [
    "its ARN",
    { create_role: false, instance_profile_name: "${aws_iam_instance_profile.own.name}" },
    /role_arn: found none beside create_role = false/,
  ],
  [
    "its profile",
    { create_role: false, role_arn: "${aws_iam_role.own.arn}" },
    /instance_profile_name: found none beside\s+create_role = false/,
  ],
])("a role of one's own without %s is refused while planning", async (_, inputs, expected) => {
  const folder = rootWithModules({
    provider: { aws: { region: "eu-west-2" } },
    resource: OWN_ROLE,
    module: { builder: builder(inputs) },
  });
  await run(folder, "init");
  await expect(managedChanges(folder, aws)).rejects.toThrow(expected);
});

test("a message tells what it can if a policy is of the same run", async () => {
  const folder = rootWithModules({
    provider: { aws: { region: "eu-west-2" } },
    resource: { aws_iam_policy: { own: { policy: POLICY } } },
    module: {
      worker: {
        source: "./modules/worker",
        name: "ci",
        create_role: false,
        policy_arns: ["${aws_iam_policy.own.arn}"],
      },
    },
  });
  await run(folder, "init");
  await expect(managedChanges(folder, aws)).rejects.toThrow(/expected none/);
});

test("a name that only the apply knows is refused while planning", async () => {
  const folder = rootWithModules({
    provider: { aws: { region: "eu-west-2" } },
    resource: { terraform_data: { own: { input: "late" } } },
    module: { builder: builder({ name: "${terraform_data.own.output}" }) },
  });
  await run(folder, "init");
  await expect(managedChanges(folder, aws)).rejects.toThrow(/Invalid count argument/);
});

test("a key that is taken away is refused while planning, except for a new volume", async () => {
  const root = (inputs: object) => ({
    provider: { aws: { region: "sa-east-1" } },
    resource: { aws_kms_key: { own: {} } },
    module: { builder: builder(inputs) },
  });
  const folder = rootWithModules(root({ kms_key_arn: "${aws_kms_key.own.arn}" }));
  await run(folder, "init");
  await run(folder, "apply");
  write(folder, root({}));
  await expect(managedChanges(folder, aws)).rejects.toThrow(
    /has\s+arn:aws:kms:\S+,\s+and\s+kms_key_arn\s+asks\s+for\s+the\s+AWS\s+managed\s+key/,
  );
  write(folder, root({ volume: { generation: 2 } }));
  expect(await gone(folder)).toContain("module.builder.aws_ebs_volume.cache");
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
});

test("without iops and throughput the volume has the baseline", async () => {
  const root = (volume: object) => ({
    provider: { aws: { region: "eu-south-1" } },
    module: { builder: builder({ volume }) },
  });
  const folder = rootWithModules(root({ iops: 4000, throughput_mibps: 500 }));
  await run(folder, "init");
  await run(folder, "apply");
  write(folder, root({}));
  expect((await managedChanges(folder, aws)).map(({ address }) => address)).toContain(
    "module.builder.aws_ebs_volume.cache",
  );
  await run(folder, "apply");
  expect(await managedChanges(folder, aws)).toEqual([]);
});

/** As docs/modules.md shows it. */
const MOVED = [
  { from: "module.builder", to: "module.cache.module.builder[0]" },
  { from: "module.rotation", to: "module.cache.module.rotation" },
  { from: "module.worker", to: "module.cache.module.worker[0]" },
];

test("three modules become a cache without a change", async () => {
  const provider = { aws: { region: "ap-south-1" } };
  const folder = rootWithModules({
    provider,
    module: {
      builder: builder({}),
      rotation: { source: "./modules/rotation", name: "ci" },
      worker: { source: "./modules/worker", name: "ci" },
    },
  });
  await run(folder, "init");
  await run(folder, "apply");
  write(folder, {
    provider,
    moved: MOVED,
    module: { cache: { source: "./modules/cache", name: "ci", images: ["redis:7"] } },
  });
  await run(folder, "init");
  expect(await managedChanges(folder, aws)).toEqual([]);
});
