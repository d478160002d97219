/** The part of a plan that a comment shows, over stacks that need no provider but Terraform's own. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPT = resolve("examples/pull-request-plan/plan-comment.sh");

jest.setTimeout(300_000);

type Json = Record<string, unknown>;

const scratch: string[] = [];
const folderOf = () => scratch[scratch.push(mkdtempSync(join(tmpdir(), "docker-cache-comment-"))) - 1] as string;
afterAll(() => {
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
});

/** Writes stacks as synthesis does. */
function write(folder: string, stacks: Readonly<Record<string, Json>>): void {
  const manifest: Record<string, Json> = {};
  for (const [name, json] of Object.entries(stacks)) {
    const path = `stacks/${name}/cdk.tf.json`;
    mkdirSync(join(folder, "stacks", name), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(json));
    manifest[name] = { name, synthesizedStackPath: path };
  }
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ stacks: manifest }));
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly comment: string | undefined;
}

async function comment(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<Result> {
  const file = join(folder, "comment.md");
  rmSync(file, { force: true });
  const { code, stdout, stderr } = await run("bash", [SCRIPT, folder, file], {
    env: { ...env, CHECKPOINT_DISABLE: "1" },
    maxBuffer: 1 << 28,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
  return { code, stdout, stderr, comment: existsSync(file) ? readFileSync(file, "utf8") : undefined };
}

/** Plans `after` on what applying `before` made. */
async function changed(before: Json, after: Json): Promise<Result> {
  const folder = folderOf();
  write(folder, { one: before });
  const chdir = `-chdir=${join(folder, "stacks/one")}`;
  await run("terraform", [chdir, "init", "-input=false"]);
  await run("terraform", [chdir, "apply", "-input=false", "-auto-approve"]);
  write(folder, { one: after });
  return comment(folder);
}

/** The text between the fences of the one section. */
function planIn(text = ""): string[] {
  const [, fence = "", plan = ""] = /<\/summary>\n\n(`+)diff\n([\s\S]*?)\n\1\n\n<\/details>/.exec(text) ?? [];
  expect(fence.length).toBeGreaterThanOrEqual(3);
  return plan.split("\n");
}

const data = (input: unknown, more: Json = {}) => ({ input, ...more });
const resources = (all: Json): Json => ({ resource: { terraform_data: all } });

test("a data source that waits for the apply is not shown, and neither is the reason", async () => {
  const remote = (folder: string) => ({
    backend: "local",
    config: { path: join(folder, "other.tfstate") },
    depends_on: ["terraform_data.a"],
  });
  const folder = folderOf();
  writeFileSync(
    join(folder, "other.tfstate"),
    JSON.stringify({ version: 4, terraform_version: "1.5.0", serial: 1, lineage: "x", outputs: {}, resources: [] }),
  );
  const stack = (value: string) => ({
    ...resources({ a: data(value) }),
    data: { terraform_remote_state: { other: remote(folder) } },
  });
  const { comment: text } = await changed(stack("one"), stack("two"));
  expect(text).toContain("<b>one</b>: 0 to add, 1 to change, 0 to destroy.");
  expect(planIn(text).join("\n")).toContain("# terraform_data.a will be updated in-place");
  expect(text).not.toMatch(/remote_state|depends on a resource/);
});

test("what only moves, is imported or changes outputs is shown as such", async () => {
  const moved = await changed(resources({ a: data("one") }), {
    ...resources({ b: data("one") }),
    moved: [{ from: "terraform_data.a", to: "terraform_data.b" }],
  });
  expect(moved).toMatchObject({
    code: 0,
    comment: expect.stringContaining("# terraform_data.a has moved to terraform_data.b"),
  });
  const imported = await changed({}, { ...resources({ a: {} }), import: [{ to: "terraform_data.a", id: "an-id" }] });
  expect(imported.comment).toContain("<b>one</b>: 1 to import, 0 to add, 0 to change, 0 to destroy.");
  const outputs = await changed({ output: { a: { value: "one" } } }, { output: { a: { value: "two" } } });
  expect(outputs.comment).toContain("<b>one</b>: outputs only");
  expect(planIn(outputs.comment)).toEqual(["Changes to Outputs:", '!   a = "one" -> "two"']);
});

test("what is sensitive stays hidden", async () => {
  const stack = (value: string) => ({
    variable: { secret: { type: "string", sensitive: true, default: value } },
    output: { a: { value: "${var.secret}", sensitive: true } },
  });
  const { comment: text, stdout } = await changed(stack("hunter2"), stack("hunter3"));
  expect(text).toContain("(sensitive value)");
  expect(text + stdout).not.toMatch(/hunter/);
});

test("nothing in a plan ends the block that it is in", async () => {
  const smoke = "redis:7 smoke=sh -c '````<b>@everyone</b>'\n```\n</details>\n";
  const { comment: text } = await changed({}, resources({ a: data(smoke) }));
  const plan = planIn(text);
  expect(plan.at(-1)).toBe("Plan: 1 to add, 0 to change, 0 to destroy.");
  expect(plan.join("\n")).toContain("@everyone");
  expect(text).toMatch(/^`{5}diff$/m);
});

test("long base64 is told by its beginning and its length", async () => {
  const { comment: text } = await changed(
    resources({ a: data("A".repeat(9000)) }),
    resources({ a: data("B".repeat(9001)) }),
  );
  expect(text).toContain(`"${"A".repeat(24)}… (9000 characters)" -> "${"B".repeat(24)}… (9001 characters)"`);
});

test("however long the plans are, each stack has its section, and all is in the log", async () => {
  const folder = folderOf();
  const long = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`r${index}`, data(`€ value ${index}`)]));
  write(folder, { a: resources(long), b: resources(long), c: resources({ last: data("short") }) });
  const { code, comment: text = "", stdout } = await comment(folder);
  expect(code).toBe(0);
  expect(text).toContain("3 of 3 stacks change.");
  expect(text.match(/<summary><b>[abc]<\/b>: \d+ to add/g)).toHaveLength(3);
  expect(text.match(/^```/gm)).toHaveLength(6);
  expect(text).not.toContain("\uFFFD");
  expect(Buffer.byteLength(text)).toBeLessThan(60_000);
  expect(text).toContain("… the whole is in the log of the run");
  expect(stdout.match(/terraform_data\.r699 will be created/g)).toHaveLength(2);
});

describe("nothing is passed off as planned", () => {
  /** A PATH with the usual tools but one. */
  function without(tool: string): NodeJS.ProcessEnv {
    const bin = folderOf();
    for (const name of [
      "bash",
      "dirname",
      "terraform",
      "jq",
      "mktemp",
      "rm",
      "mkdir",
      "awk",
      "sed",
      "grep",
      "cat",
      "seq",
      "wc",
      "mv",
    ]) {
      const [path] = (process.env.PATH ?? "")
        .split(":")
        .map((entry) => join(entry, name))
        .filter(existsSync);
      if (name !== tool && path !== undefined) symlinkSync(path, join(bin, name));
    }
    return { ...process.env, PATH: bin };
  }

  test.each(["terraform", "jq"])("%s is missing", async (tool) => {
    const folder = folderOf();
    write(folder, { a: resources({ a: data("x") }) });
    expect(await comment(folder, without(tool))).toMatchObject({
      code: 2,
      comment: undefined,
      stderr: `${tool} is needed and not on the PATH\n`,
    });
    expect(await comment(folder, without(""))).toMatchObject({ code: 0 });
  });

  test("nothing was synthesized", async () => {
    const folder = folderOf();
    expect(await comment(folder)).toMatchObject({ code: 2, comment: undefined });
    write(folder, {});
    expect(await comment(folder)).toMatchObject({ code: 2, comment: undefined });
  });

  test("an error is told as it is, in its block", async () => {
    const folder = folderOf();
    write(folder, { a: { output: { a: { value: "${nowhere}" } } }, b: {} });
    const { code, comment: text } = await comment(folder);
    expect(code).toBe(1);
    expect(text).toContain("0 of 2 stacks change, 1 cannot be planned.");
    expect(planIn(text).join("\n")).toContain("Error: Invalid reference");
  });
});
