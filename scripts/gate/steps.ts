/** The steps of the gate, in the order in which they begin. `scripts/test STEP` runs one by its name, with the steps that it comes after. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { CACHE, ROOT } from "../../lab/tools/project";
import { noBinaries } from "../runtimes/node-binary";
import { PROVIDER_FILE } from "./files";

/** From the least to the most: what a commit takes, what every change passes, and everything there is. */
export const LEVELS = ["fast", "gate", "all"] as const;
export type Level = (typeof LEVELS)[number];

export interface Step {
  readonly name: string;
  /** Checks of the step, printed beside the name. */
  readonly holds: string;
  /** The least level that it is part of. */
  readonly from: Level;
  command(level: Level): readonly string[];
  env?(level: Level): Readonly<Record<string, string>>;
  /** How tests are counted: from jest's JSON, from TAP lines, or the step as one. */
  readonly counts: "jest" | "tap" | "one";
  /** Processors that it keeps busy, of two. @default 1 */
  readonly processors?: 1 | 2;
  /** Steps that have to end first. */
  readonly after?: readonly string[];
  /** Returns why the step cannot run on this machine, or undefined if it can. */
  readonly skip?: () => string | undefined;
}

const bin = (name: string) => `node_modules/.bin/${name}`;
const tsx = (...argv: readonly string[]) => [bin("tsx"), ...argv];
const jestOver = (match: string, workers: string) => [
  bin("jest"),
  "--testMatch",
  `<rootDir>/__tests__/**/*.${match}.test.ts`,
  "--maxWorkers",
  workers,
  // Tests that have left a connection open have ended all the same: the process shall, too.
  "--forceExit",
];

/** The lab boots machines: root on Linux. */
function needsRootOnLinux(): string | undefined {
  if (process.platform !== "linux") return "the lab boots Linux machines: run it on Linux";
  return process.getuid?.() === 0 ? undefined : "the lab mounts and boots machines: run as root";
}

/** The packages that it compares with are installed from npm, once. */
function packagesOfCompat(): string | undefined {
  const installed = readdirSync(join(ROOT, "scripts/compat"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .every(({ name }) => existsSync(join(CACHE, "compat", name, "node_modules/.installed")));
  if (installed || spawnSync("npm", ["view", "cdktn@0.24.0", "version"], { stdio: "ignore" }).status === 0)
    return undefined;
  return "cdktn and the newer bindings cannot be had: npm does not answer";
}

/**
 * Most of what these tests do is wait, for the provider looks every few seconds whether what it made is there. Further workers use that time. Each
 * takes up to 3 GiB, for Terraform and several provider processes. The emulated AWS and what else runs take some more.
 */
function terraformWorkers(): string {
  return String(Math.min(5, Math.max(2, Math.floor(totalmem() / 2 ** 30 / 3 - 1))));
}

/** No package that npm has brings the oldest Terraform. */
function needsGo(): string | undefined {
  const { status } = spawnSync("go", ["version"], { stdio: "ignore" });
  return status === 0 ? undefined : "the oldest Terraform is built with Go, which is not here";
}

/** For tests that choose their cases by level: see __tests__/level.ts. */
const chosen = (level: Level): Record<string, string> => ({ ALL: level === "all" ? "1" : "" });

/** With the provider that `prepare` has found. */
const withProvider = (level: Level) => ({
  ...chosen(level),
  ...(existsSync(PROVIDER_FILE) && { DOCKER_CACHE_LAB_PROVIDER: readFileSync(PROVIDER_FILE, "utf8") }),
  // Terraform and its providers are Go programs that live for seconds: collecting their garbage is a seventh of what they do.
  GOGC: "400",
  // A stand-in for the archive provider, on machines that cannot have the real one, writes as that does: into the file that others may be reading.
  ARCHIVE_IN_PLACE: "1",
});

export const STEPS: readonly Step[] = [
  {
    name: "images",
    holds: "the lab's machines can be made",
    from: "gate",
    // The gate boots one generation of Docker, and needs no BuildKit, whose first build takes minutes.
    command: (level) => (level === "all" ? ["lab/setup"] : ["lab/setup", "trixie"]),
    counts: "one",
    skip: needsRootOnLinux,
  },
  { name: "types", holds: "the type check", from: "fast", command: () => [bin("tsc"), "--noEmit"], counts: "one" },
  { name: "format", holds: "format and lint", from: "fast", command: () => [bin("biome"), "ci", "."], counts: "one" },
  {
    name: "imports",
    holds: "the import rules",
    from: "fast",
    command: () => ["npm", "run", "--silent", "imports"],
    counts: "one",
  },
  {
    name: "unused",
    holds: "exports that nothing imports, packages that are not declared",
    from: "fast",
    command: () => ["npm", "run", "--silent", "unused"],
    counts: "one",
  },
  {
    name: "generated",
    holds: "generated files are fresh",
    from: "fast",
    command: () => tsx("scripts/generate/main.ts", "--check"),
    counts: "one",
  },
  {
    name: "shell",
    holds: "shellcheck and shfmt",
    from: "fast",
    command: () => tsx("scripts/gate/shell.ts"),
    counts: "one",
  },
  {
    name: "prose",
    holds: "plain English in pages and help",
    from: "fast",
    command: () => tsx("scripts/prose/main.ts"),
    counts: "one",
  },
  {
    name: "prepare",
    holds: "the emulated AWS and Terraform can be had",
    from: "gate",
    command: () => tsx("scripts/gate/prepare.ts"),
    counts: "one",
  },
  {
    name: "policy",
    holds: "checkov over the synthesized stacks",
    from: "gate",
    command: () => tsx("scripts/gate/checkov/checkov.ts"),
    counts: "one",
  },
  {
    name: "compat",
    holds: "the same program with the maintained fork and with newer bindings",
    from: "gate",
    command: () => ["npm", "run", "--silent", "compat"],
    counts: "one",
    skip: packagesOfCompat,
  },
  {
    name: "bundle",
    holds: "the function's bundle under Node 22 and 24",
    from: "gate",
    command: () => tsx("scripts/runtimes/main.ts", "bundle"),
    counts: "one",
    skip: () => noBinaries(),
  },
  {
    name: "bats",
    holds: "the user data's functions",
    from: "fast",
    command: () => tsx("scripts/gate/bats.ts"),
    counts: "tap",
    processors: 2,
  },
  {
    name: "unit",
    holds: "unit and property tests, coverage",
    from: "fast",
    // Jest leaves one processor to itself, which of two is half.
    command: () => [bin("jest"), "--coverage", "--maxWorkers", "100%", "--forceExit"],
    env: chosen,
    counts: "jest",
    processors: 2,
  },
  {
    name: "terraform",
    holds: "real Terraform against the emulated AWS",
    from: "gate",
    command: () => jestOver("slow", terraformWorkers()),
    env: (level) => ({ SLOW: "1", ...withProvider(level) }),
    counts: "jest",
    processors: 2,
    after: ["prepare"],
  },
  {
    name: "lab",
    holds: "real boots, real Docker, real block devices",
    from: "gate",
    command: () => jestOver("lab", "3"),
    env: (level) => ({ LAB: "1", ...withProvider(level) }),
    counts: "jest",
    processors: 2,
    after: ["images", "prepare"],
    skip: needsRootOnLinux,
  },
  {
    name: "runtimes",
    holds: "unit tests under Node 22 and 24",
    from: "all",
    command: () => tsx("scripts/runtimes/main.ts", "unit"),
    counts: "one",
    processors: 2,
    after: ["bundle"],
    skip: () => noBinaries(),
  },
  {
    name: "oldest",
    holds: "modules and examples under the oldest Terraform",
    from: "all",
    command: () => ["npm", "run", "--silent", "compat:oldest"],
    counts: "one",
    processors: 2,
    after: ["prepare"],
    skip: needsGo,
  },
];
