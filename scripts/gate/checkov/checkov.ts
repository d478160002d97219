/**
 * checkov over the synthesized stacks of every noun, with and without a customer key. Every failure must stand in exceptions.ts, and every
 * exception must still fail somewhere: a list that only grows would hide what it once explained.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { CACHE, ROOT } from "../../../lab/tools/project";
import { ensurePythonEnvironment } from "../../../lab/tools/python-environment";
import { companionsOf } from "../../../stacks/faces/noun";
import { NOUNS } from "../../../stacks/nouns";
import { withExamples } from "../with-examples";
import { type Allowance, bounds, byOwner, complaints, type Failure, unscanned } from "./complaints";
import { COMPANION_EXCEPTIONS, EXCEPTIONS } from "./exceptions";

/** Goal R16: at most this many exceptions with a customer key. */
const MOST_EXCEPTIONS = 8;
/** The companions' together have at most this many more. */
const MOST_COMPANION_EXCEPTIONS = 12;

const FILE = "scripts/gate/checkov/exceptions.ts";
const CACHES: Allowance = { whose: "the caches' stacks", exceptions: EXCEPTIONS, most: MOST_EXCEPTIONS, file: FILE };
const COMPANIONS: Allowance = {
  whose: "the companions' stacks",
  exceptions: COMPANION_EXCEPTIONS,
  most: MOST_COMPANION_EXCEPTIONS,
  file: FILE,
};

/** A configuration whose stacks are scanned. */
interface Scanned {
  readonly label: string;
  readonly config: string;
  readonly withKey: boolean;
}

const SCANNED: readonly Scanned[] = [
  { label: "with a customer key", config: "__tests__/fixtures/customer-key.yaml", withKey: true },
  { label: "without", config: "docker-cache.yaml", withKey: false },
];

/** Gives each region somebody to tell, which a budget has to have. */
function withAddresses(text: string): string {
  const config = parse(text) as { regions: Record<string, { notifications?: object }> };
  for (const region of Object.values(config.regions)) region.notifications ??= { email: "ops@example.com" };
  return stringify(config);
}

/** Synthesizes the configuration, with a section of each companion, below the folder. Returns the folder of the stacks. */
function synthesize(config: string, folder: string): string {
  const complete = join(folder, "everything.yaml");
  const out = join(folder, "out");
  writeFileSync(complete, withExamples(withAddresses(readFileSync(join(ROOT, config), "utf8")), companionsOf(NOUNS)));
  execFileSync(join(ROOT, "node_modules/.bin/tsx"), ["main.ts"], {
    cwd: ROOT,
    env: { ...process.env, DOCKER_CACHE_CONFIG: complete, CDKTF_OUTDIR: out },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return out;
}

/** Drops the `terraform` block, versions and backend, which checkov's JSON reader cannot take: it would skip the whole file, silently. */
function withoutTerraformBlock(folder: string): void {
  for (const stack of readdirSync(join(folder, "stacks"))) {
    const file = join(folder, "stacks", stack, "cdk.tf.json");
    const { terraform: _dropped, ...rest } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify(rest));
  }
}

/** Checks of a run, as checkov reports them. */
interface Checks {
  readonly passed_checks: readonly Failure[];
  readonly failed_checks: readonly Failure[];
}

function scan(python: string, folder: string): Checks {
  const argv = [
    // Not bin/checkov: its first line names the folder that the environment was built in.
    "-m",
    "checkov.main",
    "--directory",
    folder,
    "--framework",
    "terraform_json",
    "--skip-download",
    "--compact",
    "--output",
    "json",
  ];
  const { stdout, stderr } = spawnSync(python, argv, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (stdout.trim() === "") throw new Error(`checkov printed nothing: ${stderr}`);
  const { results } = JSON.parse(stdout) as { results?: Checks };
  if (results === undefined || results.passed_checks.length < 50)
    throw new Error("checkov looked at next to nothing: was anything synthesized?");
  return results;
}

/** Scans one configuration and prints what is wrong. Returns the number of problems. */
function judge(python: string, scratch: string, { label, config, withKey }: Scanned): number {
  const folder = mkdtempSync(join(scratch, "scan-"));
  const out = synthesize(config, folder);
  withoutTerraformBlock(out);
  const { passed_checks, failed_checks: found } = scan(python, out);
  const files = [...passed_checks, ...found].map(({ file_path }) => file_path);
  const { caches, companions } = byOwner(
    found,
    companionsOf(NOUNS).map(({ noun }) => noun),
  );
  const lines = [
    ...unscanned(
      files,
      NOUNS.map(({ name }) => name),
    ),
    ...complaints(caches, withKey, CACHES),
    ...complaints(companions, withKey, COMPANIONS),
  ];
  const ids = [...new Set(found.map((failure) => failure.check_id))].sort();
  console.log(`${label}: ${found.length} failures of ${ids.length} checks (${ids.join(" ")})`);
  for (const line of lines) console.log(`  ${line}`);
  return lines.length;
}

async function main(): Promise<number> {
  const environment = await ensurePythonEnvironment(
    join(__dirname, "requirements.txt"),
    join(CACHE, "checkov"),
    console.error,
  );
  const python = join(environment, "bin/python");
  const scratch = mkdtempSync(join(tmpdir(), "docker-cache-checkov-"));
  let wrong = 0;
  try {
    for (const scanned of SCANNED) wrong += judge(python, scratch, scanned);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const wide = [CACHES, COMPANIONS].flatMap(bounds);
  for (const line of wide) console.log(line);
  return wrong + wide.length > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
