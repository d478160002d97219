/** The snippet in the middle of other people's scripts: whatever becomes of the cache, they go on, and nothing of ours is left in their shell. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { renderSnippet } from "../../../lib/userdata/render";
import { type Machine, madeUpMachine } from "./made-up-machine";

const settings = { CACHE_NAME: "ci", CACHE_ARCHITECTURE: "x86_64", IMAGE_STORE: "overlay2" };

let machine: Machine;
beforeEach(() => {
  machine = madeUpMachine();
});
afterEach(() => rmSync(machine.folder, { recursive: true }));

/** What may stand where the worker's script does, and what may be wrong with the machine. */
const TROUBLE: Readonly<Record<string, { script?: string; machine?: (machine: Machine) => void }>> = {
  nothing: {},
  "the script fails": { script: "exit 1\n" },
  "the script is no bash": { script: "if (\n" },
  "the script uses an unset variable": { script: 'set -o nounset; echo "$NOT_SET"\n' },
  "the script is killed": { script: "kill -KILL $$\n" },
  "the script reads from what it was given": { script: "cat\n" },
  "there is no gzip": { machine: (it) => it.without("gzip") },
  "there is no base64": { machine: (it) => it.without("base64") },
  "the root disk is full": { machine: (it) => it.fill("var/lib/docker-cache-worker", "worker.new") },
  "no folder can be made, and Docker does not start": {
    machine: (it) => {
      it.refuse("var/lib/docker-cache-worker");
      it.refuse("run/docker-cache");
      it.without("systemctl");
    },
  },
};

const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ["bash", "-e"],
  ["bash", "-eu", "-o", "pipefail"],
  ["bash", "-eEuC", "-o", "pipefail", "-o", "posix"],
  ["dash", "-eu"],
];

const cases = SHELLS.flatMap((shell) => Object.keys(TROUBLE).map((trouble) => ({ shell, trouble })));

/** Puts the trouble on the machine and returns the snippet that meets it. */
function snippetIn(trouble: string): string {
  const { script = 'echo "called with $1"\n', machine: spoil } = TROUBLE[trouble]!;
  spoil?.(machine);
  return renderSnippet(settings, script);
}

test.each(cases)("$shell: goes on if $trouble", ({ shell, trouble }) => {
  const { status, stdout } = machine.run(`${snippetIn(trouble)}echo "went on with $?"\n`, shell);
  expect({ status, last: stdout.trim().split("\n").at(-1) }).toEqual({ status: 0, last: "went on with 0" });
});

test.each(cases)("$shell: leaves the shell as it was if $trouble", ({ shell, trouble }) => {
  const look = `{ set; echo "options $-"; pwd; umask; trap; export -p; } | grep -vE '^(BASH_LINENO|LINENO|PIPESTATUS|RANDOM|SECONDS|EPOCH|_)|^declare -x _=' >`;
  const file = (name: string) => join(machine.folder, name);
  machine.run(
    `trap : EXIT\nWORKER=mine folder=mine CACHE_NAME=mine\n${look}${file("before")}\n${snippetIn(trouble)}${look}${file("after")}\n`,
    shell,
  );
  const [before, after] = ["before", "after"].map((name) => readFileSync(file(name), "utf8"));
  expect(before).toMatch(/^CACHE_NAME='?mine/m);
  expect(after).toBe(before);
});

test("calls the worker's script as one that runs after Docker", () => {
  expect(machine.run(snippetIn("nothing")).stdout).toBe("called with late\n");
});

test("run twice, it calls the script twice: that is where one knows that there is nothing to do", () => {
  const snippet = snippetIn("nothing");
  expect(machine.run(`${snippet}${snippet}`, ["bash", "-eu"]).stdout).toBe("called with late\ncalled with late\n");
});

describe("in a stand-in for the template of github-aws-runners", () => {
  const template = readFileSync(join(__dirname, "../../lab/worker/runner-template.sh"), "utf8");
  const registered = () => join(machine.folder, "registered");

  function runTemplate(lines: string) {
    const script = template
      .replace("# PRE_INSTALL\n", () => lines)
      .replace("/run/runner-registered", registered())
      .replace("/var/log/user-data.log", join(machine.folder, "log"));
    return machine.run(script, ["bash", "-e"]);
  }

  test.each(Object.keys(TROUBLE))("the runner is registered if %s", (trouble) => {
    const { status, stdout } = runTemplate(snippetIn(trouble));
    expect({ status, registered: existsSync(registered()) }).toEqual({ status: 0, registered: true });
    expect(stdout).toContain("registering the runner");
  });

  test.each(["false\n", "exit 0\n", "exec true\n"])("and it is not, where %j stands in its place", (lines) => {
    runTemplate(lines);
    expect(existsSync(registered())).toBe(false);
  });
});
