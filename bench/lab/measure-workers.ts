/** P1, P2, P3: the same first start on workers of every kind, in turns, so that what the machine does meanwhile meets all alike. */
import { measureBuild } from "./builds";
import { medians } from "./median";
import { type Circumstances, LATENCIES, type WorkerFigures, type WorkerKind, type WorkerResults } from "./results";
import { measureWorker, type WorkerSpec, type WorkerTimes } from "./workers";
import type { World } from "./world";

const LANGUAGE = "registry.lab/language:1";
const OTHERS = { base: "registry.lab/base:1", app: "registry.lab/app-01:1" } as const;

/** A volume that has been loaded goes the same way through the emulation as one that has not: it only waits for nothing. */
function kindsOf(snapshot: NonNullable<WorkerSpec["snapshot"]>): Record<WorkerKind, WorkerSpec> {
  const warm = (image: string, firstTouchMs: number, hydrate: "hot" | "none"): WorkerSpec => ({
    image,
    snapshot,
    loading: { firstTouchMs },
    hydrate,
  });
  const lazy = LATENCIES.flatMap((ms) =>
    (["hot", "none"] as const).map((hydrate) => [`lazy-${ms}-${hydrate}`, warm(LANGUAGE, ms, hydrate)] as const),
  );
  const others = Object.entries(OTHERS).flatMap(([name, image]) => [
    [`${name}-loaded`, warm(image, 0, "none")] as const,
    [`${name}-lazy-15-hot`, warm(image, 15, "hot")] as const,
    [`${name}-lazy-15-none`, warm(image, 15, "none")] as const,
  ]);
  return {
    "cold-1g": { image: LANGUAGE, networkMbitPerSecond: 1000 },
    cold: { image: LANGUAGE },
    loaded: warm(LANGUAGE, 0, "none"),
    ...Object.fromEntries(lazy),
    "lazy-15-all-first": { ...warm(LANGUAGE, 15, "none"), readsAllFirst: true },
    ...Object.fromEntries(others),
  } as Record<WorkerKind, WorkerSpec>;
}

/** Builds once, then boots every kind of worker as often as is wanted. */
export async function measureWorkers(
  world: World,
  repetitions: number,
  say: (line: string) => void,
): Promise<Omit<WorkerResults, Exclude<keyof Circumstances, "docker">>> {
  const snapshot = [...world.cloud.snapshots.values()].at(-1) ?? (await measureBuild(world)).snapshot;
  if (!snapshot) throw new Error("no snapshot");
  const kinds = kindsOf(snapshot);
  const samples = new Map<string, WorkerTimes[]>();
  for (let turn = 0; turn < repetitions; turn++) {
    for (const [kind, spec] of Object.entries(kinds)) {
      const times = await measureWorker(world, spec);
      samples.set(kind, [...(samples.get(kind) ?? []), times]);
      say(`${kind}: boot ${times.boot.toFixed(2)} s, run ${times.run.toFixed(2)} s`);
    }
  }
  const figures = Object.entries(kinds).map(([kind, { image }]): [string, WorkerFigures] => [
    kind,
    { image, ...medians(samples.get(kind) ?? []) },
  ]);
  return {
    docker: [...samples.values()][0]?.[0]?.docker ?? "",
    cachedBytes: snapshot.fullBytes,
    kinds: Object.fromEntries(figures) as Record<WorkerKind, WorkerFigures>,
  };
}
