/**
 * Several instances in one account, in two regions, one of them on what the same run creates: planned on one machine, applied on another, planned again,
 * destroyed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { EmulatedAws } from "../../lab/aws/server/start";
import { parameterPaths } from "../../lib/contract";
import { planOf, removeScratch, terraform } from "../scripts/emit/terraform-run";
import { CREATED, CREATED_RESOURCES, FAR_KEY, LEAST, NOUNS } from "./calls";
import { rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(1_800_000);

const SNAPSHOT = "snap-0123456789abcdef0";

interface Change {
  readonly after: { readonly id: string | null; readonly mappings: readonly { readonly ebs: object }[] };
}

interface ResourceChange {
  readonly address: string;
  readonly mode: string;
  readonly change: { readonly actions: readonly string[]; readonly after: Record<string, unknown> };
}

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

/** Outputs of a worker module about the promoted snapshot. */
function pointerOf(call: string): Record<string, string> {
  return { id: `\${module.${call}.snapshot_id}`, mappings: `\${module.${call}.block_device_mappings}` };
}

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
      // No rotation of this name is anywhere.
      worker_alone: { source: "./modules/worker", name: "alone", read_pointer: true },
    },
    output: {
      far: { value: pointerOf("worker_far[0]") },
      alone: { value: pointerOf("worker_alone") },
      unread: { value: pointerOf('worker_each["ci"]') },
    },
  };
}

/** The template of the user's own that reads the pointer, as docs/modules.md shows it, of the far region's worker. */
function documentedTemplate(): string {
  const [, body] = /^resource "aws_launch_template" "pinned" \{\n {2}# …\n([\s\S]*?)^\}$/m.exec(
    readFileSync("docs/modules.md", "utf8"),
  )!;
  const of = body!.replaceAll("module.worker.", "module.worker_far[0].");
  return `resource "aws_launch_template" "pinned" {\n  provider = aws.far\n  name     = "pinned"\n${of}}\n`;
}

/** A folder with all that, as a machine has it after `terraform init`. */
async function machine(): Promise<string> {
  const folder = rootWithModules(root());
  writeFileSync(join(folder, "pinned.tf"), documentedTemplate());
  await terraform(folder, ["init", "-input=false"], aws);
  return folder;
}

/** As rotation does in the far region. */
async function promote(): Promise<void> {
  const ssm = new SSMClient({
    region: "us-east-1",
    endpoint: aws.endpointUrl,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const Name = parameterPaths("new", "x86_64").pointer;
  await ssm.send(new PutParameterCommand({ Name, Value: SNAPSHOT, Type: "String", Overwrite: true }));
}

test("applies in one go, stays as it is, and goes without a trace of its own", async () => {
  const [reviewed, folder] = [await machine(), await machine()];
  const plan = join(reviewed, "plan");
  await terraform(reviewed, ["plan", "-input=false", `-out=${plan}`], aws);
  await terraform(folder, ["apply", "-input=false", plan], aws);
  expect(await terraform(folder, ["plan", "-input=false"], aws)).toContain("No changes.");
  const none = { id: null, mappings: [] };
  const told = JSON.parse(await terraform(folder, ["output", "-json"], aws));
  for (const name of ["far", "alone", "unread"]) expect(told[name].value).toEqual(none);
  await promote();
  const { output_changes: changes, resource_changes: resources } = (await planOf(folder, aws)) as {
    output_changes: Record<string, Change>;
    resource_changes: readonly ResourceChange[];
  };
  expect(changes.far?.after).toEqual({
    id: SNAPSHOT,
    mappings: [expect.objectContaining({ device_name: "/dev/sdf" })],
  });
  expect(changes.far?.after.mappings[0]?.ebs).toMatchObject({
    snapshot_id: SNAPSHOT,
    volume_size: 150,
    volume_type: "gp3",
  });
  for (const name of ["alone", "unread"]) expect(changes[name]?.after).toEqual(none);
  const touched = resources.filter(({ mode, change }) => mode === "managed" && change.actions[0] !== "no-op");
  expect(touched.map(({ address, change }) => [address, change.actions])).toEqual([
    ["aws_launch_template.pinned", ["update"]],
  ]);
  expect(touched[0]?.change.after.block_device_mappings).toMatchObject([{ ebs: [{ snapshot_id: SNAPSHOT }] }]);
  await terraform(folder, ["destroy", "-input=false", "-auto-approve"], aws);
  expect((await terraform(folder, ["state", "list"], aws)).trim()).toBe("");
});
