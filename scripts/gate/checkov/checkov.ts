/**
 * checkov over the synthesized stacks, with and without a customer key. Every failure must stand in exceptions.ts, and every exception must
 * still fail somewhere: a list that only grows would hide what it once explained.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CACHE, ROOT } from "../../../lab/tools/project";
import { ensurePythonEnvironment } from "../../../lab/tools/python-environment";
import { companionsOf } from "../../../stacks/faces/noun";
import { NOUNS } from "../../../stacks/nouns";
import { type Allowance, bounds, byOwner, complaints, type Failure } from "./complaints";
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

function synthesize(config: string, out: string): void {
  execFileSync(join(ROOT, "node_modules/.bin/tsx"), ["main.ts"], {
    cwd: ROOT,
    env: { ...process.env, DOCKER_CACHE_CONFIG: config, CDKTF_OUTDIR: out },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Drops the `terraform` block, versions and backend, which checkov's JSON reader cannot take: it would skip the whole file, silently. */
function withoutTerraformBlock(folder: string): void {
  for (const stack of readdirSync(join(folder, "stacks"))) {
    const file = join(folder, "stacks", stack, "cdk.tf.json");
    const { terraform: _dropped, ...rest } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify(rest));
  }
}

function failures(python: string, folder: string): Failure[] {
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
  const report = JSON.parse(stdout) as { results?: { failed_checks: Failure[] }; summary?: { passed: number } };
  if (!report.summary || report.summary.passed < 50)
    throw new Error("checkov looked at next to nothing: was anything synthesized?");
  return report.results?.failed_checks ?? [];
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
    for (const [label, config, withKey] of [
      ["with a customer key", join(ROOT, "__tests__/fixtures/customer-key.yaml"), true],
      ["without", join(ROOT, "docker-cache.yaml"), false],
    ] as const) {
      const out = join(scratch, withKey ? "key" : "plain");
      synthesize(config, out);
      withoutTerraformBlock(out);
      const found = failures(python, out);
      const { caches, companions } = byOwner(
        found,
        companionsOf(NOUNS).map(({ noun }) => noun),
      );
      const lines = [...complaints(caches, withKey, CACHES), ...complaints(companions, withKey, COMPANIONS)];
      const ids = [...new Set(found.map((failure) => failure.check_id))].sort();
      console.log(`${label}: ${found.length} failures of ${ids.length} checks (${ids.join(" ")})`);
      for (const line of lines) console.log(`  ${line}`);
      wrong += lines.length;
    }
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
