/** Sweeps builders that outlived their watchdog, builds that failed, and our unneeded resources. Workers are never touched. */

import { ROLES, type RotationSettings, TAG, WATCHDOG_MINUTES } from "../../../lib/contract";
import { HOUR_MILLISECONDS, MINUTE_MILLISECONDS } from "../../../lib/time";
import { isOurs } from "../ownership";
import type { Action, Instance, State, Volume } from "../types";

const ENDED = ["shutting-down", "terminated"];

/** Minutes of a builder's own watchdog: what its template told it, or else, of a builder without such a tag, our own setting. */
function watchdogMinutes({ tags }: Instance, settings: RotationSettings): number {
  const { least, most } = WATCHDOG_MINUTES;
  const told = tags[TAG.watchdogMinutes] ?? "";
  const minutes = /^[0-9]{1,4}$/.test(told) ? Number(told) : 0;
  return minutes >= least && minutes <= most ? minutes : settings.watchdogMinutes;
}

function isOverdue(builder: Instance, state: State, settings: RotationSettings): boolean {
  const minutes = watchdogMinutes(builder, settings);
  return !hasEnded(builder) && state.now - builder.launchedAt > minutes * MINUTE_MILLISECONDS;
}

/** Builds that ended in another way than a builder says itself: `ready`, `checked` or `yielded`. */
function hasFailed(builder: Instance): boolean {
  const outcome = builder.tags[TAG.outcome];
  return hasEnded(builder) && (outcome === undefined || outcome === "failed");
}

/** Volumes that claim to be the cache beside the one that is. A replacement has an hour. */
function rivals(state: State, settings: RotationSettings): Volume[] {
  const claims = state.volumes.filter(
    (one) => isOurs(one.tags, settings, ROLES.cacheVolume) && one.state !== "deleting",
  );
  const volumeId = state.volumeId;
  if (volumeId === null) return claims.length > 1 ? claims.slice(1) : [];
  if (state.now - volumeId.writtenAt < HOUR_MILLISECONDS) return [];
  return claims.filter((one) => one.id !== volumeId.value && state.now - one.createdAt >= HOUR_MILLISECONDS);
}

/** Volumes of workers and builders that their instance left behind. */
function abandoned(state: State, settings: RotationSettings): Volume[] {
  return state.volumes.filter(
    (one) =>
      (isOurs(one.tags, settings, ROLES.worker) || isOurs(one.tags, settings, ROLES.builder)) &&
      one.state === "available" &&
      state.now - one.createdAt >= HOUR_MILLISECONDS,
  );
}

/** Instances that build this cache. */
export function buildersOf(state: State, settings: RotationSettings): Instance[] {
  return state.instances.filter((one) => isOurs(one.tags, settings, ROLES.builder));
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
  return {
    actions: overdue.map((one) => ({
      kind: "terminate-builder",
      instanceId: one.id,
      reason: `builder older than its watchdog of ${watchdogMinutes(one, settings)} minutes`,
    })),
    failedBuilds: builders.filter(hasFailed).length,
    rivals: rivals(state, settings).map((one) => one.id),
    orphans: overdue.length + abandoned(state, settings).length,
  };
}
