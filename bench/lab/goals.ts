/** The project's goals for workers and builds, and what was measured of each. */
import { inTurns, sinceMount, waysInTurns } from "./compare";
import {
  BACKENDS,
  type BuildFigures,
  type BuildResults,
  type ImageResults,
  type LayerResults,
  type Results,
  type WorkerKind,
  type WorkerResults,
  type WorkerTurn,
} from "./results";
import type { Spread } from "./statistics";

/** A goal, and what was measured. */
export interface Goal {
  readonly id: string;
  readonly what: string;
  readonly measured: number;
  /** Smallest and largest of the turns, if there were several. */
  readonly low?: number;
  readonly high?: number;
  readonly goal: number;
  readonly unit: "x" | "%" | "s" | "requests";
  /** True if more is better. */
  readonly atLeast?: boolean;
  /** Default: the median decides. */
  readonly decides?: "high";
}

/** The figure that the goal is held against. */
const decisive = ({ measured, high, decides }: Goal) => (decides === "high" ? (high ?? measured) : measured);

export function isMet(goal: Goal): boolean {
  return goal.atLeast ? decisive(goal) >= goal.goal : decisive(goal) <= goal.goal;
}

/** How many times as good it would have to be; 1 or less if the goal is met. */
export function factorMissing(goal: Goal): number {
  return goal.atLeast ? goal.goal / decisive(goal) : decisive(goal) / goal.goal;
}

/** Every goal for which there is a measurement. */
export function goalsOf({ workers, builds, images, layers }: Results): Goal[] {
  return [
    ...(workers ? workerGoals(workers) : []),
    ...(builds ? buildGoals(builds) : []),
    ...(layers ? layerGoals(layers) : []),
    ...(images ? imageGoals(images) : []),
  ];
}

type Wanted = Omit<Goal, "measured" | "low" | "high">;

/** None without a measurement. */
function measured(wanted: Wanted, figure: Spread | number | undefined): Goal[] {
  if (figure === undefined || Number.isNaN(figure)) return [];
  if (typeof figure === "number") return [{ ...wanted, measured: figure }];
  return [{ ...wanted, measured: figure.median, low: figure.low, high: figure.high }];
}

function workerGoals(workers: WorkerResults): Goal[] {
  return [...firstRunGoals(workers), ...loadingGoals(workers), ...bootGoals(workers), ...otherCommandGoals(workers)];
}

/** Time of the first kind by that of the second, turn by turn. */
function ratio(
  workers: WorkerResults,
  kinds: readonly [WorkerKind, WorkerKind],
  figure: (worker: WorkerTurn) => number,
) {
  return inTurns(workers, kinds, (one, other) => figure(one) / figure(other));
}

function firstRunGoals(workers: WorkerResults): Goal[] {
  const run = ({ run }: WorkerTurn) => run;
  const times = { id: "P1", unit: "x", atLeast: true } as const;
  return [
    ...measured(
      { ...times, goal: 20, what: "first `docker run`, pulled at 1 Gbit/s against warm on a loaded volume" },
      ratio(workers, ["cold-1g/traced", "loaded/traced"], run),
    ),
    ...measured(
      { ...times, goal: 20, what: "the same against gp3 as published, read ahead by default settings" },
      ratio(workers, ["cold-1g/traced", "gp3-all/traced"], run),
    ),
    ...measured(
      {
        ...times,
        goal: 7,
        what: "boot to the end of the first run, pulled at 1 Gbit/s against 15 ms, hot set read ahead",
      },
      ratio(workers, ["cold-1g/traced", "15ms-hot/traced"], ({ boot }) => boot),
    ),
  ];
}

function loadingGoals(workers: WorkerResults): Goal[] {
  const share = { id: "P2", unit: "%" } as const;
  return [
    ...measured(
      {
        ...share,
        goal: 20,
        what: "what loading (15 ms) adds from mount to the end of the first run: with the hot set read ahead, as a share of without; the worst turn decides",
        decides: "high",
      },
      inTurns(workers, ["loaded/traced", "15ms-hot/traced", "15ms-none/traced"], (loaded, hot, none) => {
        const base = sinceMount(loaded);
        return (100 * (sinceMount(hot) - base)) / (sinceMount(none) - base);
      }),
    ),
    ...measured(
      { ...share, goal: 10, what: "what the hot set is of the cached bytes" },
      inTurns(workers, ["15ms-hot/traced"], ({ hotBytes }) => (100 * (hotBytes ?? Number.NaN)) / workers.cachedBytes),
    ),
  ];
}

function bootGoals(workers: WorkerResults): Goal[] {
  const later = (kind: WorkerKind) =>
    inTurns(workers, ["cold-1g/traced", kind], (without, cache) => cache.script - without.script);
  const what = "boot to the consumer's script, with the cache minus without";
  return [
    ...measured({ id: "P3", unit: "s", goal: 0.3, what: `${what}: loaded volume` }, later("loaded/traced")),
    ...measured(
      { id: "P3", unit: "s", goal: 0.8, what: `${what}: 15 ms, hot set read ahead` },
      later("15ms-hot/traced"),
    ),
  ];
}

function otherCommandGoals(workers: WorkerResults): Goal[] {
  const share = { id: "P9", unit: "%", goal: 50 } as const;
  const ofNothing = (kind: WorkerKind) =>
    inTurns(workers, [kind, "gp3-none/other"], (ahead, none) => (100 * sinceMount(ahead)) / sinceMount(none));
  return [
    ...measured(
      {
        ...share,
        what: "another command, gp3 as published, mount to the end of its run: hot set read ahead, as a share of nothing read ahead",
      },
      ofNothing("gp3-hot/other"),
    ),
    ...measured({ ...share, what: "the same, read ahead by default settings" }, ofNothing("gp3-all/other")),
    ...measured(
      {
        id: "P9",
        unit: "x",
        atLeast: true,
        goal: 1,
        what: "a job that reads every file, boot to its end: pulled at 1 Gbit/s against gp3 as published by default settings",
      },
      ratio(workers, ["cold-1g/all", "gp3-all/all"], ({ boot }) => boot),
    ),
  ];
}

const PULLING = "pulling";

/** What a build takes beyond pulling and, if it is to be left out, beyond boot and shutdown; not a number if one of these was not measured. */
function beyondPulling(
  { seconds, steps, bootSeconds, shutdownSeconds }: BuildFigures,
  machine: "counts" | "left out",
): number {
  const other = machine === "counts" ? 0 : (bootSeconds ?? Number.NaN) + (shutdownSeconds ?? Number.NaN);
  return seconds - (steps[PULLING] ?? 0) - other;
}

function buildGoals({ full, smallChange, largeChange, unchanged, fileBytes }: BuildResults): Goal[] {
  const seconds = { id: "P4", unit: "s" } as const;
  const times = { id: "P4", unit: "x" } as const;
  return [
    ...measured(
      { ...seconds, goal: 12, what: "a first build, launch to gone, beyond its pulls" },
      beyondPulling(full, "counts"),
    ),
    ...measured(
      { ...seconds, goal: 10, what: "a build with one small image changed, beyond its pull, boot and shutdown" },
      beyondPulling(smallChange, "left out"),
    ),
    ...measured({ ...seconds, goal: 3, what: "a build of an unchanged set" }, unchanged.seconds),
    ...measured(
      { ...times, goal: 1.1, what: "bytes of the increment for each byte changed, the largest image replaced" },
      (largeChange.incrementBytes ?? Number.NaN) / largeChange.changedBytes,
    ),
    ...measured(
      { ...times, goal: 1.1, what: "bytes of the first snapshot for each byte of files" },
      (full.incrementBytes ?? Number.NaN) / (fileBytes ?? Number.NaN),
    ),
  ];
}

function imageGoals(images: ImageResults): Goal[] {
  const on = (figure: "seconds" | "requests") => waysInTurns(images, ["disk"], (disk) => disk[figure]);
  return [
    ...measured(
      {
        id: "P7",
        unit: "%",
        goal: 10,
        what: "a job's image of dependencies pulled from ECR at 1 Gbit/s, as a share of built and pushed; its base is on disk",
      },
      waysInTurns(images, ["registry", "miss"], (hit, miss) => (100 * hit.seconds) / miss.seconds),
    ),
    ...measured({ id: "P7", unit: "s", goal: 1, what: "the same on disk already" }, on("seconds")),
    ...measured(
      { id: "P7", unit: "requests", goal: 0, what: "what that asks of AWS; the worst turn decides", decides: "high" },
      on("requests"),
    ),
  ];
}

const BACKEND_NAMES = { s3: "S3", ecr: "ECR" } as const;

function layerGoals(layers: LayerResults): Goal[] {
  return BACKENDS.flatMap((backend) => {
    const ofFirst = (way: "second" | "late") =>
      waysInTurns(
        layers,
        [`${backend}-${way}`, `${backend}-first`],
        (one, first) => (100 * one.seconds) / first.seconds,
      );
    const share = { id: "P6", unit: "%" } as const;
    const what = `a build on a fresh machine with its layers in ${BACKEND_NAMES[backend]}, as a share of the first`;
    return [
      ...measured({ ...share, goal: 20, what: `${what}: the same content` }, ofFirst("second")),
      ...measured({ ...share, goal: 50, what: `${what}: one late file changed` }, ofFirst("late")),
    ];
  });
}
