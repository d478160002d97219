/** Figures that bench/README.md and README.md quote from bench/results/lab.json. */
import {
  added,
  type BuildResults,
  type Circumstances,
  type Goal,
  goalsOf,
  isMet,
  type Results,
  type WorkerKind,
} from "../../bench/lab/results";
import { replaceSection } from "./section";

/** From the repository's root. */
export const BENCH_PAGE = "bench/README.md";
export const FIRST_PAGE = "README.md";

const s = (seconds: number | undefined) => (seconds === undefined ? "" : seconds.toFixed(2));
const mb = (bytes: number | undefined) => (bytes === undefined ? "" : (bytes / 1e6).toFixed(0));
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** How far off a missed goal is. */
function verdict(goal: Goal): string {
  if (isMet(goal)) return "met";
  const factor = goal.atLeast ? goal.goal / goal.measured : goal.measured / goal.goal;
  return `**missed**, by a factor of ${factor.toFixed(2)}`;
}

const shown = (value: number, unit: string) => `${value.toFixed(unit === "%" ? 1 : 2)} ${unit}`;

function goalTable(results: Results): string {
  return table(
    ["goal", "what", "measured", "wanted", ""],
    goalsOf(results).map((goal) => [
      goal.id,
      goal.what,
      shown(goal.measured, goal.unit),
      `${goal.atLeast ? "at least" : "at most"} ${goal.goal} ${goal.unit}`,
      verdict(goal),
    ]),
  );
}

const LABELS: Partial<Record<WorkerKind, string>> = {
  "cold-1g": "no cache, pulled at 1 Gbit/s",
  cold: "no cache, pulled at the speed of the machine",
  loaded: "volume loaded already",
  "lazy-15-all-first": "15 ms a block, whole device read before the first run",
};

function labelOf(kind: WorkerKind): string {
  const [, latency, hydrate] = /^(?:(?:base|app)-)?(?:lazy-(\d+)-)?(hot|none|loaded)$/.exec(kind) ?? [];
  const own = LABELS[kind];
  if (own !== undefined) return own;
  if (hydrate === "loaded") return LABELS.loaded as string;
  return `${latency} ms a block, ${hydrate === "hot" ? "hot set read first" : "no reading ahead"}`;
}

function workerTable({ workers }: Results): string {
  const kinds = Object.keys(workers.kinds) as WorkerKind[];
  const loadedOf = (kind: WorkerKind) => `${/^(base|app)-/.exec(kind)?.[0] ?? ""}loaded`;
  return table(
    [
      "image",
      "volume",
      "boot to end of first run, s",
      "first run, s",
      "mount to end, s",
      "added by loading, s",
      "loaded by then, MB",
    ],
    kinds.map((kind) => {
      const figures = workers.kinds[kind];
      const extra = figures.sinceMount === undefined ? "" : s(added(workers, kind, loadedOf(kind) as WorkerKind));
      return [
        `\`${figures.image.replace("registry.lab/", "")}\``,
        labelOf(kind),
        s(figures.boot),
        s(figures.run),
        s(figures.sinceMount),
        kind.endsWith("loaded") ? "0" : extra,
        mb(figures.loadedBytes),
      ];
    }),
  );
}

function buildTable(builds: BuildResults): string {
  const steps = Object.keys(builds.full.steps);
  const rows = [
    { name: "first build", figures: builds.full },
    { name: "one small image changed", figures: builds.smallChange },
    { name: "the largest image changed", figures: builds.largeChange },
    { name: "nothing changed", figures: builds.unchanged },
  ];
  return table(
    ["build", "launch to gone, s", ...steps.map((step) => `${step}, s`), "changed, MB", "increment, MB"],
    rows.map(({ name, figures }) => [
      name,
      s(figures.seconds),
      ...steps.map((step) => s(figures.steps[step])),
      "changedBytes" in figures ? mb(figures.changedBytes as number) : "",
      figures.incrementBytes === undefined ? "no snapshot" : mb(figures.incrementBytes),
    ]),
  );
}

/** Above it, other work on the machine has had its part in the figures. */
const IDLE = 0.5;

function where(circumstances: Circumstances): string {
  const { cores, memoryGib, kernel, docker, date, repetitions, load } = circumstances;
  const shared = load > IDLE ? `\n**The machine was busy with other work: load average ${load}.**` : "";
  return `Measured on ${date}, medians of ${repetitions}, with ${cores} cores, ${memoryGib} GiB, Linux ${kernel}, Docker ${docker}.${shared}`;
}

/** bench/README.md with its figures as they were measured. */
export function renderBenchPage(page: string, results: Results): string {
  const { workers, builds } = results;
  const text = [
    "### Goals",
    goalTable(results),
    "### First starts",
    where(workers),
    `The snapshot holds ${mb(workers.cachedBytes)} MB in blocks, its hot set ${mb(workers.kinds["lazy-15-hot"].hotBytes)} MB of them.`,
    workerTable(results),
    ...(builds
      ? [
          `### Builds of ${builds.images} images`,
          where(builds),
          `The same images pulled one by one: ${s(builds.oneByOneSeconds)} s.`,
          buildTable(builds),
        ]
      : ["### Builds", "P4 has not been measured yet: `npm run bench:lab -- builds`."]),
  ];
  return replaceSection(BENCH_PAGE, page, "lab", text.join("\n\n"));
}

/** README.md with the sentence below the picture. */
export function renderFirstPage(page: string, results: Results): string {
  const { kinds } = results.workers;
  const longer = (kind: WorkerKind) => (kinds[kind].boot - kinds.loaded.boot).toFixed(1);
  const text = `![From boot to the end of the first docker run: ${kinds["cold-1g"].boot.toFixed(1)} s with a pull at 1 Gbit/s, ${kinds["lazy-15-hot"].boot.toFixed(1)} s with the hot set of the cache volume read first](bench/results/lab.svg)

Measured in this repository's lab ([all figures](bench/README.md)), with real systemd, Docker and file systems.
The volumes are emulated: the first touch of each block of 512 KiB takes 15 ms.
From boot to the end of the first run, a volume that loads on touch takes ${longer("lazy-15-none")} s longer than a loaded one.
With the hot set read first, it takes ${longer("lazy-15-hot")} s longer.`;
  return replaceSection(FIRST_PAGE, page, "lab", text);
}
