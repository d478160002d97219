/** Several instances in one account, in two regions, one of them on what the same run creates: applied, planned again, destroyed. */
import type { EmulatedAws } from "../../lab/aws/start";
import { removeScratch, terraform } from "../scripts/emit/terraform-run";
import { CREATED, CREATED_RESOURCES, FAR_KEY, LEAST, NOUNS } from "./calls";
import { environmentOf, rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(900_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  removeScratch();
});

/** `new` on a network, a key and a topic of the same run, copied to another region; `ci` with defaults, twice by for_each. */
function root(): Record<string, unknown> {
  const created = NOUNS.map((noun) => [`${noun}_new`, { source: `./modules/${noun}`, name: "new", ...CREATED[noun] }]);
  const each = NOUNS.map((noun) => [
    `${noun}_each`,
    { source: `./modules/${noun}`, for_each: '${toset(["ci", "ml"])}', name: "${each.key}", ...LEAST[noun] },
  ]);
  const far = { providers: { aws: "aws.far" }, name: "new", kms_key_arn: FAR_KEY };
  return {
    provider: { aws: [{ region: "eu-west-1" }, { alias: "far", region: "us-east-1" }] },
    resource: CREATED_RESOURCES,
    module: {
      ...Object.fromEntries([...created, ...each]),
      rotation_far: { source: "./modules/rotation", copy_from: "eu-west-1", ...far },
      worker_far: { source: "./modules/worker", count: 1, ...far, read_pointer: true },
    },
    output: { far: { value: "${module.worker_far[0].snapshot_id}" } },
  };
}

test("applies in one go, stays as it is, and goes without a trace of its own", async () => {
  const env = environmentOf(aws);
  const folder = rootWithModules(root());
  await terraform(folder, ["init", "-input=false"], env);
  await terraform(folder, ["apply", "-input=false", "-auto-approve"], env);
  expect(await terraform(folder, ["plan", "-input=false"], env)).toContain("No changes.");
  await terraform(folder, ["destroy", "-input=false", "-auto-approve"], env);
  expect((await terraform(folder, ["state", "list"], env)).trim()).toBe("");
});
