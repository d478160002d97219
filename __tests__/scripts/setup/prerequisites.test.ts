/** One line says what a machine lacks, with the way to get it. A Mac's bash 3.2 and BSD tools do for what is run there. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../../lab/tools/project";

const SCRIPT = join(ROOT, "scripts/setup/prerequisites.sh");
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Calls a function of the script with these commands, each a line of sh, and no others on the PATH. */
function call(name: string, commands: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-prerequisites-"));
  folders.push(folder);
  for (const [command, line] of Object.entries(commands)) {
    writeFileSync(join(folder, command), `#!/bin/sh\n${line}\n`);
    chmodSync(join(folder, command), 0o755);
  }
  const program = `set -o errexit -o nounset -o pipefail; . ${SCRIPT}; PATH=${folder}; ${name}`;
  const { status, stdout, stderr } = spawnSync("/bin/bash", ["-c", program], { encoding: "utf8" });
  return { status, stdout, lines: stderr.split("\n").filter((line) => line !== "") };
}

/** An interpreter that says its version, and answers the question whether it is good enough. */
const interpreter = (version: string, good: boolean) =>
  `[ "$1" = --version ] && echo ${version} || exit ${good ? 0 : 1}`;

test.each<[string, string, Record<string, string>, RegExp]>([
  ["no Node", "require_node", {}, /^Node\.js is missing: install 22 or later \(https:/],
  [
    "an old Node",
    "require_node",
    { node: interpreter("v18.1.0", false) },
    /^Node\.js v18\.1\.0 is too old: install 22 or later \(https:/,
  ],
  ["no Python", "require_python", {}, /^Python is missing: install 3\.11 or later as python3 \(https:/],
  [
    "an old Python",
    "require_python",
    { python3: interpreter("Python 3.8.2", false) },
    /^Python 3\.8\.2 is too old: install/,
  ],
  [
    "a Python without venv",
    "require_python",
    { python3: 'case "$2" in *venv*) exit 1 ;; esac' },
    /^Python's venv module is missing: on Debian and Ubuntu, apt-get install python3-venv/,
  ],
  [
    "a package, and nobody who could install it",
    "require_debian_packages shellcheck jq",
    { "dpkg-query": "exit 1", id: "echo 1000", grep: "exit 1" },
    /^missing packages: install shellcheck jq \(on Debian and Ubuntu: sudo apt-get install shellcheck jq\)/,
  ],
  ["a tool on a Mac", "require_tool shellcheck", {}, /^shellcheck is missing: .*brew install shellcheck/],
])("%s: one line, and no more", (_, name, commands, line) => {
  const { status, stdout, lines } = call(name, commands);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(lines).toEqual([expect.stringMatching(line)]);
});

test.each([
  ["require_node", { node: "exit 0" }],
  ["require_python", { python3: "exit 0" }],
  ["require_tool shellcheck", { shellcheck: "exit 0" }],
] as const)("%s is content with what is there", (name, commands) => {
  expect(call(name, commands)).toEqual({ status: 0, stdout: "", lines: [] });
});

test("the Node that runs this is not too old, and the one before package.json's least is", () => {
  const real = (version: string) =>
    `exec ${process.execPath} -e "Object.defineProperty(process.versions, 'node', { value: '${version}' }); $2" "$3"`;
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const verdicts = [`${major}.${minor - 1}.9`, `${major}.${minor}.0`, `${major + 1}.0.0`, `${major - 1}.99.0`].map(
    (version) =>
      call("require_node", { node: `[ "$1" = --version ] && echo v${version} && exit; ${real(version)}` }).status,
  );
  expect(verdicts).toEqual([1, 0, 0, 1]);
});

describe("what a Mac runs", () => {
  const scripts = ["scripts/quickstart", "scripts/test", "scripts/docker-cache", "scripts/setup/prerequisites.sh"];

  /** Of bash after 3.2, and options and tools that GNU has and BSD has not. */
  const unknown = [
    /\b(mapfile|readarray|coproc|declare -[gAn]|local -[An]|wait -n|shopt -s globstar)\b/,
    /\$\{[A-Za-z_]+(\^|,|@[A-Z])|\|&|&>>|;;&|\$EPOCH|%\([^)]*\)T/,
    /\b(readlink -f|realpath|sha256sum|md5sum|timeout|setsid|nproc|tac|shuf)\b/,
    /\b(sed -i|date -d|date --|stat -c|stat --|grep -[a-zA-Z]*P|xargs -r|cp -[a-zA-Z]*[aT]|mktemp --|sort -V|head -n -|find [^|]*-printf)/,
  ];

  test.each(scripts)("%s keeps to bash 3.2 and to what BSD's tools know", (script) => {
    const lines = readFileSync(join(ROOT, script), "utf8")
      .split("\n")
      .filter((line) => !/^\s*#/.test(line));
    expect(lines.filter((line) => unknown.some((pattern) => pattern.test(line)))).toEqual([]);
  });
});
