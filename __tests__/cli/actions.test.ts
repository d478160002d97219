/** Commands that have actions, and commands that hand words on, with a table and files of the test's own. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { TABLE } from "../fixtures/commands/table";

const PROGRAM = join(process.cwd(), "cli/program.cjs");
const FOLDER = join(process.cwd(), "__tests__/fixtures/commands");
const CODE = `require(${JSON.stringify(PROGRAM)}).main(["node", "docker-cache", ...process.argv.slice(1)], ${JSON.stringify(TABLE)}, ${JSON.stringify(FOLDER)})`;

function start(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--eval", CODE, "--", ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

test("the help names the noun, and the noun's help its actions, with and without --help", () => {
  expect(start("--help").stdout).toMatch(/^ {2}shelf +Look after the shelves$/m);
  const help = start("shelf", "--help");
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toMatch(
    /^Actions:\n {2}list \[options\] +List the books\n {2}empty \[options\] <name> +Take every/m,
  );
  expect(start("shelf")).toEqual(help);
});

test("an action's help has its example first, the common options, and those that it selects by", () => {
  const list = start("shelf", "list", "--help").stdout;
  expect(list.trimStart()).toMatch(/^docker-cache shelf list --json\n\nUsage: docker-cache shelf list \[options\]/);
  const options = (text: string) => text.match(/--[a-z-]+(?= |$)/gm)?.sort();
  expect(options(list.split("Options:")[1]!)).toEqual(["--help", "--json", "--region"]);
  const empty = start("shelf", "empty", "--help").stdout;
  expect(options(empty)).toEqual(["--dry-run", "--help", "--json", "--region", "--row"]);
});

test("an action runs from its file, tells first what it does, and keeps stdout for data", () => {
  expect(start("shelf", "list", "--region", "eu-west-1")).toEqual({
    status: 0,
    stdout: "books of eu-west-1\n",
    stderr: "docker-cache shelf list: reading\n",
  });
});

test("--json is one document and silence; --dry-run is handed on", () => {
  const { stdout, ...rest } = start("shelf", "list", "--json");
  expect([JSON.parse(stdout), rest]).toEqual([
    { version: 1, command: "shelf list", region: "anywhere" },
    { status: 0, stderr: "" },
  ]);
  expect(start("shelf", "empty", "top").stdout).toBe("emptied top\n");
  expect(start("shelf", "empty", "top", "--dry-run").stdout).toBe("would empty top\n");
});

test.each<[string, string[], number, RegExp]>([
  [
    "an unknown action, with the nearest one",
    ["shelf", "lisst"],
    2,
    /unknown command 'lisst'\n\(Did you mean list\?\)\n\(docker-cache shelf --help lists the actions\)/,
  ],
  ["an unknown option", ["shelf", "list", "--fast"], 2, /unknown option '--fast'/],
  ["--dry-run of what changes nothing", ["shelf", "list", "--dry-run"], 2, /unknown option '--dry-run'/],
  ["a missing argument", ["shelf", "empty"], 2, /missing required argument 'name'/],
  ["a mistake that the action finds", ["shelf", "empty", "none"], 2, /^docker-cache shelf empty: none is no shelf$/m],
  ["a failure", ["shelf", "empty", "locked"], 1, /^docker-cache shelf empty: the shelf is locked$/m],
  ["work that did not all go well", ["shelf", "empty", "half"], 1, /reading/],
])("%s: exit code and message as of a command", (_name, args, code, message) => {
  const { status, stderr } = start(...args);
  expect([status, stderr]).toEqual([code, expect.stringMatching(message)]);
});

describe("a command that hands words on", () => {
  const carried = (...args: string[]) => JSON.parse(start("carry", ...args).stdout) as object;

  test.each<[string, string[], object, string[]]>([
    ["nothing", ["--to", "a", "--"], { to: "a" }, []],
    [
      "words that are options of ours",
      ["--", "--to", "b", "--mark", "-n", "--help"],
      {},
      ["--to", "b", "--mark", "-n", "--help"],
    ],
    [
      "words as they are, behind an option without its value",
      ["--mark", "--", "", "x y", "--", "*"],
      { mark: true },
      ["", "x y", "--", "*"],
    ],
    ["an option's value, and no --", ["--mark=x=y"], { mark: "x=y" }, []],
    ["an option whose value is empty", ["--mark="], { mark: "" }, []],
  ])("%s", (_, args, options, words) => {
    expect(carried(...args)).toEqual({ options, words });
  });

  test.each<[string, string[], RegExp]>([
    ["a word without --", ["x"], /too many arguments for 'carry'.*\n\(what the cart gets stands behind --\)/],
    ["a word behind an option whose value stands behind = alone", ["--mark", "x"], /too many arguments/],
    ["an option of the other program without --", ["--push"], /unknown option '--push'\n\(what the cart gets/],
  ])("%s is a mistake", (_, args, message) => {
    const { status, stdout, stderr } = start("carry", ...args);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  });

  test("its help shows how", () => {
    const { stdout } = start("carry", "--help");
    expect(stdout).toMatch(/^Usage: docker-cache carry \[options\] \[-- arguments\.\.\.\]$/m);
    expect(stdout).toMatch(/^ {2}--mark\[=value\] +Mark the place$/m);
  });
});
