/** `status`: show what each region promotes, and what a cache still has in regions that the file no longer gives it. */

import { plan } from "../../lambda-src/rotation/plan/plan";
import { readState } from "../../lambda-src/rotation/read/read";
import type { Plan, State } from "../../lambda-src/rotation/types";
import { type ManifestImage, POINTER_NONE, TAG } from "../../lib/contract";
import { findLeftovers, formatLeftover, type Leftover, type Search } from "../leftovers";
import { readManifest } from "../manifests";
import { enabledRegions, hasFunction } from "../operator";
import type { Options } from "../options";
import { print, printJson, say } from "../output";
import {
  findPullThroughLeftovers,
  formatPullThroughLeftover,
  type PullThroughLeftover,
} from "../pull-through/leftovers";
import { look, type PortsOf } from "../region-ports";
import {
  deployedTargets,
  firstRegion,
  hasCaches,
  notDeployed,
  regionOf,
  selectTargets,
  type Target,
  titleOf,
} from "../targets";

interface Status {
  readonly target: Target;
  readonly state: State | null;
  readonly plan: Plan | null;
  /** Images of what is promoted, if they were asked for. */
  readonly images: readonly ManifestImage[] | null;
  /** Reason why nothing is known, e.g. that the rotation stack is not applied, or why the images are not. */
  readonly error: string | null;
}

async function inspect(target: Target, portsOf: PortsOf, withImages: boolean): Promise<Status> {
  try {
    const state = await readState(portsOf(target.region), target.settings, { references: "all" });
    const known = { target, state, plan: plan(state, target.settings), images: null, error: null };
    return withImages ? { ...known, ...(await imagesOf(target, state)) } : known;
  } catch (error) {
    return { target, state: null, plan: null, images: null, error: (error as Error).message };
  }
}

/** The images of what is promoted, or why they are not known. A copy's manifest is where it was built. */
async function imagesOf(
  { region, settings }: Target,
  { pointer, snapshots }: State,
): Promise<Pick<Status, "images" | "error">> {
  if (pointer.value === POINTER_NONE) return { images: [], error: null };
  const sha256 = snapshots.find(({ id }) => id === pointer.value)?.tags[TAG.manifest];
  try {
    return { images: (await readManifest(settings.copyFrom ?? region, settings, sha256)).images, error: null };
  } catch (error) {
    return { images: null, error: `images of ${pointer.value}: ${(error as Error).message}` };
  }
}

/** Every pinned snapshot of the cell, the promoted one or not. */
function pinnedIn({ snapshots }: State): string[] {
  return snapshots
    .filter((one) => one.tags[TAG.pin] !== undefined)
    .map((one) => one.id)
    .sort();
}

function linesOf({ target, state, plan: made, images, error }: Status): string[] {
  if (!state || !made) return [`${titleOf(target)}: ${error}`];
  const { figures } = made;
  const pinned = pinnedIn(state);
  const unknown = figures.promotedAgeHours === null || state.pointer.value === POINTER_NONE;
  const age = unknown ? "" : `, ${figures.promotedAgeHours?.toFixed(1)} h old`;
  const counts = [
    `${figures.healthySnapshots} healthy of ${figures.snapshots} snapshots`,
    `${figures.overdueDeletions} due for deletion`,
    `${state.launchTemplates.length} launch templates`,
    `${state.rejected.length} rejected contents`,
  ];
  return [
    `${titleOf(target)}: ${state.pointer.value}${pinned.includes(state.pointer.value) ? " (pinned)" : ""}${age}`,
    `  ${counts.join(", ")}`,
    ...(pinned.length > 0 ? [`  pinned: ${pinned.join(", ")}`] : []),
    ...(made.waiting ? [`  ${made.waiting} waits for fast snapshot restore`] : []),
    ...(made.actions.length > 0 ? [`  ${made.actions.length} actions outstanding: docker-cache rotate --dry-run`] : []),
    ...made.notes.map((note) => `  note: ${note}`),
    ...(images ?? []).map(({ reference, digest, size }) => `  ${reference} ${digest} ${(size / 1e6).toFixed(0)} MB`),
    ...(error === null ? [] : [`  ${error}`]),
  ];
}

function documentOf({ target, state, plan: made, images, error }: Status): object {
  const { name, architecture } = target.settings;
  const head = { region: target.region, cache: name, architecture };
  if (!state || !made) return { ...head, error };
  return {
    ...head,
    pointer: state.pointer.value,
    promoted: made.promoted,
    waiting: made.waiting,
    pinned: pinnedIn(state),
    rejected: state.rejected,
    figures: made.figures,
    decisions: made.decisions,
    notes: made.notes,
    ...(images && { images }),
    ...(error !== null && { error }),
  };
}

/** Returns every target of the configuration, or, for a cache that is named without one, every region with its function. */
async function everythingOf(options: Options, regions: readonly string[]): Promise<Target[]> {
  const { region: _region, architecture: _architecture, ...anywhere } = options;
  if (options.name === undefined) return selectTargets(anywhere);
  const found = regions.map((region) => deployedTargets(options.name ?? "", { region }));
  return (await Promise.all(found)).flat();
}

/** True if nothing is asked for but what the file has, which is no cache: then companions alone are shown. */
function isOfCompanions({ name, cache, region, architecture }: Options): boolean {
  return [name, cache, region, architecture].every((option) => option === undefined) && !hasCaches();
}

/** Targets to be shown. A cache that is named may be deployed nowhere any more: what it left is shown all the same. */
async function selectShown(options: Options): Promise<Target[]> {
  if (options.name === undefined || options.cache !== undefined) return selectTargets(options);
  return deployedTargets(options.name, options);
}

/** Looks at the targets, and for what the caches left. */
export function survey(
  selected: readonly Target[],
  all: readonly Target[],
  search: Search,
  { images = false }: Options = {},
): Promise<[statuses: Status[], leftovers: Leftover[]]> {
  const statuses = Promise.all(selected.map((target) => inspect(target, search.portsOf, images)));
  return Promise.all([statuses, findLeftovers(all, search)]);
}

/** What pull-through left, in all regions. Whoever names a cache asks about that alone. */
async function pullThroughLeft({ name, cache }: Options, regions: readonly string[]): Promise<PullThroughLeftover[]> {
  return name === undefined && cache === undefined ? findPullThroughLeftovers(regions) : [];
}

export async function run(options: Options): Promise<boolean> {
  const companions = isOfCompanions(options);
  const selected = companions ? [] : await selectShown(options);
  const regions = await enabledRegions(selected[0]?.region ?? (companions ? firstRegion() : regionOf(options)));
  const all = companions ? [] : await everythingOf(options, regions);
  const caches = options.name === undefined ? all.map(({ settings }) => settings.name) : [options.name];
  const search = { caches: [...new Set(caches)].sort(), regions, portsOf: look(), hasFunction };
  const [[statuses, leftovers], pullThrough] = await Promise.all([
    survey(selected, all, search, options),
    pullThroughLeft(options, regions),
  ]);
  if (!companions && statuses.length + leftovers.length === 0) throw notDeployed(options);
  if (companions && pullThrough.length === 0) say("the configuration has no cache, and nothing is left over");
  if (options.json) {
    const left = { leftovers, pullThroughLeftovers: pullThrough };
    printJson({ command: "status", targets: statuses.map(documentOf), ...left });
  } else {
    for (const status of statuses) for (const line of linesOf(status)) print(line);
    for (const leftover of leftovers) print(formatLeftover(leftover));
    for (const leftover of pullThrough) print(formatPullThroughLeftover(leftover));
  }
  return statuses.every((status) => status.error === null);
}
