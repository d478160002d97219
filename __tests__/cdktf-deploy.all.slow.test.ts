/** The words of the README, through cdktf's own command line: a region, a noun in every region, and the way back. */

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EmulatedAws, startEmulatedAws } from "../lab/aws/server/start";
import { ROOT } from "../lab/tools/project";
import { NOUNS } from "../stacks/nouns";

const run = promisify(execFile);
let aws: EmulatedAws;
let folder: string;

beforeAll(async () => {
  aws = await startEmulatedAws();
  // A folder of its own: the state of a local backend lies beside cdktf.out.
  folder = mkdtempSync(join(tmpdir(), "cdktf-deploy-"));
}, 120_000);

afterAll(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const cdktf = (verb: string, pattern: string) =>
  run(
    join(ROOT, "node_modules/.bin/cdktf"),
    [verb, pattern, "--auto-approve", "--skip-provider-lock", "--output", join(folder, "cdktf.out")],
    { cwd: ROOT, env: { ...process.env, ...aws.env, CI: "true", CHECKPOINT_DISABLE: "1" }, maxBuffer: 1 << 28 },
  );

/** Stacks that have a state, each with how many resources are in it. */
function deployed(): Record<string, number> {
  const states = readdirSync(folder).flatMap((file) => /^terraform\.(.+)\.tfstate$/.exec(file)?.[1] ?? []);
  return Object.fromEntries(
    states.sort().map((name) => {
      const state = JSON.parse(readFileSync(join(folder, `terraform.${name}.tfstate`), "utf8"));
      return [name, state.resources.filter(({ mode }: { mode: string }) => mode === "managed").length];
    }),
  );
}

test("deploys one region, then one noun in every region, and destroys all", async () => {
  await cdktf("deploy", "*-eu-west-1");
  const here = NOUNS.map(({ name }) => `docker-cache-${name}-eu-west-1`);
  expect(Object.keys(deployed())).toEqual(here);
  const before = deployed();

  await cdktf("deploy", "docker-cache-rotation-*");
  const there = "docker-cache-rotation-us-east-1";
  expect(Object.keys(deployed())).toEqual([...here, there].sort());
  expect(deployed()).toMatchObject(before);
  expect(deployed()[there]).toBeGreaterThan(10);

  await cdktf("destroy", "*");
  expect(new Set(Object.values(deployed()))).toEqual(new Set([0]));
  for (const region of ["eu-west-1", "us-east-1"]) {
    const call = { service: "ec2", action: "DescribeLaunchTemplates", region };
    const left = (await aws.aws.call(call, {})) as { LaunchTemplates?: unknown[] };
    expect(left.LaunchTemplates ?? []).toEqual([]);
  }
}, 1_800_000);
