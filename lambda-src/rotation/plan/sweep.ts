/** Builders that outlived their watchdog, builds that failed, and things of ours that nothing needs. Workers are never touched. */
import { ROLES, type RotationSettings, TAG } from "../../../lib/contract";
import type { Action, Instance, State, Tags, Volume } from "../types";

const HOUR = 3_600_000;
const ENDED = ["shutting-down", "terminated"];

function bears(tags: Tags, role: string, settings: RotationSettings): boolean {
  return (
    tags[TAG.name] === settings.name && tags[TAG.architecture] === settings.architecture && tags[TAG.role] === role
  );
}

function isOverdue(builder: Instance, state: State, settings: RotationSettings): boolean {
  return !hasEnded(builder) && state.now - builder.launchedAt > settings.watchdogMinutes * 60_000;
}

/** Builds that ended in another way than a builder says itself: `ready`, `checked` or `yielded`. */
function hasFailed(builder: Instance): boolean {
  const outcome = builder.tags[TAG.outcome];
  return hasEnded(builder) && (outcome === undefined || outcome === "failed");
}

/** Volumes that claim to be the cache beside the one that is. A replacement has an hour. */
function rivals(state: State, settings: RotationSettings): Volume[] {
  const claims = state.volumes.filter(
    (one) => bears(one.tags, ROLES.cacheVolume, settings) && one.state !== "deleting",
  );
  const volumeId = state.volumeId;
  if (volumeId === null) return claims.length > 1 ? claims.slice(1) : [];
  if (state.now - volumeId.writtenAt < HOUR) return [];
  return claims.filter((one) => one.id !== volumeId.value && state.now - one.createdAt >= HOUR);
}

/** Volumes of workers and builders that their instance left behind. */
function abandoned(state: State, settings: RotationSettings): Volume[] {
  return state.volumes.filter(
    (one) =>
      (bears(one.tags, ROLES.worker, settings) || bears(one.tags, ROLES.builder, settings)) &&
      one.state === "available" &&
      state.now - one.createdAt >= HOUR,
  );
}

/** Instances that build this cache. */
export function buildersOf(state: State, settings: RotationSettings): Instance[] {
  return state.instances.filter((one) => bears(one.tags, ROLES.builder, settings));
}

export const hasEnded = (instance: Instance) => ENDED.includes(instance.state);

export interface Sweep {
  readonly actions: readonly Action[];
  readonly failedBuilds: number;
  readonly rivals: readonly string[];
  readonly orphans: number;
}

export function planSweep(state: State, settings: RotationSettings): Sweep {
  const builders = buildersOf(state, settings);
  const overdue = builders.filter((one) => isOverdue(one, state, settings));
  const reason = `builder older than its watchdog of ${settings.watchdogMinutes} minutes`;
  return {
    actions: overdue.map(({ id }) => ({ kind: "terminate-builder", instanceId: id, reason })),
    failedBuilds: builders.filter(hasFailed).length,
    rivals: rivals(state, settings).map((one) => one.id),
    orphans: overdue.length + abandoned(state, settings).length,
  };
}
