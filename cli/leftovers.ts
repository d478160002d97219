/** Resources of a cache outside its configuration: in another region, or of an architecture that was taken out of the file. */
import { bearing, type Ports } from "../lambda-src/rotation/ports";
import type { Tags } from "../lambda-src/rotation/types";
import { ARCHITECTURES, TAG } from "../lib/contract";
import { type Deployed, describeServing, type FunctionLookup, findDeployed } from "./deployed";
import type { Target } from "./targets";

export interface Leftover {
  readonly region: string;
  readonly cache: string;
  /** Architecture of the resources; null: they do not say. */
  readonly architecture: string | null;
  /** null: nothing serves them any more, they only cost. Otherwise somebody else has deployed the cache there. */
  readonly deployed: Deployed | null;
  readonly snapshots: number;
  readonly volumes: number;
  readonly instances: number;
}

/** What is looked for, and where. */
export interface Search {
  readonly caches: readonly string[];
  readonly regions: readonly string[];
  readonly portsOf: (region: string) => Ports;
  readonly hasFunction: FunctionLookup;
}

/** Returns everything of the cache in the region, by architecture. */
async function findIn(cache: string, ports: Ports): Promise<Omit<Leftover, "deployed">[]> {
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
    return { region: ports.region, cache, architecture, ...counts };
  });
}

/** What does not say its architecture may be of any. */
async function deployedWith(
  { region, cache, architecture }: Omit<Leftover, "deployed">,
  { portsOf, hasFunction }: Search,
): Promise<Deployed | null> {
  const possible = ARCHITECTURES.filter((one) => architecture === null || one === architecture);
  const found = await Promise.all(possible.map((one) => findDeployed(portsOf(region), cache, one, hasFunction)));
  return found.find((one) => one !== null) ?? null;
}

/** Returns what the caches have in one of the regions that belongs to none of the targets. */
export async function findLeftovers(targets: readonly Target[], search: Search): Promise<Leftover[]> {
  const { caches, regions, portsOf } = search;
  const found = await Promise.all(caches.flatMap((cache) => regions.map((region) => findIn(cache, portsOf(region)))));
  const belongs = (left: Omit<Leftover, "deployed">, { region, settings }: Target) =>
    settings.name === left.cache &&
    region === left.region &&
    (left.architecture === null || left.architecture === settings.architecture);
  const strange = found.flat().filter((left) => !targets.some((target) => belongs(left, target)));
  return Promise.all(strange.map(async (left) => ({ ...left, deployed: await deployedWith(left, search) })));
}

/**
 * Formats one leftover as a line, with the command that removes it. What is deployed gets no command: it serves workers, and another file or a
 * module has it.
 */
export function formatLeftover(left: Leftover): string {
  const { region, cache, architecture, deployed, snapshots, volumes, instances } = left;
  const title = `${region} ${cache}${architecture === null ? "" : `/${architecture}`}`;
  const what = `${snapshots} snapshots, ${volumes} volumes, ${instances} instances`;
  if (deployed) return `${title}: deployed there, not in this file: ${describeServing(deployed)}; ${what}`;
  const which = architecture === null ? "" : ` --architecture ${architecture}`;
  return `${title}: left over: ${what}; docker-cache purge --region ${region} --cache ${cache}${which} --confirm=NAME`;
}
