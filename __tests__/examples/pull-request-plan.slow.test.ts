/**
 * The shell of the workflow and of Atlantis's hook, as they call it, against the emulated AWS. plan-comment.slow.test.ts tests what a comment shows
 * of a plan.
 */

import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import { apply, init, stacksIn, type TerraformOptions } from "../../lab/product/terraform";
import { PLUGIN_CACHE } from "../../lab/tools/project";
import { NOUNS } from "../../stacks/nouns";

const run = promisify(execFile);
const SOURCE = "examples/pull-request-plan";

jest.setTimeout(1_800_000);

/** In the same parameter as `python:3.12-slim`: the SHA-256 of both begins with 1. */
const SIBLING = "alpine:3.22";
/** Files and folders of the program. */
const PROGRAM = [
  "main.ts",
  "lib",
  "stacks",
  "scripts",
  "lambda-src",
  "package.json",
  "tsconfig.json",
  ".gitignore",
  SOURCE,
];

/** The user's repository. */
const folder = mkdtempSync(join(tmpdir(), "docker-cache-pull-request-"));
const bin = join(folder, "bin");
let aws: EmulatedAws;

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly run?: string;
}
const workflow = parse(readFileSync(`${SOURCE}/github-actions/plan.yml`, "utf8")) as {
  jobs: { plan: { steps: readonly Step[] } };
};
const shellOf = (wanted: (step: Step) => boolean) => workflow.jobs.plan.steps.find(wanted)?.run ?? "no such step";
const atlantis = parse(readFileSync(`${SOURCE}/atlantis/repos.yaml`, "utf8"));

/** Runs shell in the repository as a runner does. Returns its output. */
async function shell(command: string, env: Readonly<Record<string, string>> = {}, cwd = folder): Promise<string> {
  const PATH = `${bin}:${process.env.PATH}`;
  const environment = { ...process.env, ...aws.env, RUNNER_TEMP: folder, PATH, ...env };
  return (await run("bash", ["-e", "-c", command], { cwd, env: environment, maxBuffer: 1 << 26 })).stdout;
}

const synthesize = (images: readonly string[]) => {
  const config = { regions: { "eu-west-1": {} }, caches: { ci: { images } } };
  writeFileSync(join(folder, "docker-cache.yaml"), stringify(config));
  return shell(shellOf((step) => step.run?.startsWith("npx") ?? false));
};
const commentFile = () => readFileSync(join(folder, "comment.md"), "utf8");

/** An executable on the PATH of everything that runs in the repository. */
function tool(name: string, text: string): void {
  writeFileSync(join(bin, name), text);
  chmodSync(join(bin, name), 0o755);
}

beforeAll(async () => {
  aws = await startEmulatedAws();
  for (const path of PROGRAM) cpSync(path, join(folder, path), { recursive: true });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  mkdirSync(bin);
  await run("git", ["init", "--quiet"], { cwd: folder });
  await synthesize(["python:3.12-slim"]);
  const options: TerraformOptions = {
    terraform: "terraform",
    env: aws.env,
    pluginCache: PLUGIN_CACHE,
  };
  const stacks = stacksIn(join(folder, "cdktf.out"));
  for (const stack of stacks) await init(stack, options);
  // All at once, for most of it is waiting.
  await Promise.all(stacks.map((stack) => apply(stack, options)));
});
afterAll(async () => {
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("an added image is one added line, and stacks without changes are not shown", async () => {
  await synthesize(["python:3.12-slim", SIBLING]);
  await shell(shellOf(({ id }) => id === "plan"));
  const comment = commentFile();
  expect(comment).toMatch(
    /^<!-- docker-cache plan -->\n### Terraform plan\n\nNothing is destroyed or replaced\.\n\n1 of 3 stacks change\.\n\n<details>/,
  );
  expect(comment.match(/<summary>.*/g)).toEqual([
    "<summary><b>docker-cache-builder-eu-west-1</b>: 0 to add, 1 to change, 0 to destroy.</summary>",
  ]);
  // The provider computes `value`, which it keeps secret, from the list.
  const added = comment.split("\n").filter((line) => /^[+-]/.test(line) && !line.includes("(sensitive value)"));
  expect(added).toEqual([expect.stringContaining(SIBLING)]);
  expect(comment).not.toMatch(/will be read during apply|Refreshing state|outside of Terraform/);
});

test("the first run makes the comment, later ones write the same one anew", async () => {
  // Stands for GitHub's client: answers with the comments in a file, notes every other request.
  tool(
    "gh",
    `#!/usr/bin/env bash
while [ "$#" -gt 0 ]; do
  case $1 in --jq) jq=$2 ;; --method) method=$2 ;; --field) body=$2 ;; repos/*) path=$1 ;; esac
  shift
done
if [ -n "\${jq:-}" ]; then command jq --raw-output "$jq" comments.json; else printf '%s %s %s\\n' "$method" "$path" "$body" >>requests; fi
`,
  );
  writeFileSync(join(folder, "comment.md"), "<!-- docker-cache plan -->\n### Terraform plan\n");
  const request = async (comments: readonly unknown[]) => {
    writeFileSync(join(folder, "comments.json"), JSON.stringify(comments));
    rmSync(join(folder, "requests"), { force: true });
    await shell(
      shellOf(({ name }) => name === "Comment"),
      { ISSUES: "repos/o/r/issues", NUMBER: "7" },
    );
    return readFileSync(join(folder, "requests"), "utf8");
  };
  const [human, bot] = [{ type: "User" }, { type: "Bot" }];
  const body = `body=@${join(folder, "comment.md")}`;
  const others = [
    { id: 1, user: bot, body: "something else" },
    { id: 2, user: human, body: "<!-- docker-cache plan -->\nquoted" },
  ];
  expect(await request(others)).toBe(`POST repos/o/r/issues/7/comments ${body}\n`);
  const ours = { id: 3, user: bot, body: "<!-- docker-cache plan -->\nold" };
  expect(await request([...others, ours, { id: 4, user: bot, body: "later" }])).toBe(
    `PATCH repos/o/r/issues/comments/3 ${body}\n`,
  );
});

test("Atlantis finds every stack, and plans it with the same eyes", async () => {
  tool("npm", "#!/usr/bin/env bash\n");
  await shell(atlantis.repos[0].pre_workflow_hooks[0].run);
  // Atlantis looks at these with ATLANTIS_INCLUDE_GIT_UNTRACKED_FILES.
  const untracked = (await shell("git ls-files --others --exclude-standard")).split("\n");
  const found = untracked.filter((path) => path.endsWith("/cdk.tf.json")).map(dirname);
  // The default configuration has no companion.
  const stacks = NOUNS.filter(({ companion }) => !companion).map(
    ({ name }) => `ci-cdktf.out/stacks/docker-cache-${name}-eu-west-1`,
  );
  expect(found.sort()).toEqual(stacks);
  const steps = atlantis.workflows[atlantis.repos[0].workflow].plan.steps;
  expect(steps[0]).toBe("init");
  const plan = async (path: string) => {
    const project = join(folder, path);
    await shell("terraform init -input=false", {}, project);
    const planned = await shell(steps[1].run, { PLANFILE: join(project, "default.tfplan") }, project);
    return { planned, saved: await shell("terraform show -no-color default.tfplan", {}, project) };
  };
  // How Atlantis tells what a plan is, and whether to show it.
  const builder = await plan(stacks[0] as string);
  expect(builder.planned).toMatch(/^Plan: 0 to add, 1 to change, 0 to destroy\.$/m);
  expect(builder.planned).toContain(SIBLING);
  expect(builder.planned).not.toContain("will be read during apply");
  expect(builder.saved).toContain(SIBLING);
  expect((await plan(stacks[2] as string)).planned).toBe(
    "No changes. Your infrastructure matches the configuration.\n",
  );
});

test("actions are pinned by commit, with the version beside it", () => {
  const uses = readFileSync(`${SOURCE}/github-actions/plan.yml`, "utf8").match(/uses: .*/g) ?? [];
  expect(uses.length).toBeGreaterThan(3);
  for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
