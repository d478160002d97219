/** Figures that bench/README.md quotes from bench/results/lab.json. What has not been measured is left out. */
import { added, overlap, spreadOfKind, waysInTurns } from "../../bench/lab/compare";
import { factorMissing, type Goal, goalsOf, isMet } from "../../bench/lab/goals";
import type {
  BuildResults,
  Circumstances,
  CommandKind,
  ImageResults,
  ImageWay,
  LayerResults,
  LayerWay,
  Results,
  VolumeKind,
  WorkerKind,
  WorkerResults,
} from "../../bench/lab/results";
import type { Spread } from "../../bench/lab/statistics";
import { replaceSection } from "./section";

/** From the repository's root. */
export const BENCH_PAGE = "bench/README.md";

const s = (seconds: number | undefined) => (seconds === undefined ? "" : seconds.toFixed(2));
const mb = (bytes: number | undefined) => (bytes === undefined ? "" : (bytes / 1e6).toFixed(0));
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The median; behind it, in brackets, the smallest and the largest of the turns, if they differ. */
function spread(figure: Partial<Spread> | undefined, show: (value: number | undefined) => string): string {
  const [median, low, high] = [figure?.median, figure?.low, figure?.high].map(show);
  return low === high ? `${median}` : `${median} (${low} to ${high})`;
}

/** Of nothing there is no multiple. */
const missed = (goal: Goal) =>
  goal.goal === 0 ? "**missed**" : `**missed**, by a factor of ${factorMissing(goal).toFixed(2)}`;

const DIGITS: Readonly<Record<Goal["unit"], number>> = { "%": 1, x: 2, s: 2, requests: 0 };

function goalTable(goals: readonly Goal[]): string {
  return table(
    ["goal", "what", "measured", "wanted", ""],
    goals.map((goal) => {
      const { id, what, measured, low, high, unit } = goal;
      const show = (value: number | undefined) => value?.toFixed(DIGITS[unit]) ?? "";
      return [
        id,
        what,
        `${spread({ median: measured, low, high }, show)} ${unit}`,
        `${goal.atLeast ? "at least" : "at most"} ${goal.goal} ${unit}`,
        isMet(goal) ? "met" : missed(goal),
      ];
    }),
  );
}

const PROFILES = { "15ms": "15 ms a block", gp3: "gp3 as published" } as const;
const READ_AHEAD = {
  none: "nothing read ahead",
  hot: "hot set read ahead",
  all: "all of it read ahead, the hot set first",
} as const;
const COMMAND_NAMES: Readonly<Record<CommandKind, string>> = {
  traced: "its own",
  other: "another",
  all: "one that reads every file",
};

function nameOf(volume: VolumeKind): string {
  if (volume === "cold-1g") return "no cache, pulled at 1 Gbit/s";
  if (volume === "loaded") return "loaded already";
  const [profile, hydrate] = volume.split("-") as [keyof typeof PROFILES, keyof typeof READ_AHEAD];
  return `${PROFILES[profile]}, ${READ_AHEAD[hydrate]}`;
}

function workerTable(workers: WorkerResults): string {
  const kinds = Object.keys(workers.kinds) as WorkerKind[];
  return table(
    [
      "volume",
      "command",
      "boot to Docker, s",
      "boot to script, s",
      "first run, s",
      "boot to its end, s",
      "mount to its end, s",
      "added by loading, s",
      "loaded by then, MB",
    ],
    kinds.map((kind) => {
      const [volume, command] = kind.split("/") as [VolumeKind, CommandKind];
      const of = (figure: Parameters<typeof spreadOfKind>[2]) => spreadOfKind(workers, kind, figure);
      return [
        nameOf(volume),
        COMMAND_NAMES[command],
        spread(
          of(({ docker }) => docker),
          s,
        ),
        spread(
          of(({ script }) => script),
          s,
        ),
        spread(
          of(({ run }) => run),
          s,
        ),
        spread(
          of(({ boot }) => boot),
          s,
        ),
        spread(
          of(({ sinceMount }) => sinceMount),
          s,
        ),
        volume === "loaded" ? "0" : spread(added(workers, kind), s),
        mb(of(({ loadedBytes }) => loadedBytes)?.median),
      ];
    }),
  );
}

/** What the hot set is, and how much of it the other command needs. */
function hotSetText(workers: WorkerResults): string {
  const hot = spreadOfKind(workers, "15ms-hot/traced", ({ hotBytes }) => hotBytes)?.median;
  const shared = overlap(workers, "gp3", "other")?.median;
  return [
    `The snapshot holds ${mb(workers.cachedBytes)} MB in blocks.`,
    ...(hot === undefined ? [] : [`Its hot set has ${mb(hot)} MB of them.`]),
    ...(shared === undefined
      ? []
      : [`Of what the other command itself reads, ${shared.toFixed(0)} % is in the hot set.`]),
  ].join("\n");
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
    [
      "build",
      "launch to gone, s",
      "boot, s",
      ...steps.map((step) => `${step}, s`),
      "shutdown, s",
      "changed, MB",
      "increment, MB",
    ],
    rows.map(({ name, figures }) => [
      name,
      s(figures.seconds),
      s(figures.bootSeconds),
      ...steps.map((step) => s(figures.steps[step])),
      s(figures.shutdownSeconds),
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

function workerSection(workers: WorkerResults): string[] {
  const failed = workers.failed.map((one) => `- Not measured: ${one}`).join("\n");
  return ["### First starts", where(workers), hotSetText(workers), workerTable(workers), ...(failed ? [failed] : [])];
}

function buildSection(builds: BuildResults): string[] {
  return [
    `### Builds of ${builds.images} images`,
    where(builds),
    `The same images pulled one by one: ${s(builds.oneByOneSeconds)} s.`,
    buildTable(builds),
  ];
}

const WAYS: Readonly<Record<ImageWay, string>> = {
  miss: "built and pushed",
  registry: "pulled from ECR",
  disk: "on disk already",
};

function imageSection(images: ImageResults): string[] {
  const rows = Object.entries(WAYS).map(([way, name]) => {
    const of = (figure: "seconds" | "requests") => waysInTurns(images, [way as ImageWay], (job) => job[figure]);
    return [name, spread(of("seconds"), s), spread(of("requests"), (value) => value?.toFixed(0) ?? "")];
  });
  return ["### A job's image", where(images), table(["image", "the plugin's hook, s", "requests to AWS"], rows)];
}

const LAYERS: Readonly<Record<LayerWay, string>> = {
  plain: "no cache",
  "s3-first": "S3, empty",
  "s3-second": "S3, the same content",
  "s3-late": "S3, one late file changed",
  "ecr-first": "ECR, empty",
  "ecr-second": "ECR, the same content",
  "ecr-late": "ECR, one late file changed",
};

function layerSection(layers: LayerResults): string[] {
  const percent = (value: number | undefined) => value?.toFixed(1) ?? "";
  const rows = Object.entries(LAYERS).map(([name, what]) => {
    const way = name as LayerWay;
    const time = waysInTurns(layers, [way], ({ seconds }) => seconds);
    const share = waysInTurns(layers, [way, "plain"], (one, plain) => (100 * one.seconds) / plain.seconds);
    return [what, spread(time, s), spread(share, percent)];
  });
  const head = ["cache, on a fresh machine", "the build, s", "of a build without cache, %"];
  return ["### Layers of a build", where(layers), table(head, rows)];
}

/** bench/README.md with its figures as they were measured. */
export function renderBenchPage(page: string, results: Results): string {
  const { workers, builds, images, layers } = results;
  const text = [
    "### Goals",
    goalTable(goalsOf(results)),
    ...(workers
      ? workerSection(workers)
      : ["### First starts", "They have not been measured yet: `npm run bench:lab -- workers`."]),
    ...(builds
      ? buildSection(builds)
      : ["### Builds", "They have not been measured yet: `npm run bench:lab -- builds`."]),
    ...(images
      ? imageSection(images)
      : ["### A job's image", "It has not been measured yet: `npm run bench:lab -- images`."]),
    ...(layers
      ? layerSection(layers)
      : ["### Layers of a build", "They have not been measured yet: `npm run bench:lab -- layers`."]),
  ];
  return replaceSection(BENCH_PAGE, page, "lab", text.join("\n\n"));
}
