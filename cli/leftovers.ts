/** Resources of a cache outside its configuration: in another region, or of an architecture that was taken out of the file. */
import { bearing, type Ports } from "../lambda-src/rotation/ports";
import type { Tags } from "../lambda-src/rotation/types";
import { TAG } from "../lib/contract";
import type { Target } from "./targets";

export interface Leftover {
  readonly region: string;
  readonly cache: string;
  /** Architecture of the resources; null: they do not say. */
  readonly architecture: string | null;
  readonly snapshots: number;
  readonly volumes: number;
  readonly instances: number;
}

/** Returns everything of the cache in the region, by architecture. */
async function findIn(region: string, cache: string, ports: Ports): Promise<Leftover[]> {
  const filters = bearing({ [TAG.name]: cache });
  const [snapshots, volumes, instances] = await Promise.all([
    ports.listSnapshots(filters),
    ports.listVolumes(filters),
    ports.listInstances(filters),
  ]);
  const alive = instances.filter((one) => one.state !== "terminated");
  const architectureOf = ({ tags }: { tags: Tags }) => tags[TAG.architecture] ?? null;
  const architectures = [...new Set([...snapshots, ...volumes, ...alive].map(architectureOf))].sort();
  return architectures.map((architecture) => {
    const count = (all: readonly { tags: Tags }[]) => all.filter((one) => architectureOf(one) === architecture).length;
    const counts = { snapshots: count(snapshots), volumes: count(volumes), instances: count(alive) };
    return { region, cache, architecture, ...counts };
  });
}

/** Returns what the targets' caches have in one of the regions that belongs to none of the targets. */
export async function findLeftovers(
  targets: readonly Target[],
  regions: readonly string[],
  portsOf: (region: string) => Ports,
): Promise<Leftover[]> {
  const caches = [...new Set(targets.map(({ settings }) => settings.name))].sort();
  const found = await Promise.all(
    caches.flatMap((cache) => regions.map((region) => findIn(region, cache, portsOf(region)))),
  );
  const belongs = (left: Leftover, { region, settings }: Target) =>
    settings.name === left.cache &&
    region === left.region &&
    (left.architecture === null || left.architecture === settings.architecture);
  return found.flat().filter((left) => !targets.some((target) => belongs(left, target)));
}

/** Formats one leftover as a line, with the command that removes it. */
export function formatLeftover({ region, cache, architecture, snapshots, volumes, instances }: Leftover): string {
  const what = `${snapshots} snapshots, ${volumes} volumes, ${instances} instances`;
  const which = architecture === null ? "" : ` --architecture ${architecture}`;
  const purge = `docker-cache purge --region ${region} --cache ${cache}${which} --confirm=${cache}`;
  return `${region} ${cache}${architecture === null ? "" : `/${architecture}`}: left over: ${what}; ${purge}`;
}
