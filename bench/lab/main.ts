/**
 * Goals P1 to P4, measured in the lab (root; `lab/setup` first): `npm run bench:lab [-- workers|builds] [-- --repetitions=N]`. Writes
 * bench/results/lab.json; `npm run generate` then draws the picture and the tables. Let nothing else run meanwhile.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { measureBuilds } from "./measure-builds";
import { measureWorkers } from "./measure-workers";
import { type Circumstances, goalsOf, isMet, RESULTS_FILE, type Results } from "./results";
import { startWorld, stopWorld } from "./world";

const PARTS = ["workers", "builds"] as const;

/** Processes that wanted a core in the last minute. */
const loadNow = () => loadavg()[0] ?? 0;

function circumstances(repetitions: number, docker: string, load: number): Circumstances {
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release().replace(/[^0-9.].*/, ""),
    docker,
    repetitions,
    load: Math.round(load * 10) / 10,
  };
}

function readFormer(): Partial<Results> {
  return existsSync(RESULTS_FILE) ? (JSON.parse(readFileSync(RESULTS_FILE, "utf8")) as Partial<Results>) : {};
}

function write(part: Partial<Results>): void {
  mkdirSync(dirname(RESULTS_FILE), { recursive: true });
  writeFileSync(RESULTS_FILE, `${JSON.stringify({ ...readFormer(), ...part }, null, 2)}\n`);
}

async function main(): Promise<void> {
  const options = { repetitions: { type: "string", default: "5" } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const parts = positionals.length > 0 ? positionals : PARTS;
  const repetitions = Number(values.repetitions);
  const load = loadNow();
  if (load > 0.5) console.error(`bench:lab: the machine is not idle (load ${load}): the figures will say little`);
  const say = (line: string) => console.error(`bench:lab: ${line}`);
  const world = await startWorld();
  try {
    if (parts.includes("builds")) {
      const { docker, ...builds } = await measureBuilds(world, repetitions, say);
      write({ builds: { ...circumstances(repetitions, docker, load), ...builds } });
    }
    if (parts.includes("workers")) {
      const { docker, ...workers } = await measureWorkers(world, repetitions, say);
      write({ workers: { ...circumstances(repetitions, docker, load), ...workers } });
    }
  } finally {
    await stopWorld(world);
  }
  const { workers, builds } = readFormer();
  if (!workers) return;
  for (const goal of goalsOf({ workers, builds })) {
    const verdict = isMet(goal) ? "met" : "MISSED";
    const bound = `${goal.atLeast ? "at least" : "at most"} ${goal.goal}`;
    console.log(`${goal.id} ${goal.what}: ${goal.measured.toFixed(2)} ${goal.unit} (${bound}): ${verdict}`);
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
