/** `status`: what is promoted where, and which regions still hold something of a cache that the file no longer puts there. */

import { awsPorts } from "../../lambda-src/rotation/aws";
import { plan } from "../../lambda-src/rotation/plan";
import { bearing } from "../../lambda-src/rotation/ports";
import { readState } from "../../lambda-src/rotation/read";
import type { Plan, State } from "../../lambda-src/rotation/types";
import { POINTER_NONE, TAG } from "../../lib/contract";
import { enabledRegions } from "./operator";
import type { Options } from "./options";
import { print, printJson } from "./output";
import { selectTargets, type Target, titleOf } from "./targets";

interface Status {
  readonly target: Target;
  readonly state: State | null;
  readonly plan: Plan | null;
  /** Why nothing is known, e.g. that the rotation stack is not applied. */
  readonly error: string | null;
}

async function inspect(target: Target): Promise<Status> {
  try {
    const state = await readState(awsPorts(target.region), target.settings);
    return { target, state, plan: plan(state, target.settings), error: null };
  } catch (error) {
    return { target, state: null, plan: null, error: (error as Error).message };
  }
}

interface Leftover {
  readonly region: string;
  readonly cache: string;
  readonly snapshots: number;
  readonly volumes: number;
  readonly instances: number;
}

async function leftoverIn(region: string, cache: string): Promise<Leftover> {
  const ports = awsPorts(region);
  const filters = bearing({ [TAG.name]: cache });
  const [snapshots, volumes, instances] = await Promise.all([
    ports.listSnapshots(filters),
    ports.listVolumes(filters),
    ports.listInstances(filters),
  ]);
  const alive = instances.filter((one) => one.state !== "terminated");
  return { region, cache, snapshots: snapshots.length, volumes: volumes.length, instances: alive.length };
}

/** Enabled regions in which a cache is not deployed and still has something. */
async function findLeftovers(targets: readonly Target[]): Promise<Leftover[]> {
  const caches = [...new Set(targets.map(({ settings }) => settings.name))].sort();
  const regions = await enabledRegions(targets[0]?.region ?? "");
  const elsewhere = caches.flatMap((cache) =>
    regions
      .filter((region) => !targets.some((target) => target.region === region && target.settings.name === cache))
      .map((region) => leftoverIn(region, cache)),
  );
  return (await Promise.all(elsewhere)).filter((one) => one.snapshots + one.volumes + one.instances > 0);
}

function linesOf({ target, state, plan: made, error }: Status): string[] {
  if (!state || !made) return [`${titleOf(target)}: ${error}`];
  const { figures } = made;
  const pinned = state.snapshots.some((one) => one.id === state.pointer.value && one.tags[TAG.pin] !== undefined);
  const unknown = figures.promotedAgeHours === null || state.pointer.value === POINTER_NONE;
  const age = unknown ? "" : `, ${figures.promotedAgeHours?.toFixed(1)} h old`;
  const counts = [
    `${figures.healthySnapshots} healthy of ${figures.snapshots} snapshots`,
    `${figures.overdueDeletions} due for deletion`,
    `${state.launchTemplates.length} launch templates`,
    `${state.rejected.length} rejected contents`,
  ];
  return [
    `${titleOf(target)}: ${state.pointer.value}${pinned ? " (pinned)" : ""}${age}`,
    `  ${counts.join(", ")}`,
    ...(made.waiting ? [`  ${made.waiting} waits for fast snapshot restore`] : []),
    ...(made.actions.length > 0 ? [`  ${made.actions.length} actions outstanding: docker-cache rotate --dry-run`] : []),
    ...made.notes.map((note) => `  note: ${note}`),
    ...made.problems.map((problem) => `  problem: ${problem}`),
  ];
}

function documentOf({ target, state, plan: made, error }: Status): object {
  const { name, architecture } = target.settings;
  const head = { region: target.region, cache: name, architecture };
  if (!state || !made) return { ...head, error };
  return {
    ...head,
    pointer: state.pointer.value,
    promoted: made.promoted,
    waiting: made.waiting,
    rejected: state.rejected,
    figures: made.figures,
    decisions: made.decisions,
    notes: made.notes,
    problems: made.problems,
  };
}

export async function run(options: Options): Promise<boolean> {
  const selected = await selectTargets(options);
  const everywhere = options.region === undefined ? selected : await selectTargets({ ...options, region: undefined });
  const [statuses, leftovers] = await Promise.all([Promise.all(selected.map(inspect)), findLeftovers(everywhere)]);
  if (options.json) printJson({ command: "status", targets: statuses.map(documentOf), leftovers });
  else {
    for (const status of statuses) for (const line of linesOf(status)) print(line);
    for (const { region, cache, snapshots, volumes, instances } of leftovers)
      print(
        `${region} ${cache}: left over: ${snapshots} snapshots, ${volumes} volumes, ${instances} instances; docker-cache purge --region ${region} --cache ${cache} --confirm=${cache}`,
      );
  }
  return statuses.every((status) => status.error === null);
}
