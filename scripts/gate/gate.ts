/** Runs the gate's steps one after the other and closes with `N passed, N failed`. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { ensureTerraform } from "../setup/terraform";
import { type Counts, READERS, sum } from "./counts";
import { STEPS, type Step } from "./steps";

/** Tests that left a connection open have ended all the same: the process shall, too. */
const JEST_OPTIONS = ["--forceExit"];
const scratch = mkdtempSync(join(tmpdir(), "docker-cache-gate-"));

/** Puts Terraform on the PATH of every step: the machine's own, or else one fetched as the quick start does it. */
async function bringTerraform(): Promise<void> {
  try {
    const terraform = await ensureTerraform(join(__dirname, "../../.cache/terraform"));
    process.env.PATH = [process.env.PATH, dirname(terraform)].join(delimiter);
  } catch (error) {
    // Not every step needs it; those that do will fail and say so.
    process.stderr.write(`no Terraform: ${(error as Error).message}\n`);
  }
}

interface Outcome {
  readonly counts: Counts;
  /** What failed, by name and with the beginning of why. */
  readonly failures: readonly string[];
}

/** Runs one step with its output shown as it comes, and counts its tests. A step that dies before it counts is one failure. */
function run(step: Step): Outcome {
  const report = join(scratch, `${step.name}.json`);
  const [command = "", ...argv] = step.command;
  const all = step.counts === "jest" ? [...argv, ...JEST_OPTIONS, "--json", "--outputFile", report] : argv;
  const result = spawnSync(command, all, {
    // The SDK warns of a Node version to come, in every process.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true", ...process.env, ...step.env },
    stdio: ["ignore", step.counts === "one" ? "inherit" : "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.error) process.stderr.write(`${step.name}: ${result.error.message}\n`);
  if (step.counts === "tap") process.stdout.write(result.stdout ?? "");
  const ok = result.status === 0;
  const said = step.counts === "jest" ? read(report) : (result.stdout ?? "");
  const reader = step.counts === "one" ? undefined : READERS[step.counts];
  const counted = reader?.count(said);
  if (!reader || !counted) return { counts: { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, failures: [] };
  return {
    counts: ok || counted.failed > 0 ? counted : { ...counted, failed: 1 },
    failures: reader.failures(said, resolve(".")),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function chosen(names: readonly string[]): readonly Step[] {
  if (names.length === 0) return STEPS;
  if (names.length === 1 && names[0] === "fast") return STEPS.filter((step) => !step.slow);
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no step ${unknown.join(", ")}: there are fast, ${STEPS.map((step) => step.name).join(", ")}\n`,
    );
    process.exit(2);
  }
  return STEPS.filter((step) => names.includes(step.name));
}

interface Result extends Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly skipped?: string;
}

/** Runs a step unless this machine cannot. */
function attempt(step: Step): Result {
  const skipped = step.skip?.();
  process.stdout.write(`\n== ${step.name}: ${step.holds}${skipped ? ` (skipped: ${skipped})` : ""}\n`);
  const started = Date.now();
  const outcome = skipped ? { counts: { passed: 0, failed: 0, skipped: 1 }, failures: [] } : run(step);
  return { name: step.name, ...outcome, seconds: (Date.now() - started) / 1000, skipped };
}

/** What failed, once more where it is found; a line for each step and one for all; the exit code. */
function conclude(results: readonly Result[]): number {
  for (const { name, failures } of results)
    for (const failure of failures) process.stdout.write(`\nFAILED in ${name}: ${failure}\n`);
  process.stdout.write("\n");
  for (const { name, counts, seconds, skipped } of results) {
    const verdict = skipped ? `skipped: ${skipped}` : counts.failed > 0 ? "FAILED" : "ok";
    process.stdout.write(
      `${name.padEnd(10)} ${String(counts.passed).padStart(6)} passed ${seconds.toFixed(0).padStart(5)} s  ${verdict}\n`,
    );
  }
  const total = sum(results.map((result) => result.counts));
  process.stdout.write(
    `${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ""}\n`,
  );
  return total.failed > 0 ? 1 : 0;
}

async function main(): Promise<void> {
  const steps = chosen(process.argv.slice(2));
  await bringTerraform();
  const results = steps.map(attempt);
  rmSync(scratch, { recursive: true });
  process.exit(conclude(results));
}

void main();
