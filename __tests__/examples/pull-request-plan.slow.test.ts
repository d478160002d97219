/** The shell of the workflow, as the workflow calls it, against the emulated AWS. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/start";
import { apply, init, stacksIn, type TerraformOptions } from "../../lab/loop/terraform";
import { resolveConfig } from "../../lib/config/resolve";
import { configSchema } from "../../lib/config/schema";
import { writeStacks } from "../stacks/synthesized";

const run = promisify(execFile);
const SOURCE = "examples/pull-request-plan";

jest.setTimeout(900_000);

/** In the same parameter as `python:3.12-slim`: the SHA-256 of both begins with 1. */
const SIBLING = "alpine:3.22";

const folder = mkdtempSync(join(tmpdir(), "docker-cache-pull-request-"));
let aws: EmulatedAws;

interface Step {
  readonly id?: string;
  readonly run?: string;
}
const workflow = parse(readFileSync(`${SOURCE}/github-actions/plan.yml`, "utf8")) as {
  jobs: { plan: { steps: readonly Step[] } };
};
const command = workflow.jobs.plan.steps.find(({ id }) => id === "plan")?.run ?? "";

/** The stacks of one cache in one region, over the former ones: state stays. */
function synthesize(images: readonly string[]): string {
  const config = { regions: { "eu-west-1": {} }, caches: { ci: { images } } };
  return writeStacks(folder, resolveConfig(configSchema.parse(config)));
}

/** Runs the workflow's step; the comment, and whether it ended well. */
async function plan(env: Readonly<Record<string, string>> = {}): Promise<{ ok: boolean; comment: string }> {
  const environment = { ...process.env, ...aws.env, RUNNER_TEMP: folder, ...env };
  const ok = await run("bash", ["-e", "-c", command], { cwd: folder, env: environment, maxBuffer: 1 << 26 }).then(
    () => true,
    () => false,
  );
  return { ok, comment: readFileSync(join(folder, "comment.md"), "utf8") };
}

beforeAll(async () => {
  aws = await startEmulatedAws();
  cpSync(SOURCE, join(folder, SOURCE), { recursive: true });
  const options: TerraformOptions = {
    terraform: "terraform",
    env: aws.env,
    pluginCache: resolve(".cache/terraform-plugins"),
  };
  for (const stack of stacksIn(synthesize(["python:3.12-slim"]))) {
    await init(stack, options);
    await apply(stack, options);
  }
});
afterAll(async () => {
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("nothing changed: the comment says so and nothing else", async () => {
  expect(await plan()).toEqual({
    ok: true,
    comment: "<!-- docker-cache plan -->\n### Terraform plan\n\n0 of 3 stacks change.\n\n",
  });
});

test("an added image is one added line", async () => {
  synthesize(["python:3.12-slim", SIBLING]);
  const { ok, comment } = await plan();
  expect(ok).toBe(true);
  expect(comment).toContain("1 of 3 stacks change.");
  expect(comment).toContain("<b>docker-cache-builder-eu-west-1</b>: 0 to add, 1 to change, 0 to destroy.");
  const added = comment.split("\n").filter((line) => line.startsWith("+"));
  expect(added).toEqual([expect.stringContaining(SIBLING)]);
  expect(comment).not.toMatch(/will be read during apply|Refreshing state|outside of Terraform/);
});

test("a stack that cannot be planned fails the run and is named", async () => {
  const path = join(folder, "cdktf.out/stacks/docker-cache-worker-eu-west-1/cdk.tf.json");
  const json = JSON.parse(readFileSync(path, "utf8"));
  json.resource.aws_launch_template.broken = { no_such_argument: true };
  writeFileSync(path, JSON.stringify(json));
  const { ok, comment } = await plan();
  expect(ok).toBe(false);
  expect(comment).toContain("1 cannot be planned.");
  expect(comment).toMatch(/<b>docker-cache-worker-eu-west-1<\/b>: cannot be planned[\s\S]*no_such_argument/);
});

test("actions are pinned by commit, with the version beside it", () => {
  const uses = readFileSync(`${SOURCE}/github-actions/plan.yml`, "utf8").match(/uses: .*/g) ?? [];
  expect(uses.length).toBeGreaterThan(3);
  for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
