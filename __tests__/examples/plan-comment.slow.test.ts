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

/** Plans `after` on what applying `before` made, stack by stack. */
async function changedAll(
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
  env?: NodeJS.ProcessEnv,
): Promise<Result> {
  const folder = folderOf();
  write(folder, before);
  for (const name of Object.keys(before)) {
    const chdir = `-chdir=${join(folder, "stacks", name)}`;
    await run("terraform", [chdir, "init", "-input=false"]);
    await run("terraform", [chdir, "apply", "-input=false", "-auto-approve"]);
  }
  write(folder, after);
  return comment(folder, env);
}

const realTerraform = async () => (await run("bash", ["-c", "command -v terraform"])).stdout.trim();

const changed = (before: Json, after: Json) => changedAll({ one: before }, { one: after });

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

describe("what is destroyed or replaced", () => {
  test("stands first, by its address, stack by stack", async () => {
    const replaced = (trigger: string) => ({ triggers_replace: trigger });
    const before = { a: replaced("one"), b: data("one"), c: { for_each: { "x`y": 1 } }, d: data("one") };
    const { comment: text = "" } = await changedAll(
      { one: resources(before), three: resources({ a: data("x") }), two: resources({ a: data("x") }) },
      {
        one: resources({ a: replaced("two"), b: data("one"), d: data("two") }),
        three: resources({ a: data("y") }),
        two: resources({ b: data("y") }),
      },
    );
    expect(text.split("\n").slice(0, 14)).toEqual([
      "<!-- docker-cache plan -->",
      "### Terraform plan",
      "",
      "**Destroyed or replaced:**",
      "",
      "```diff",
      "one",
      "- terraform_data.a is replaced",
      '- terraform_data.c["x`y"] is destroyed',
      "two",
      "- terraform_data.a is destroyed",
      "```",
      "",
      "3 of 3 stacks change.",
    ]);
  });

  test("is said to be nothing if it is nothing, and not of stacks that could not be planned", async () => {
    const folder = folderOf();
    write(folder, { a: resources({ a: data("x") }) });
    expect((await comment(folder)).comment).toContain("\n\nNothing is destroyed or replaced.\n\n1 of 1 stacks change.");
    write(folder, { a: resources({ a: data("x") }), b: { output: { a: { value: "${nowhere}" } } } });
    expect((await comment(folder)).comment).toContain(
      "\n\nNothing is destroyed or replaced in the stacks that could be planned.\n\n1 of 2 stacks change, 1 cannot be planned.",
    );
  });

  test("has its room, however much it is", async () => {
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`r${index}`, data(index)]));
    const { comment: text = "" } = await changed(resources(many), {});
    const [list = ""] = text.split("400 to destroy");
    expect(list).toContain("- terraform_data.r0 is destroyed\n");
    expect(list).toContain("… the whole is in the log of the run\n```\n\n1 of 1 stacks change.");
    expect(Buffer.byteLength(list)).toBeLessThan(9000);
  });
});

describe("regions", () => {
  const [EU, US, AP, SA] = ["eu-west-1", "us-east-1", "ap-south-1", "sa-east-1"];

  /** Stacks of one kind, by region; each has `input` of the region, the region's name and ids of its own. */
  const stacks = (inputs: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(inputs).map(([region, input]) => [
        `cache-${region}`,
        resources({ a: data({ input, arn: `arn:aws:x:${region}:1:y` }), b: { triggers_replace: input } }),
      ]),
    );

  /** A PATH whose Terraform takes the provider, which tells the script a stack's region, out of a stack before it would install it. */
  function withoutProvider(real: string): NodeJS.ProcessEnv {
    const bin = folderOf();
    const text = `#!/usr/bin/env bash
case " $* " in
  *" init "*)
    stack=\${1#-chdir=}/cdk.tf.json
    jq "del(.provider)" "$stack" >"$stack.new"
    mv "$stack.new" "$stack"
    ;;
esac
exec ${real} "$@"
`;
    writeFileSync(join(bin, "terraform"), text, { mode: 0o755 });
    return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  }

  test("that change in the same way are one section, others have their own", async () => {
    const after = Object.entries(stacks({ [EU]: "two", [US]: "two", [AP]: "three", [SA]: "two" }));
    const withRegion = after.map(([name, stack]): [string, Json] => [
      name,
      { ...stack, provider: { aws: [{ region: name.replace("cache-", "") }] } },
    ]);
    const { comment: text = "" } = await changedAll(
      stacks({ [EU]: "one", [US]: "one", [AP]: "one", [SA]: "none" }),
      Object.fromEntries(withRegion),
      withoutProvider(await realTerraform()),
    );
    expect(text).toContain("4 of 4 stacks change.");
    expect(text.match(/<summary>.*/g)).toEqual([
      "<summary><b>cache-ap-south-1</b>: 1 to add, 1 to change, 1 to destroy.</summary>",
      "<summary><b>cache in eu-west-1, us-east-1</b>: 1 to add, 1 to change, 1 to destroy.</summary>",
      "<summary><b>cache-sa-east-1</b>: 1 to add, 1 to change, 1 to destroy.</summary>",
    ]);
    expect(text).toContain("</summary>\n\nShown as in eu-west-1.\n\n```diff\n");
    expect(text).toContain("\ncache in eu-west-1, us-east-1\n- terraform_data.b is replaced\n");
    expect(text.match(/terraform_data\.a will be updated/g)).toHaveLength(3);
  });
});

describe("stacks are planned side by side", () => {
  /** Puts a terraform on the PATH whose plans wait until `together` of them have begun, and notes how many run whenever one begins. */
  async function runningAtOnce(stacks: number, atOnce: string, together: number): Promise<number[]> {
    const [folder, bin, running] = [folderOf(), folderOf(), folderOf()];
    write(folder, Object.fromEntries(Array.from({ length: stacks }, (_, index) => [`s${index}`, {}])));
    const real = await realTerraform();
    const text = `#!/usr/bin/env bash
case " $* " in
  *" plan "*)
    touch "${running}/$$"
    ls "${running}" | wc -l >>"${bin}/counts"
    for ((turn = 0; turn < 600; turn++)); do
      if [ "$(wc -l <"${bin}/counts")" -ge ${together} ]; then break; fi
      sleep 0.1
    done
    status=0
    ${real} "$@" || status=$?
    rm "${running}/$$"
    exit "$status"
    ;;
esac
exec ${real} "$@"
`;
    writeFileSync(join(bin, "terraform"), text, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, PLANS_AT_ONCE: atOnce };
    expect(await comment(folder, env)).toMatchObject({ code: 0 });
    return readFileSync(join(bin, "counts"), "utf8").trim().split("\n").map(Number);
  }

  test("as many as asked for and no more", async () => {
    const counts = await runningAtOnce(5, "2", 2);
    expect(counts).toHaveLength(5);
    expect(Math.max(...counts)).toBe(2);
    expect(Math.max(...(await runningAtOnce(3, "1", 1)))).toBe(1);
  });

  test.each(["0", "many", "-1"])("PLANS_AT_ONCE=%s is refused", async (atOnce) => {
    const folder = folderOf();
    write(folder, { a: {} });
    expect(await comment(folder, { ...process.env, PLANS_AT_ONCE: atOnce })).toMatchObject({
      code: 2,
      stderr: `PLANS_AT_ONCE is ${atOnce}: expected a number from 1 to 99\n`,
    });
  });
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
      "getconf",
      "touch",
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
