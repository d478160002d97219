/** Every block of docs/modules.md under real Terraform, in one root: before the first promotion and after it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import { POINTER_NONE, parameterPaths } from "../../lib/contract";
import { removeScratch, scratch, terraform } from "../scripts/emit/terraform-run";
import { pageBlocks, peerIn, peers, rootOf } from "./modules-page";

jest.setTimeout(1_800_000);

const SNAPSHOT = "snap-0123456789abcdef0";
/** The cache device as the worker module tells it after a promotion, all else at its default. */
const VOLUME = {
  snapshot_id: SNAPSHOT,
  volume_size: 150,
  volume_type: "gp3",
  iops: null,
  throughput: null,
  volume_initialization_rate: null,
  delete_on_termination: true,
};
/** As peers take it that have EC2's shape. */
const NESTED = {
  device_name: "/dev/sdf",
  ebs: { ...VOLUME, encrypted: null, kms_key_id: null },
  no_device: null,
  virtual_name: null,
};

/** What a peer is given, as far as it is known while planning. */
type Given = Readonly<Record<string, unknown>>;
type Plan = Readonly<Record<string, { readonly after: Given }>>;

const blocks = pageBlocks();
let aws: EmulatedAws;
const plans: Plan[] = [];

async function point(Value: string): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ssm = new SSMClient({ region: "eu-west-1", endpoint: aws.endpointUrl, credentials });
  const Name = parameterPaths("ci", "x86_64").pointer;
  await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
}

beforeAll(async () => {
  aws = await startEmulatedAws();
  const folder = rootOf(blocks);
  await terraform(folder, ["init", "-input=false"], aws);
  for (const pointer of [POINTER_NONE, SNAPSHOT]) {
    await point(pointer);
    await terraform(folder, ["plan", "-input=false", "-out=plan"], aws);
    plans.push(JSON.parse(await terraform(folder, ["show", "-json", "plan"], aws)).output_changes as Plan);
  }
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

/** An argument that a block gives to its peer: before the first promotion, and after it. */
const given = (block: string, argument: string) => plans.map((plan) => plan[block]?.after[argument]);

test("every block is planned, and each peer is in one of them, at the version whose variables are kept", () => {
  expect(blocks.length).toBeGreaterThan(10);
  const found = blocks.flatMap(({ text }) => peerIn(text) ?? []);
  expect(new Set(found.map(({ peer }) => peer))).toEqual(new Set(peers));
  for (const { peer, version } of found) expect(`${peer.source} ${version}`).toBe(`${peer.source} ${peer.version}`);
});

test("github-aws-runners: a list of flat objects, with one more after the first promotion", () => {
  const root = expect.objectContaining({ device_name: "/dev/xvda", volume_size: 40, snapshot_id: null });
  // It says so itself if it is not given.
  const cache = { ...VOLUME, device_name: "/dev/sdf", encrypted: true, kms_key_id: null };
  expect(given("github-aws-runners", "block_device_mappings")).toEqual([[root], [root, cache]]);
});

test("terraform-aws-autoscaling: our template, or its own with a list in EC2's shape", () => {
  expect(given("terraform-aws-autoscaling", "launch_template_version")).toEqual(Array(2).fill("$Default"));
  const root = expect.objectContaining({ device_name: "/dev/xvda" });
  const mappings = given("terraform-aws-autoscaling-2", "block_device_mappings");
  expect(mappings).toEqual([[root], [root, NESTED]]);
});

test("ec2-instance and ecs: our template, whatever is promoted", () => {
  const template = expect.objectContaining({ name: null, version: "$Default" });
  expect(given("ec2-instance", "launch_template")).toEqual(Array(2).fill(template));
  const provider = { auto_scaling_group_provider: expect.objectContaining({ managed_draining: "ENABLED" }) };
  expect(given("ecs", "capacity_providers")).toEqual(Array(2).fill({ ci: expect.objectContaining(provider) }));
});

test("eks: a map in EC2's shape", () => {
  expect(given("eks", "block_device_mappings")).toEqual([{}, { cache: NESTED }]);
});

describe("user data without room", () => {
  /** Runs the lines that fetch the snippet as bash with errexit runs them; the bucket answers with `content`. */
  function run(content: string): string {
    const folder = scratch({ content });
    const told = String(given("github-aws-runners", "userdata_post_install")[0]);
    const hash = createHash("sha256").update("echo the cache\n").digest("hex");
    const lines = told.replace(/[0-9a-f]{64}/, hash).replaceAll("/run/docker-cache.sh", join(folder, "fetched"));
    const client = `aws() { cp "${join(folder, "content")}" "$4"; }`;
    const script = `set -e\n${client}\n${lines}\necho on\n`;
    return execFileSync("bash", ["-c", script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  }

  test("the lines are pinned to the snippet by its hash, and take few bytes", () => {
    const [told] = given("github-aws-runners", "userdata_post_install").map(String);
    expect(told).toMatch(/aws s3 cp s3:\/\/a-bucket\/docker-cache\.sh .*[0-9a-f]{64} /s);
    expect(told?.length).toBeLessThan(400);
  });

  test("what the bucket has runs if it is the snippet, and the script goes on", () => {
    expect(run("echo the cache\n")).toBe("the cache\non\n");
    const refused = run("echo evil\n");
    expect(refused).not.toContain("evil");
    expect(refused).toMatch(/\non\n$/);
  });
});
