/** Results of no machine, in which every goal is met. */
import type {
  BuildFigures,
  LayerTurn,
  Results,
  WorkerKind,
  WorkerResults,
  WorkerTurn,
} from "../../../bench/lab/results";

const CIRCUMSTANCES = {
  date: "2030-01-02",
  cores: 3,
  memoryGib: 7,
  kernel: "9.9",
  docker: "99.1",
  repetitions: 2,
  load: 0.1,
};
const MB = 1e6;

/** Two turns of a job; the second took a tenth longer. */
const jobs = (seconds: number, requests: number) => [
  { turn: 1, seconds, requests },
  { turn: 2, seconds: seconds * 1.1, requests },
];

/** Two builds, the second a tenth slower. */
const builds = (seconds: number): LayerTurn[] => [
  { turn: 1, seconds },
  { turn: 2, seconds: seconds * 1.1 },
];

/** Two turns of one kind. The second took a tenth longer, but was not later before its run. */
function turns(before: number, run: number, mounted?: number, loaded?: readonly [before: number, after: number]) {
  const at = (turn: number, run: number): WorkerTurn => ({
    turn,
    docker: before - 0.2,
    script: before,
    boot: before + run,
    run,
    ...(mounted !== undefined && { sinceMount: before + run - mounted, hotBytes: 50 * MB }),
    ...(loaded && { loadedBefore: loaded[0] * MB, loadedBytes: loaded[1] * MB }),
  });
  return [at(1, run), at(2, run * 1.1)];
}

const kinds: Partial<Record<WorkerKind, WorkerTurn[]>> = {
  "cold-1g/traced": turns(2, 30),
  "cold-1g/all": turns(2, 32),
  "loaded/traced": turns(2.2, 1, 1.2),
  "loaded/other": turns(2.2, 1, 1.2),
  "15ms-none/traced": turns(4, 3, 1.5),
  "15ms-hot/traced": turns(2.5, 1.2, 1.4),
  "gp3-none/other": turns(12, 8, 2, [20, 60]),
  "gp3-hot/other": turns(3, 4, 2, [50, 78]),
  "gp3-all/other": turns(3, 3, 2, [50, 300]),
  "gp3-all/traced": turns(2.8, 1.25, 1.5, [51, 90]),
  "gp3-all/all": turns(2.8, 20, 1.5, [51, 900]),
};

const build = (seconds: number, rest: object = {}): BuildFigures => ({
  seconds,
  steps: { resolving: 1, pulling: seconds - 11 },
  bootSeconds: 2,
  shutdownSeconds: 1,
  ...rest,
});

export const WORKERS: WorkerResults = { ...CIRCUMSTANCES, cachedBytes: 1000 * MB, kinds, failed: [] };

export const RESULTS = {
  workers: WORKERS,
  builds: {
    ...CIRCUMSTANCES,
    images: 9,
    oneByOneSeconds: 95,
    fileBytes: 900 * MB,
    full: build(100, { incrementBytes: 945 * MB }),
    unchanged: { seconds: 2.5, steps: { resolving: 1 } },
    smallChange: { ...build(18, { incrementBytes: 20 * MB }), changedBytes: 10 * MB },
    largeChange: { ...build(40, { incrementBytes: 315 * MB }), changedBytes: 300 * MB },
  },
  layers: {
    ...CIRCUMSTANCES,
    ways: {
      plain: builds(100),
      "s3-first": builds(110),
      "s3-second": builds(11),
      "s3-late": builds(33),
      "ecr-first": builds(120),
      "ecr-second": builds(18),
      "ecr-late": builds(42),
    },
  },
  images: { ...CIRCUMSTANCES, ways: { miss: jobs(60, 40), registry: jobs(4.8, 12), disk: jobs(0.5, 0) } },
} satisfies Results;

/** The same with other figures for one kind. */
export function withKind(kind: WorkerKind, change: (worker: WorkerTurn) => WorkerTurn): Results {
  const changed = { ...kinds, [kind]: (kinds[kind] ?? []).map(change) };
  return { ...RESULTS, workers: { ...WORKERS, kinds: changed } };
}
