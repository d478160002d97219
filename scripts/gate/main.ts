/** Runs the gate's steps and closes with times and `N passed, N failed`. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ROOT, TERRAFORM_CACHE } from "../../lab/tools/project";
import { ensureTerraform } from "../../lab/tools/terraform";
import { type Counts, READERS, sum } from "./counts";
import { BATS_TIMES_FILE, GATE_CACHE, TIMES_FILE } from "./files";
import { parseWish, type Wish } from "./options";
import { Output, runAll } from "./schedule";
import type { Step } from "./steps";
import { merged, type Seconds, secondsOfJest, slowest, type Times } from "./times";

const scratch = mkdtempSync(join(tmpdir(), "docker-cache-gate-"));
const began = Date.now();
/** How long the output of a step that has ended is waited for. */
const LEFT_BEHIND_SECONDS = 10;
const secondsSince = (start: number) => (Date.now() - start) / 1000;

/** Puts Terraform on the PATH of every step: the machine's own, or else one fetched as the quick start does it. */
async function bringTerraform(): Promise<void> {
  try {
    const terraform = await ensureTerraform(TERRAFORM_CACHE);
    process.env.PATH = [process.env.PATH, dirname(terraform)].join(delimiter);
  } catch (error) {
    // Not every step needs it; those that do will fail and say so.
    process.stderr.write(`no Terraform: ${(error as Error).message}\n`);
  }
}

interface Result {
  readonly name: string;
  readonly counts: Counts;
  /** Failed tests, by name and with the beginning of why. */
  readonly failures: readonly string[];
  /** Of each test file. */
  readonly files: Seconds;
  readonly seconds: number;
  readonly skipped?: string;
}

/** Runs a program with no input; what it prints goes to `print` as it comes, and its standard output is returned. */
function execute(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  print: (text: string) => void,
): Promise<{ ok: boolean; stdout: string }> {
  const [file = "", ...argv] = command;
  return new Promise((done) => {
    const child = spawn(file, argv, { env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      print(text);
    });
    child.stderr.setEncoding("utf8").on("data", print);
    child.once("error", (error) => {
      print(`${command.join(" ")}: ${error.message}\n`);
      done({ ok: false, stdout });
    });
    child.once("close", (status) => done({ ok: status === 0, stdout }));
    child.once("exit", (status) => {
      const left = () => {
        print(`${file} has ended, but something that it started still holds its output\n`);
        done({ ok: status === 0, stdout });
      };
      setTimeout(left, LEFT_BEHIND_SECONDS * 1000).unref();
    });
  });
}

/** Runs one step and shows it. One that cannot even be tried, or counted, is a failure that says why; so is one that comes after a failure. */
async function attempt(step: Step, wish: Wish, output: Output, failed: ReadonlySet<string>): Promise<Result> {
  const started = Date.now();
  const { print, end } = output.begin();
  const failure = (why: string): Result => {
    print(`${why}\n`);
    const counts = { passed: 0, failed: 1, skipped: 0 };
    return { name: step.name, counts, failures: [why], files: {}, seconds: secondsSince(started) };
  };
  try {
    const broken = step.after?.filter((name) => failed.has(name)) ?? [];
    if (broken.length > 0) return failure(`${step.name} is not run: it needs ${broken.join(", ")}, which failed`);
    return await runStep(step, wish, print);
  } catch (error) {
    return failure(`${step.name}: ${(error as Error).message}`);
  } finally {
    end();
  }
}

/** Runs one step, unless this machine cannot, and counts its tests. A step that dies before it counts is one failure. */
async function runStep(step: Step, { level, jestOptions }: Wish, print: (text: string) => void): Promise<Result> {
  const { name } = step;
  const started = Date.now();
  const skipped = step.skip?.();
  print(`\n== ${name}: ${step.holds}${skipped ? ` (skipped: ${skipped})` : ""}\n`);
  if (skipped) {
    return { name, counts: { passed: 0, failed: 0, skipped: 1 }, failures: [], files: {}, seconds: 0, skipped };
  }
  const report = join(scratch, `${name}.json`);
  const options = step.counts === "jest" ? ["--json", "--outputFile", report, ...jestOptions] : [];
  const env = { ...process.env, ...step.env?.(level) };
  const { ok, stdout } = await execute([...step.command(level), ...options], env, print);
  const seconds = secondsSince(started);
  if (step.counts === "one") {
    return { name, counts: { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, failures: [], files: {}, seconds };
  }
  const said = step.counts === "jest" ? read(report) : stdout;
  const reader = READERS[step.counts];
  const counted = reader.count(said) ?? { passed: 0, failed: 0, skipped: 0 };
  return {
    name,
    counts: ok || counted.failed > 0 ? counted : { ...counted, failed: 1 },
    failures: reader.failures(said, ROOT),
    files: step.counts === "jest" ? secondsOfJest(said, ROOT) : JSON.parse(read(BATS_TIMES_FILE) || "{}"),
    seconds,
  };
}

/** Returns a file's text. Empty if there is no file. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Returns the seconds that processors worked for what this process has waited for, or undefined if the kernel does not tell. */
function processorSeconds(): number | undefined {
  // Behind the name in parentheses: field 16 and 17, of a hundredth of a second each (proc_pid_stat(5)).
  const fields = read("/proc/self/stat").split(") ")[1]?.split(" ");
  return fields ? (Number(fields[13]) + Number(fields[14])) / 100 : undefined;
}

/** Prints the failures once more, so that they are found; the slowest files; a line for each step and one for all. */
function tell(results: readonly Result[], { steps, level }: Wish): Counts {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  for (const { name, failures } of results) for (const failure of failures) print(`\nFAILED in ${name}: ${failure}`);
  const files = slowest(Object.assign({}, ...results.map((result) => result.files)));
  if (files.length > 0) print(`\nThe slowest files:\n${files.join("\n")}`);
  print("");
  for (const { name, counts, seconds, skipped } of results) {
    const verdict = skipped ? `skipped: ${skipped}` : counts.failed > 0 ? "FAILED" : "ok";
    print(
      `${name.padEnd(10)} ${String(counts.passed).padStart(6)} passed ${seconds.toFixed(0).padStart(5)} s  ${verdict}`,
    );
  }
  const worked = processorSeconds();
  const machine = `${availableParallelism()} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
  print(
    `${steps.length} steps of level ${level} in ${secondsSince(began).toFixed(0)} s${worked ? `, ${worked.toFixed(0)} s of processor time` : ""} (${machine})`,
  );
  const total = sum(results.map((result) => result.counts));
  const skipped = total.skipped ? `, ${total.skipped} skipped` : "";
  print(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total;
}

/** Leaves the record for the next run, but not of a run that jest was told to cut down: its times are of parts. */
function record(results: readonly Result[], { jestOptions }: Wish): void {
  if (jestOptions.length > 0) return;
  const known: Times = JSON.parse(read(TIMES_FILE) || '{"steps":{},"files":{}}');
  const found: Times = {
    steps: Object.fromEntries(results.filter((one) => !one.skipped).map(({ name, seconds }) => [name, seconds])),
    files: Object.assign({}, ...results.map(({ files }) => files)),
  };
  mkdirSync(GATE_CACHE, { recursive: true });
  const times = merged(known, found, existsSync);
  writeFileSync(`${TIMES_FILE}.new`, `${JSON.stringify(times, null, 2)}\n`);
  renameSync(`${TIMES_FILE}.new`, TIMES_FILE);
}

async function main(): Promise<void> {
  const wish = parseWish(process.argv.slice(2));
  if ("wrong" in wish) {
    process.stderr.write(`${wish.wrong}\n`);
    process.exit(2);
  }
  await bringTerraform();
  const output = new Output((text) => process.stdout.write(text));
  const byName = new Map(wish.steps.map((step) => [step.name, step]));
  const failed = new Set<string>();
  const results = await runAll(wish.steps, async (name) => {
    const result = await attempt(byName.get(name) as Step, wish, output, failed);
    if (result.counts.failed > 0) failed.add(name);
    return result;
  });
  rmSync(scratch, { recursive: true });
  process.exitCode = tell(results, wish).failed > 0 ? 1 : 0;
  record(results, wish);
}

void main();
