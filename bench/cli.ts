/** Goal R19: how long the command line takes to its first output, from the start of the process, beside what Node itself takes. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../lab/tools/project";
import { median } from "./lab/statistics";

const GOAL_MILLISECONDS = 100;
const RUNS = 21;
const NODE_ALONE = "node alone";
const PROGRAM = join(ROOT, "scripts/docker-cache");

/** Milliseconds from the start of a process to the first byte it writes; then it is stopped. */
function firstOutput(argv: readonly string[]): Promise<number> {
  return new Promise((done, failed) => {
    const started = performance.now();
    const child = spawn(process.execPath, argv, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let heard: number | undefined;
    const hear = () => {
      heard ??= performance.now() - started;
      child.kill();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", failed);
    child.on("close", () => (heard === undefined ? failed(new Error(`${argv.join(" ")}: no output`)) : done(heard)));
  });
}

async function main(): Promise<void> {
  const cases: readonly (readonly [what: string, argv: readonly string[]])[] = [
    [NODE_ALONE, ["--eval", "console.log(1)"]],
    ["--help", [PROGRAM, "--help"]],
    ["purge --help", [PROGRAM, "purge", "--help"]],
    ["status", [PROGRAM, "status"]],
    ["a mistake", [PROGRAM, "rolback"]],
  ];
  const times = new Map(cases.map(([what]) => [what, [] as number[]]));
  // In turn, so that the machine's other work falls on all of them alike. The first round only warms the disk's cache.
  for (let run = 0; run <= RUNS; run++)
    for (const [what, argv] of cases) {
      const milliseconds = await firstOutput(argv);
      if (run > 0) times.get(what)?.push(milliseconds);
    }
  console.log(`R19 first output of docker-cache, median of ${RUNS}:`);
  const node = median(times.get(NODE_ALONE) ?? []);
  for (const [what, all] of times) {
    const milliseconds = median(all);
    const share = `${(milliseconds / GOAL_MILLISECONDS).toFixed(2)} of the goal (${GOAL_MILLISECONDS} ms)`;
    console.log(
      `  ${what.padEnd(13)} ${milliseconds.toFixed(0).padStart(4)} ms, ${share}, ${(milliseconds / node).toFixed(2)} of Node alone`,
    );
  }
}

void main();
