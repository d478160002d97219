/** One construct, two faces: a stack of literals and the module with equal inputs plan equal resources and equal outputs. */
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { onlyInAll } from "../../level";
import { rootWithModules, startEmulatedAws } from "../../modules/emulated";
import { planOf, removeScratch, scratch } from "../../scripts/emit/terraform-run";
import { KEY_ARN } from "../fixture";
import type { Planned } from "../planned";
import { writeStacks } from "../synthesized";
import { ACCOUNT, deploymentWith, REGION, STACK } from "./fixture";

jest.setTimeout(300_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

/** Resources and outputs by their names without what tells the faces apart: a module counts what it may leave out. */
function comparable({ resource_changes, output_changes = {} }: Planned, prefix: string) {
  const managed = resource_changes.filter(({ address, mode }) => mode === "managed" && address.startsWith(prefix));
  const resources = managed.map(({ address, change: { after, after_unknown } }) => {
    const short = address
      .slice(prefix.length)
      .replace(".ci_layer_cache_", ".")
      .replace(/\[0\]$/, "");
    return [short, { after, after_unknown }] as const;
  });
  const outputs = Object.entries(output_changes).map(([name, { after, after_unknown }]) => [
    name.replace(/^ci_layer_cache_/, ""),
    { after, after_unknown },
  ]);
  return { resources: Object.fromEntries(resources), outputs: Object.fromEntries(outputs) };
}

const OUTPUTS = ["bucket", "repository_url", "reader_policy_arn", "branch_writer_policy_arn", "writer_policy_arn"];

async function ofModule(inputs: object) {
  const root = {
    provider: { aws: { region: REGION } },
    module: { it: { source: "./modules/layer-cache", name: "ci", ...inputs } },
    output: Object.fromEntries(OUTPUTS.map((name) => [name, { value: `\${module.it.${name}}` }])),
  };
  return comparable((await planOf(rootWithModules(root), aws)) as unknown as Planned, "module.it.");
}

async function ofStack(ci: object, region?: object) {
  const outdir = writeStacks(scratch({}), deploymentWith({ layer_cache: { ci }, region }));
  return comparable((await planOf(join(outdir, "stacks", STACK), aws)) as unknown as Planned, "");
}

const ALIKE = {
  expire_after_days: 30,
  permissions_boundary_arn: "arn:aws:iam::123456789012:policy/boundary",
  role_path: "/ci/",
};
const POLICIES = ["branch_writer", "reader", "writer"].map((who) => `aws_iam_policy.${who}`);

onlyInAll<[string, object]>([
  ["nothing else", {}],
  ["repositories", { backend: "ecr" }],
])("with a name, and %s", async ([, given]) => {
  expect(await ofModule(given)).toEqual(await ofStack(given));
});

test("with a bucket and everything", async () => {
  const module = await ofModule({ ...ALIKE, kms_key_arn: KEY_ARN });
  expect(module).toEqual(await ofStack(ALIKE, { kms_key_arn: KEY_ARN }));
  expect(Object.keys(module.resources).sort()).toEqual([
    ...POLICIES,
    ...["", "_lifecycle_configuration", "_ownership_controls", "_policy", "_public_access_block"].map(
      (part) => `aws_s3_bucket${part}.layers`,
    ),
    "aws_s3_bucket_server_side_encryption_configuration.layers",
    "terraform_data.identity",
  ]);
  // Another resource of the same run may be made for each.
  expect(module.outputs.bucket).toEqual({ after: `docker-cache-ci-${ACCOUNT}-${REGION}`, after_unknown: false });
  expect(module.outputs).not.toHaveProperty("repository_url.after", expect.any(String));
});

test("with repositories and everything", async () => {
  const given = { ...ALIKE, backend: "ecr" };
  const module = await ofModule({ ...given, kms_key_arn: KEY_ARN });
  expect(module).toEqual(await ofStack(given, { kms_key_arn: KEY_ARN }));
  expect(Object.keys(module.resources).sort()).toEqual([
    ...["lifecycle_policy", "repository"].flatMap((type) =>
      ["branches", "default"].map((of) => `aws_ecr_${type}.${of}`),
    ),
    ...POLICIES,
    "terraform_data.identity",
  ]);
});

test("with a bucket of the user's", async () => {
  const module = await ofModule({ bucket: "acme-layers" });
  expect(module).toEqual(await ofStack({ bucket: "acme-layers" }));
  expect(Object.keys(module.resources).sort()).toEqual([...POLICIES, "terraform_data.identity"]);
});
