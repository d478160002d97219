/** One construct, two faces: a stack of literals and the module with equal inputs plan equal resources and equal outputs. */
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { onlyInAll } from "../../level";
import { rootWithModules, startEmulatedAws } from "../../modules/emulated";
import { planOf, removeScratch, scratch } from "../../scripts/emit/terraform-run";
import { KEY_ARN } from "../fixture";
import type { Planned } from "../planned";
import { writeStacks } from "../synthesized";
import { ciImagesAlone, REGION, REGISTRY, STACK } from "./fixture";

jest.setTimeout(300_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

/** Resources and outputs by their names without what tells the faces apart. */
function comparable({ resource_changes, output_changes }: Planned, prefix: string) {
  const managed = resource_changes.filter(({ address, mode }) => mode === "managed" && address.startsWith(prefix));
  const resources = managed.map(({ address, change: { after, after_unknown } }) => {
    const short = address.slice(prefix.length).replace(".app_ci_images_", ".");
    return [short, { after, after_unknown }] as const;
  });
  const outputs = Object.entries(output_changes).map(([name, { after, after_unknown }]) => [
    name.replace(/^app_ci_images_/, ""),
    { after, after_unknown },
  ]);
  return { resources: Object.fromEntries(resources), outputs: Object.fromEntries(outputs) };
}

const OUTPUTS = ["repository_url", "repository_name", "puller_policy_arn", "pusher_policy_arn"];

async function ofModule(inputs: object) {
  const root = {
    provider: { aws: { region: REGION } },
    module: { it: { source: "./modules/ci-images", name: "app", ...inputs } },
    output: Object.fromEntries(OUTPUTS.map((name) => [name, { value: `\${module.it.${name}}` }])),
  };
  return comparable((await planOf(rootWithModules(root), aws)) as unknown as Planned, "module.it.");
}

async function ofStack(app: object, region?: object) {
  const outdir = writeStacks(scratch({}), ciImagesAlone({ ci_images: { app }, region }));
  return comparable((await planOf(join(outdir, "stacks", STACK), aws)) as unknown as Planned, "");
}

onlyInAll(["nothing else"])("with a name, and %s", async () => {
  const module = await ofModule({});
  expect(module).toEqual(await ofStack({}));
  expect(module.outputs.repository_name?.after).toBe("build-cache/app");
});

test("with everything", async () => {
  const given = {
    repository: "build-cache/acme/app",
    max_age_days: 30,
    permissions_boundary_arn: "arn:aws:iam::123456789012:policy/boundary",
    role_path: "/ci/",
  };
  const module = await ofModule({ ...given, kms_key_arn: KEY_ARN });
  expect(module).toEqual(await ofStack(given, { kms_key_arn: KEY_ARN }));
  expect(Object.keys(module.resources).sort()).toEqual([
    "aws_ecr_lifecycle_policy.images",
    "aws_ecr_repository.images",
    "aws_iam_policy.puller",
    "aws_iam_policy.pusher",
    "terraform_data.identity",
  ]);
  expect(Object.keys(module.outputs).sort()).toEqual([...OUTPUTS].sort());
  // An image list may have it: keys of a `for_each` must be known.
  expect(module.outputs.repository_url).toEqual({ after: `${REGISTRY}/build-cache/acme/app`, after_unknown: false });
});
