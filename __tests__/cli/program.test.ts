/** The command line as people start it: help, mistakes, exit codes. Nothing here reaches AWS. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { READY_CONFIRMATION } from "./ready-confirmation";

const PROGRAM = join(process.cwd(), "scripts/docker-cache");
const COMMANDS = ["status", "build", "rotate", "promote", "unpin", "rollback", "purge", "buildx", "script"];
const ACTIONS = [
  ...["url", "env", "list", "validate", "purge"].map((action) => `pull-through ${action}`),
  ...["tag", "ensure", "env"].map((action) => `image ${action}`),
  "layer-cache check",
  "cost pull-through",
];
/** Commands that change something, and so have `--dry-run`. */
const CHANGING = [
  ...COMMANDS.filter((command) => !["status", "script"].includes(command)),
  "pull-through purge",
  "image ensure",
];
/** Commands whose answer a shell reads: it has one form. */
const PLAIN = ["image tag", "image ensure", "image env", "buildx", "script"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Standard input is closed and nothing is a terminal: a prompt would hang, and the time-out would tell. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  const options = { cwd: folder, encoding: "utf8", env: { PATH: process.env.PATH, ...env }, timeout: 30_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(stdout + stderr).not.toMatch(READY_CONFIRMATION);
  return { status, stdout, stderr };
}

test("help is data: on stdout, exit 0, the same without arguments, and names every command", () => {
  const asked = start(["--help"]);
  expect(asked).toMatchObject({ status: 0, stderr: "" });
  expect(start([])).toEqual(asked);
  for (const command of [...COMMANDS, "pull-through", "image", "layer-cache", "cost"])
    expect(asked.stdout).toMatch(new RegExp(`^  ${command} `, "m"));
});

test.each([...COMMANDS, ...ACTIONS])(
  "R19: %s has help with an example first, a file of its own, and --dry-run where it changes something",
  (command) => {
    const words = command.split(" ");
    const { status, stdout } = start([...words, "--help"]);
    expect(status).toBe(0);
    expect(stdout.trimStart()).toMatch(new RegExp(`^(eval "\\$\\()?docker-cache ${command}`));
    expect(stdout.includes("--dry-run")).toBe(CHANGING.includes(command));
    expect(stdout.includes("--json")).toBe(!PLAIN.includes(command));
    expect(stdout.includes("--region ")).toBe(command !== "cost pull-through");
    expect(existsSync(join(process.cwd(), `cli/commands/${words.join("/")}.ts`))).toBe(true);
  },
);

test("R19: every line of help is an imperative", () => {
  const verbs =
    /^(Act|Build|Delete|Give|Go|Leave|Let|Look|Make|Name|Operate|Pass|Print|Promote|Push|Read|Reckon|Run|Show|Start|Stay|Use)\b/;
  const texts = [[], ...[...COMMANDS, ...ACTIONS].map((command) => command.split(" "))].flatMap((words) => {
    const { stdout } = start([...words, "--help"]);
    const described = [...stdout.matchAll(/^Usage: .*\n\n(.+)|^ {2}(?:-\w, )?-?-?[a-z]+.* {2,}(\S.*)$/gm)];
    return described.map(([, description, line]) => description ?? line ?? "");
  });
  expect(texts.length).toBeGreaterThan(40);
  expect(texts.filter((text) => !verbs.test(text))).toEqual([]);
});

test("a reader that has gone, such as `head -1`, ends it quietly, as a closed pipe ends any program", () => {
  const piped = 'node "$0" build --help | true; echo "${PIPESTATUS[0]}"';
  const { stdout, stderr } = spawnSync("bash", ["-c", piped, PROGRAM], { encoding: "utf8", timeout: 30_000 });
  expect([stdout, stderr]).toEqual(["141\n", ""]);
});

test("messages that nobody reads are lost, and the work goes on to its own end", () => {
  const piped = '{ { node "$0" status 2>&1 >/dev/null; echo "$?" >&9; } | true; } 9>&1';
  const { stdout } = spawnSync("bash", ["-c", piped, PROGRAM], { cwd: folder, encoding: "utf8", timeout: 30_000 });
  expect(stdout).toBe("2\n");
});

test.each<[string, string[], RegExp]>([
  ["an unknown command, with the nearest one", ["rolback"], /unknown command 'rolback'\n\(Did you mean rollback\?\)/],
  ["an unknown option", ["status", "--fast"], /unknown option '--fast'/],
  ["a missing argument", ["promote"], /missing required argument 'snapshot'/],
  ["a value that is none of the choices", ["status", "--architecture", "riscv"], /Allowed choices are x86_64, arm64/],
  ["a snapshot id that is none", ["promote", "vol-1"], /vol-1 is no snapshot id/],
  ["--cache beside --name", ["status", "--cache", "a", "--name", "b"], /exclude each other/],
  ["--name without a region", ["status", "--name", "ci"], /--name needs a region/],
  ["a script that there is none of", ["script", "cron"], /there is no script cron, expected image or buildx/],
  ["an entry without a section", ["script", "image", "--entry", "app"], /write "ci_images: \{ app: \{\} \}" into/],
  [
    "an entry of layers without a section",
    ["buildx", "--entry", "ci", "--", "."],
    /write "layer_cache: \{ ci: \{\} \}" into docker-cache.yaml/,
  ],
  ["what is docker's without --", ["buildx", "."], /too many arguments[^\n]*\n\(what docker buildx build gets stands/],
  ["an option's value that is none", ["image", "tag", "--strict=maybe"], /strict is "maybe", expected true or false/],
  ["a choice that is none", ["image", "ensure", "--push", "maybe"], /Allowed choices are auto, always, never/],
  ["options beside --from-environment", ["image", "tag", "--from-environment", "--target", "x"], /beside --from-env/],
  ["no configuration file", ["status"], /docker-cache.yaml[\s\S]*no such file/],
])("%s is a mistake in usage: exit 2, on stderr", (_name, args, message) => {
  const { status, stdout, stderr } = start(args);
  expect(stderr).toMatch(message);
  expect([status, stdout]).toEqual([2, ""]);
});

test("buildx without a section is a plain build, and says so", () => {
  const { status, stdout, stderr } = start(["buildx", "--print", "--invalidate=1", "--", "--push", "-t", "x y", "."]);
  expect([status, stdout]).toEqual([0, "docker buildx build --build-arg cache_invalidator=1 --push -t 'x y' .\n"]);
  expect(stderr).toContain("the configuration has no section layer_cache");
});

describe("with a configuration", () => {
  const cache = { images: ["python:3.12-slim"], architectures: { x86_64: {} } };
  const configured = (caches: object) => {
    const file = join(folder, "configuration.yaml");
    writeFileSync(file, JSON.stringify({ regions: { "eu-west-1": {} }, caches }));
    return { DOCKER_CACHE_CONFIG: file };
  };

  test("every problem of the configuration is told, exit 2", () => {
    const { status, stderr } = start(["rotate"], configured({ ci: { ...cache, image: [] } }));
    expect([status, stderr]).toEqual([2, expect.stringMatching(/the configuration cannot be used[\s\S]*images/)]);
  });

  test("what it does not have is a mistake that names what it has", () => {
    const { status, stderr } = start(["status", "--region", "us-east-1"], configured({ ci: cache }));
    expect([status, stderr]).toEqual([2, expect.stringContaining("it has eu-west-1 ci/x86_64")]);
  });

  test.each(["rollback", "unpin", "build"])("%s never acts on several caches because one was not named", (command) => {
    const { status, stderr } = start([command], configured({ ci: cache, ml: cache }));
    expect([status, stderr]).toEqual([2, expect.stringContaining("say which: --cache ci or ml")]);
  });

  test("a confirmation that names another cache purges nothing", () => {
    const { status, stderr } = start(["purge", "--confirm", "other"], configured({ ci: cache }));
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("--confirm names other, expected what would be purged: ci"),
    ]);
  });

  const nowhere = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };

  test("no credentials: exit 1, and where they are looked for", () => {
    const { status, stderr } = start(["unpin"], { ...configured({ ci: cache }), ...nowhere });
    expect([status, stderr]).toEqual([1, expect.stringContaining("takes AWS credentials from where the AWS CLI does")]);
  });

  test("the SDK's warning about an old Node is shown, on stderr, so that stdout stays data", () => {
    const { stdout, stderr } = start(["unpin", "--json"], { ...configured({ ci: cache }), ...nowhere });
    expect(stderr.includes("NodeVersionSupportWarning")).toBe(Number.parseInt(process.versions.node, 10) < 22);
    expect(stdout).not.toContain("Warning");
  });
});
