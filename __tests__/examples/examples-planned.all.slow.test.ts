/** The examples, planned in one root, each as a module of it. Applied: examples-applied.all.slow.test.ts. */
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import { planOf, removeScratch, scratch } from "../scripts/emit/terraform-run";

jest.setTimeout(1_800_000);

/** Of plans in pull requests, which are no root of Terraform. */
const OTHERS = ["pull-request-plan"];
const names = readdirSync("examples").filter((name) => !OTHERS.includes(name));

interface Planned {
  readonly address: string;
  readonly change: { readonly actions: readonly string[]; readonly after: Readonly<Record<string, unknown>> };
}

let aws: EmulatedAws;
let planned: readonly Planned[];

/** Plans modules whose sources are in `./examples`, in one root. */
async function plan(module: Readonly<Record<string, unknown>>): Promise<readonly Planned[]> {
  const folder = scratch({ "main.tf.json": JSON.stringify({ module }) });
  for (const path of ["examples", "modules"]) cpSync(path, join(folder, path), { recursive: true });
  return (await planOf(folder, aws)).resource_changes as readonly Planned[];
}

beforeAll(async () => {
  aws = await startEmulatedAws();
  planned = await plan(Object.fromEntries(names.map((name) => [name, { source: `./examples/${name}` }])));
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

/** What is planned of a resource of an example. */
const after = (address: string) => planned.find((one) => one.address === `module.${address}`)?.change.after;

test("every example makes all three nouns, by the module `cache`", () => {
  const made = names.filter((name) =>
    ["builder", "rotation", "worker"].every((noun) =>
      planned.some(({ address }) => address.startsWith(`module.${name}.module.cache.module.${noun}`)),
    ),
  );
  expect(made).toEqual(names);
  expect(names.length).toBeGreaterThan(6);
});

test("spot: the types that may be launched take the place of the template's", () => {
  const types = ["m6i.large", "m5.large", "m6a.large", "m5a.large"].map((instance_type) =>
    expect.objectContaining({ instance_type }),
  );
  const template = { launch_template_specification: [{ version: "$Default" }], override: types };
  expect(after("spot.aws_autoscaling_group.workers")).toMatchObject({
    mixed_instances_policy: [{ launch_template: [template] }],
  });
});

test("ecr-same-run: the image's name is known while planning, and the builder may pull it", () => {
  const images = planned.filter(({ address }) =>
    address.startsWith("module.ecr-same-run.module.cache.module.builder[0].aws_ssm_parameter.images"),
  );
  const lines = images.map(({ change }) => String(change.after.insecure_value)).join("\n");
  expect(lines).toContain("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:latest");
});

test("two-regions: the builder's policy copies to where the other rotation promotes", () => {
  const policy = after("two-regions.module.cache.module.builder[0].aws_dlm_lifecycle_policy.replication[0]");
  expect(JSON.stringify(policy)).toContain('"target":"us-east-1"');
});

test("two-regions: one region twice is refused", async () => {
  const module = { twice: { source: "./examples/two-regions", far_region: "eu-west-1" } };
  await expect(plan(module)).rejects.toThrow("name two regions");
});
