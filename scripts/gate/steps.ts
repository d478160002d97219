/** The steps of the gate, in order: cheap ones first. `scripts/test STEP` runs one by its name. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { totalmem } from "node:os";

export interface Step {
  readonly name: string;
  /** What it holds, printed beside the name. */
  readonly holds: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How tests are counted: from jest's JSON, from TAP lines, or the step as one. */
  readonly counts: "jest" | "tap" | "one";
  /** Not part of `scripts/test fast`. */
  readonly slow?: true;
  /** Why the step cannot run on this machine; undefined: it can. */
  readonly skip?: () => string | undefined;
}

const bin = (name: string) => `node_modules/.bin/${name}`;

/** The lab boots machines: root on Linux. */
function needsRootOnLinux(): string | undefined {
  if (process.platform !== "linux") return "the lab boots Linux machines: run it on Linux";
  return process.getuid?.() === 0 ? undefined : "the lab mounts and boots machines: run as root";
}

/** The packages that it compares with are installed from npm, once. */
function packagesOfCompat(): string | undefined {
  const installed = readdirSync("scripts/compat", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .every(({ name }) => existsSync(`.cache/compat/${name}/node_modules/.installed`));
  if (installed || spawnSync("npm", ["view", "cdktn@0.24.0", "version"], { stdio: "ignore" }).status === 0)
    return undefined;
  return "cdktn and the newer bindings cannot be had: npm does not answer";
}

/**
 * Much of what these tests do is waiting, for the provider looks every few seconds whether what it made is there: a third worker uses that time. Each takes up to
 * 4 GiB, for Terraform and the provider with all its schema, several at once.
 */
function terraformWorkers(): string {
  return totalmem() > 14 * 2 ** 30 ? "3" : "2";
}

export const STEPS: readonly Step[] = [
  { name: "types", holds: "the type check", command: [bin("tsc"), "--noEmit"], counts: "one" },
  { name: "format", holds: "format and lint", command: [bin("biome"), "ci", "."], counts: "one" },
  {
    name: "imports",
    holds: "the import rules",
    command: ["npm", "run", "--silent", "imports"],
    counts: "one",
  },
  {
    name: "generated",
    holds: "generated files are fresh",
    command: [bin("tsx"), "scripts/generate.ts", "--check"],
    counts: "one",
  },
  { name: "shell", holds: "shellcheck", command: ["scripts/gate/shellcheck"], counts: "one" },
  {
    name: "unit",
    holds: "unit and property tests, coverage",
    // Jest leaves one processor to itself, which of two is half.
    command: [bin("jest"), "--coverage", "--maxWorkers", "100%"],
    counts: "jest",
  },
  {
    name: "bats",
    holds: "the user data's functions",
    command: ["node_modules/bats/bin/bats", "--recursive", "--tap", "__tests__"],
    counts: "tap",
  },
  {
    name: "prepare",
    holds: "the emulated AWS and Terraform can be had",
    command: [bin("tsx"), "scripts/gate/prepare.ts"],
    counts: "one",
    slow: true,
  },
  {
    name: "terraform",
    holds: "real Terraform against the emulated AWS",
    command: [bin("jest"), "--testMatch", "<rootDir>/__tests__/**/*.slow.test.ts", "--maxWorkers", terraformWorkers()],
    // Terraform and its providers are Go programs that live for seconds: collecting their garbage is a seventh of what they do.
    env: { SLOW: "1", GOGC: "400" },
    counts: "jest",
    slow: true,
  },
  {
    name: "policy",
    holds: "checkov over the synthesized stacks",
    command: [bin("tsx"), "scripts/gate/checkov/checkov.ts"],
    counts: "one",
    slow: true,
  },
  {
    name: "compat",
    holds: "the same program with the maintained fork and with newer bindings",
    command: ["npm", "run", "--silent", "compat"],
    counts: "one",
    slow: true,
    skip: packagesOfCompat,
  },
  {
    name: "lab",
    holds: "real boots, real Docker, real block devices",
    command: ["scripts/gate/lab"],
    env: { LAB: "1" },
    counts: "jest",
    slow: true,
    skip: needsRootOnLinux,
  },
];
