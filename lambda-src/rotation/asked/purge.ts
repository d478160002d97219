/** Removing what a cache left in a region, before its stacks are destroyed. */
import { type RotationSettings, TAG } from "../../../lib/contract";
import { type Judged, judge } from "../plan/judge";
import { move } from "../plan/move";
import { buildersOf, hasEnded } from "../plan/sweep";
import type { Action, Reference, State } from "../types";

export interface Purge {
  readonly actions: readonly Action[];
  /** Snapshots that stay, with the reason: what is not ours, and what something else needs. */
  readonly left: readonly { readonly snapshotId: string; readonly why: string }[];
}

const REASON = "purge";

/** False if this very purge takes the snapshot out of a template's version: `$Latest` and `$Default` of our templates. */
function outlivesPurge({ version }: Reference, state: State): boolean {
  if (!version) return true;
  const ours = state.launchTemplates.some((one) => one.id === version.templateId);
  const pinned = state.pinnedVersions.some(
    (one) => one.templateId === version.templateId && one.version === version.version,
  );
  return !ours || pinned;
}

function obstacles(one: Judged, state: State): string[] {
  const id = one.snapshot.id;
  const needed = state.references.filter((reference) => reference.snapshotId === id && outlivesPurge(reference, state));
  return [
    ...(one.origin === "foreign" ? ["foreign: nothing proves that it is of this cache"] : []),
    ...needed.map((reference) => `referred to by ${reference.by}`),
  ];
}

/**
 * Builders go first, so that nothing new appears. Then snapshots that are ready are marked rejected, so that no run in between
 * promotes them. Then templates and pointer let go of the snapshot; the deletions come last. DLM's snapshots and copies bear our
 * tags and go too.
 */
export function planPurge(state: State, settings: RotationSettings): Purge {
  const judged = judge(state, settings);
  const left = judged.flatMap((one) => {
    const why = obstacles(one, state);
    return why.length === 0 ? [] : [{ snapshotId: one.snapshot.id, why: why.join("; ") }];
  });
  const staying = new Set(left.map(({ snapshotId }) => snapshotId));
  const going = judged.filter((one) => !staying.has(one.snapshot.id)).reverse();
  const builders = buildersOf(state, settings).filter((one) => !hasEnded(one));
  const actions: Action[] = builders.map(({ id }) => ({ kind: "terminate-builder", instanceId: id, reason: REASON }));
  const promotable = going.filter((one) => one.snapshot.tags[TAG.state] === "ready").map((one) => one.snapshot.id);
  if (promotable.length > 0)
    actions.push({ kind: "tag-rejected", resourceIds: promotable, reason: "so that nothing promotes it meanwhile" });
  actions.push(...move(undefined, judged, state, REASON));
  for (const { snapshot } of judged) {
    const zones = state.fastRestores.filter((one) => one.snapshotId === snapshot.id).map((one) => one.zone);
    if (zones.length > 0)
      actions.push({ kind: "disable-fast-restore", snapshotId: snapshot.id, zones, reason: REASON });
  }
  for (const { snapshot } of going) actions.push({ kind: "delete-snapshot", snapshotId: snapshot.id, reason: REASON });
  return { actions, left };
}
