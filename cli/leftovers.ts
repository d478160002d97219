/** Resources of a cache outside its configuration: in another region, or of an architecture that was taken out of the file. */
import { bearing, type Ports } from "../lambda-src/rotation/ports";
import type { FastRestore, Tags } from "../lambda-src/rotation/types";
import { ARCHITECTURES, TAG } from "../lib/contract";
import { type Deployed, describeServing, type FunctionLookup, findDeployed } from "./deployed";
import type { PortsOf } from "./region-ports";
import type { Target } from "./targets";

export interface Leftover {
  readonly region: string;
  readonly cache: string;
  /** Architecture of the resources; null: they do not say. */
  readonly architecture: string | null;
  /** null: nothing serves them any more, they only cost. Otherwise somebody else has deployed the cache there. */
  readonly deployed: Deployed | null;
  /** Fast snapshot restore of its snapshots: it outlives stacks that are destroyed without a purge, and each zone costs by the hour. */
  readonly fastRestores: readonly FastRestore[];
  readonly snapshots: number;
  readonly volumes: number;
  readonly instances: number;
}

/** What is looked for, and where. */
export interface Search {
  readonly caches: readonly string[];
  readonly regions: readonly string[];
  readonly portsOf: PortsOf;
  readonly hasFunction: FunctionLookup;
}

/** What the tags alone tell, before anything else is asked. */
interface Found extends Omit<Leftover, "deployed" | "fastRestores"> {
  readonly snapshotIds: readonly string[];
}

/** Returns everything of the cache in the region, by architecture. */
async function findIn(cache: string, ports: Ports): Promise<Found[]> {
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
    const of = <T extends { tags: Tags }>(all: readonly T[]) =>
      all.filter((one) => architectureOf(one) === architecture);
    const snapshotIds = of(snapshots).map((one) => one.id);
    const counts = { snapshots: snapshotIds.length, volumes: of(volumes).length, instances: of(alive).length };
    return { region: ports.region, cache, architecture, ...counts, snapshotIds };
  });
}

/** What does not say its architecture may be of any. */
async function deployedWith(
  { region, cache, architecture }: Found,
  { portsOf, hasFunction }: Search,
): Promise<Deployed | null> {
  const possible = ARCHITECTURES.filter((one) => architecture === null || one === architecture);
  const found = await Promise.all(possible.map((one) => findDeployed(portsOf(region), cache, one, hasFunction)));
  return found.find((one) => one !== null) ?? null;
}

async function fastRestoresOf({ region, snapshotIds }: Found, { portsOf }: Search): Promise<FastRestore[]> {
  if (snapshotIds.length === 0) return [];
  const ours = new Set(snapshotIds);
  return (await portsOf(region).listFastRestores()).filter((one) => ours.has(one.snapshotId));
}

async function complete(found: Found, search: Search): Promise<Leftover> {
  const [deployed, fastRestores] = await Promise.all([deployedWith(found, search), fastRestoresOf(found, search)]);
  const { snapshotIds: _ids, ...rest } = found;
  return { ...rest, deployed, fastRestores };
}

/** Returns what the caches have in one of the regions that belongs to none of the targets, and first what costs by the hour. */
export async function findLeftovers(targets: readonly Target[], search: Search): Promise<Leftover[]> {
  const { caches, regions, portsOf } = search;
  const found = await Promise.all(caches.flatMap((cache) => regions.map((region) => findIn(cache, portsOf(region)))));
  const belongs = (left: Found, { region, settings }: Target) =>
    settings.name === left.cache &&
    region === left.region &&
    (left.architecture === null || left.architecture === settings.architecture);
  const strange = found.flat().filter((left) => !targets.some((target) => belongs(left, target)));
  const leftovers = await Promise.all(strange.map((left) => complete(left, search)));
  const isDear = ({ fastRestores }: Leftover) => fastRestores.length > 0;
  return [...leftovers.filter(isDear), ...leftovers.filter((left) => !isDear(left))];
}

/** `fast restore (costs by the hour) of snap-1 in eu-west-1a; 2 snapshots, 0 volumes, 0 instances` */
function contentsOf({ fastRestores, snapshots, volumes, instances }: Leftover): string {
  const restores = fastRestores.map(({ snapshotId, zone }) => `${snapshotId} in ${zone}`).join(", ");
  const first = restores === "" ? "" : `fast restore (costs by the hour) of ${restores}; `;
  return `${first}${snapshots} snapshots, ${volumes} volumes, ${instances} instances`;
}

/**
 * Formats one leftover as a line, with the command that removes it. What is deployed gets no command: it serves workers, and another file or a
 * module has it.
 */
export function formatLeftover(left: Leftover): string {
  const { region, cache, architecture, deployed } = left;
  const title = `${region} ${cache}${architecture === null ? "" : `/${architecture}`}`;
  const what = contentsOf(left);
  if (deployed) return `${title}: deployed there, not in this file: ${describeServing(deployed)}; ${what}`;
  const which = architecture === null ? "" : ` --architecture ${architecture}`;
  return `${title}: left over: ${what}; docker-cache purge --region ${region} --cache ${cache}${which} --confirm=NAME`;
}
