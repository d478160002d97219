/**
 * Goals P1 to P4, P6, P7 and P9, measured in the lab (root; `lab/setup` first): `npm run bench:lab [-- workers|builds|images|layers] [-- --repetitions=N]`. Writes
 * bench/results/lab.json, or the file of `--to`; `npm run generate` then draws the pictures and the tables. Let nothing else run meanwhile.
 * `--only=PATTERN` measures the workers whose kind it matches, such as `gp3|other`: for a look, with a `--to` of its own.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { type Goal, goalsOf, isMet } from "./goals";
import { measureBuilds } from "./measure-builds";
import { measureImages } from "./measure-images";
import { measureLayers } from "./measure-layers";
import { measureWorkers } from "./measure-workers";
import { type Circumstances, RESULTS_FILE, type Results } from "./results";
import { startWorld, stopWorld } from "./world";

const PARTS = ["workers", "builds", "images", "layers"] as const;

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

function readFormer(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : {};
}

function write(file: string, part: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...readFormer(file), ...part }, null, 2)}\n`);
}

/** A line for a person. */
function told(goal: Goal): string {
  const { id, what, measured, low, high, unit } = goal;
  const spread = low === undefined || high === undefined ? "" : `, ${low.toFixed(2)} to ${high.toFixed(2)}`;
  const bound = `${goal.atLeast ? "at least" : "at most"} ${goal.goal}`;
  return `${id} ${what}: ${measured.toFixed(2)} ${unit}${spread} (${bound}): ${isMet(goal) ? "met" : "MISSED"}`;
}

async function main(): Promise<void> {
  const options = {
    repetitions: { type: "string", default: "5" },
    to: { type: "string", default: RESULTS_FILE },
    only: { type: "string", default: "" },
  } as const;
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
      write(values.to, { builds: { ...circumstances(repetitions, docker, load), ...builds } });
    }
    if (parts.includes("images")) {
      const { docker, ...images } = await measureImages(world, repetitions, say);
      write(values.to, { images: { ...circumstances(repetitions, docker, load), ...images } });
    }
    if (parts.includes("layers")) {
      const { docker, ...layers } = await measureLayers(world, repetitions, say);
      write(values.to, { layers: { ...circumstances(repetitions, docker, load), ...layers } });
    }
    if (parts.includes("workers")) {
      const { docker, ...workers } = await measureWorkers(world, { repetitions, only: new RegExp(values.only) }, say);
      write(values.to, { workers: { ...circumstances(repetitions, docker, load), ...workers } });
      for (const failure of workers.failed) console.error(`bench:lab: not measured: ${failure}`);
      if (workers.failed.length > 0) process.exitCode = 1;
    }
  } finally {
    await stopWorld(world);
  }
  for (const goal of goalsOf(readFormer(values.to))) console.log(told(goal));
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
