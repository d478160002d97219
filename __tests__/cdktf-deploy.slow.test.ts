/** The words of the README: `cdktf deploy '*-eu-west-1'`, through cdktf's own command line, and the way back. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EmulatedAws, startEmulatedAws } from "../lab/aws/start";

const run = promisify(execFile);
const root = join(__dirname, "..");
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
});

const cdktf = (verb: string, pattern: string) =>
  run(
    join(root, "node_modules/.bin/cdktf"),
    [verb, pattern, "--auto-approve", "--skip-provider-lock", "--output", join(folder, "cdktf.out")],
    { cwd: root, env: { ...process.env, ...aws.env, CI: "true", CHECKPOINT_DISABLE: "1" }, maxBuffer: 1 << 28 },
  );

test("deploys the three stacks of one region and no other, and destroys them", async () => {
  const deployed = (await cdktf("deploy", "*-eu-west-1")).stdout;
  for (const noun of ["builder", "rotation", "worker"]) expect(deployed).toContain(`docker-cache-${noun}-eu-west-1`);
  expect(deployed).not.toContain("us-east-1  ");
  expect(existsSync(join(folder, "terraform.docker-cache-worker-eu-west-1.tfstate"))).toBe(true);
  expect(existsSync(join(folder, "terraform.docker-cache-worker-us-east-1.tfstate"))).toBe(false);
  await cdktf("destroy", "*-eu-west-1");
  const left = (await aws.aws.call({ service: "ec2", action: "DescribeLaunchTemplates", region: "eu-west-1" }, {})) as {
    LaunchTemplates?: unknown[];
  };
  expect(left.LaunchTemplates ?? []).toEqual([]);
}, 600_000);
