/** The shape of bench/results/lab.json, and the goals read from it. Times are medians in seconds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const RESULTS_FILE = "bench/results/lab.json";

/** Machine and time of a measurement. */
export interface Circumstances {
  readonly date: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly docker: string;
  readonly repetitions: number;
  /** Load average of the machine before anything was started: what else was at work. */
  readonly load: number;
}

/** One kind of worker. */
export interface WorkerFigures {
  readonly image: string;
  /** From the start of the machine to the end of its first `docker run`. */
  readonly boot: number;
  /** That `docker run` alone. */
  readonly run: number;
  /** From the mount of the cache volume to the end of the run. */
  readonly sinceMount?: number;
  /** From the start of the user data to the start of Docker's own. */
  readonly beforeDocker?: number;
  /** Bytes in the hot set, and bytes that came from the snapshot until the end of the run. */
  readonly hotBytes?: number;
  readonly loadedBytes?: number;
}

export interface WorkerResults extends Circumstances {
  /** Bytes of the snapshot. */
  readonly cachedBytes: number;
  readonly kinds: Readonly<Record<WorkerKind, WorkerFigures>>;
}

export interface BuildFigures {
  /** From the launch until the instance is gone. */
  readonly seconds: number;
  readonly steps: Readonly<Record<string, number>>;
  /** Of the snapshot; none if there is no snapshot. */
  readonly incrementBytes?: number;
}

export interface BuildResults extends Circumstances {
  readonly images: number;
  /** The same images, one `docker pull` after the other. */
  readonly oneByOneSeconds: number;
  readonly full: BuildFigures;
  readonly unchanged: BuildFigures;
  /** One small image replaced, and the largest. */
  readonly smallChange: BuildFigures & { readonly changedBytes: number };
  readonly largeChange: BuildFigures & { readonly changedBytes: number };
}

export interface Results {
  readonly workers: WorkerResults;
  /** Missing if they have not been measured yet. */
  readonly builds?: BuildResults;
}

const LATENCIES = [5, 15, 30] as const;
/** Milliseconds that the first touch of a block takes. */
export type Latency = (typeof LATENCIES)[number];
export { LATENCIES };

/** `lazy-15-hot`: 15 ms a block, with our hydration. Without an image's name: the language image of 1 GB. */
export type WorkerKind =
  | "cold-1g"
  | "cold"
  | "loaded"
  | `lazy-${Latency}-${"hot" | "none"}`
  | "lazy-15-all-first"
  | `${"base" | "app"}-${"loaded" | "lazy-15-hot" | "lazy-15-none"}`;

export function readResults(root = process.cwd()): Results {
  return JSON.parse(readFileSync(join(root, RESULTS_FILE), "utf8")) as Results;
}

/** A goal of the project, and what was measured. */
export interface Goal {
  readonly id: string;
  readonly what: string;
  readonly measured: number;
  readonly goal: number;
  readonly unit: "x" | "%" | "s";
  /** True if more is better. */
  readonly atLeast: boolean;
}

export const isMet = ({ measured, goal, atLeast }: Goal) => (atLeast ? measured >= goal : measured <= goal);

/** Time that lazy loading adds between the mount and the end of the first run. */
export function added(workers: WorkerResults, kind: WorkerKind, loaded: WorkerKind = "loaded"): number {
  return (workers.kinds[kind].sinceMount ?? 0) - (workers.kinds[loaded].sinceMount ?? 0);
}

/** Every goal for which there is a measurement. */
export function goalsOf({ workers, builds }: Results): Goal[] {
  return [...workerGoals(workers), ...(builds ? buildGoals(builds) : [])];
}

function workerGoals(workers: WorkerResults): Goal[] {
  const { kinds, cachedBytes } = workers;
  return [
    {
      id: "P1",
      what: "first `docker run`, cold at 1 Gbit/s against warm on a loaded volume",
      measured: kinds["cold-1g"].run / kinds.loaded.run,
      goal: 20,
      unit: "x",
      atLeast: true,
    },
    {
      id: "P2",
      what: "what lazy loading (15 ms) adds from mount to the end of the first run: with hydration, as a share of without",
      measured: (100 * added(workers, "lazy-15-hot")) / added(workers, "lazy-15-none"),
      goal: 20,
      unit: "%",
      atLeast: false,
    },
    {
      id: "P2",
      what: "what hydration reads before that run, as a share of the cached bytes",
      measured: (100 * (kinds["lazy-15-hot"].hotBytes ?? 0)) / cachedBytes,
      goal: 10,
      unit: "%",
      atLeast: false,
    },
    {
      id: "P3",
      what: "user data before Docker's own start",
      measured: kinds["lazy-15-hot"].beforeDocker ?? 0,
      goal: 0.5,
      unit: "s",
      atLeast: false,
    },
  ];
}

function buildGoals(builds: BuildResults): Goal[] {
  const share = (figures: BuildFigures) => (100 * figures.seconds) / builds.full.seconds;
  return [
    {
      id: "P4",
      what: "pulling one by one against a whole first build",
      measured: builds.oneByOneSeconds / builds.full.seconds,
      goal: 1.5,
      unit: "x",
      atLeast: true,
    },
    {
      id: "P4",
      what: "a build with one small image changed, as a share of a full one",
      measured: share(builds.smallChange),
      goal: 20,
      unit: "%",
      atLeast: false,
    },
    {
      id: "P4",
      what: "a build of an unchanged set, as a share of a full one",
      measured: share(builds.unchanged),
      goal: 5,
      unit: "%",
      atLeast: false,
    },
    {
      id: "P4",
      what: "bytes of the increment for each byte changed, the largest image replaced",
      measured: (builds.largeChange.incrementBytes ?? 0) / builds.largeChange.changedBytes,
      goal: 1.2,
      unit: "x",
      atLeast: false,
    },
  ];
}
