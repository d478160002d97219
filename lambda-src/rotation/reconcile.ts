/** One run: read, plan, apply; what removes something last, and only after a second look at it. */
import type { RotationSettings } from "../../lib/contract";
import { DAY_MILLISECONDS, MINUTE_MILLISECONDS } from "../../lib/time";
import { type Applied, applyActions } from "./apply/apply";
import { isoSeconds, undatedIn } from "./plan/deletion";
import { plan } from "./plan/plan";
import { FILTER_VALUES, type Ports } from "./ports";
import { readState } from "./read/read";
import { type Removal, recheck } from "./read/recheck";
import type { Action, ActionKind, Plan, State } from "./types";

export interface Run {
  readonly plan: Plan;
  readonly applied: readonly Applied[];
}

/** Actions before which a second look is taken. */
const REMOVING: readonly ActionKind[] = ["prune-versions", "tag-delete-after", "delete-snapshot"];
const removes = ({ kind }: Action) => REMOVING.includes(kind);

/** A day's first run in a region that copies: it tells what DLM will delete though somebody needs it. */
function looksAhead({ now }: State, { copyFrom, reconcileMinutes }: RotationSettings): boolean {
  return copyFrom !== null && now % DAY_MILLISECONDS < reconcileMinutes * MINUTE_MILLISECONDS;
}

/** What the second look is about; undefined: none is needed. Snapshots beyond those that a filter takes come in later runs. */
function removalOf(
  made: Plan,
  planned: readonly Action[],
  state: State,
  settings: RotationSettings,
): Removal | undefined {
  const ahead = looksAhead(state, settings);
  if (planned.length === 0 && !ahead) return undefined;
  const deleted = planned.flatMap((action) => (action.kind === "delete-snapshot" ? [action.snapshotId] : []));
  const undated = undatedIn(made.decisions, state);
  const all = new Set([...deleted, ...undated, ...(ahead ? state.snapshots.map((one) => one.id) : [])]);
  return { snapshotIds: [...all].slice(0, FILTER_VALUES), deleted };
}

/** What is still to be removed once everything about it was read; what is needed after all loses its date. */
function stillRemoved(again: Plan, { snapshotIds, deleted }: Removal): Action[] {
  const some = <T extends Extract<Action, { snapshotIds: unknown }>>(action: T, among: readonly string[]): T[] => {
    const left = action.snapshotIds.filter((id) => among.includes(id));
    return left.length > 0 ? [{ ...action, snapshotIds: left }] : [];
  };
  const dated = snapshotIds.filter((id) => !deleted.includes(id));
  return again.actions.flatMap((action): Action[] => {
    if (action.kind === "prune-versions") return [action];
    if (action.kind === "delete-snapshot") return deleted.includes(action.snapshotId) ? [action] : [];
    if (action.kind === "tag-delete-after") return some(action, dated);
    return action.kind === "untag-delete-after" ? some(action, deleted) : [];
  });
}

/** Notes which deletions EC2 refused, so that they hold nothing up the next time. */
async function noteRefused(applied: readonly Applied[], ports: Ports, settings: RotationSettings): Promise<Applied[]> {
  const snapshotIds = applied.flatMap(({ action, failure }) =>
    action.kind === "delete-snapshot" && failure !== undefined ? [action.snapshotId] : [],
  );
  if (snapshotIds.length === 0) return [];
  const refusedAt = isoSeconds(ports.now());
  const reason = "EC2 refused to delete it: what it did not refuse goes first";
  return applyActions([{ kind: "tag-deletion-refused", snapshotIds, refusedAt, reason }], ports, settings);
}

async function applyRemovals(
  removal: Removal,
  state: State,
  ports: Ports,
  settings: RotationSettings,
): Promise<{ readonly looked: Plan; readonly applied: readonly Applied[] }> {
  const looked = plan(await recheck(state, removal, ports, settings), settings);
  const applied = await applyActions(stillRemoved(looked, removal), ports, settings);
  return { looked, applied: [...applied, ...(await noteRefused(applied, ports, settings))] };
}

/**
 * A run that moves the pointer deletes nothing: promotion first, and what is due has time until the next run. What others refer to is
 * read only if something is to be removed: a run in which nothing is costs the same, whatever else the region holds.
 */
export async function reconcile(ports: Ports, settings: RotationSettings): Promise<Run> {
  const state = await readState(ports, settings);
  const made = plan(state, settings);
  const applied = await applyActions(
    made.actions.filter((action) => !removes(action)),
    ports,
    settings,
  );
  const moves = applied.some(({ action }) => action.kind === "write-pointer");
  const removals = made.actions.filter((action) => removes(action) && !(moves && action.kind === "delete-snapshot"));
  const removal = removalOf(made, removals, state, settings);
  if (removal === undefined) return { plan: made, applied };
  const { looked, applied: removed } = await applyRemovals(removal, state, ports, settings);
  const { expiringReferences } = looked.figures;
  const figures = { ...made.figures, expiringReferences };
  return {
    plan: { ...made, figures, notes: [...new Set([...made.notes, ...looked.notes])] },
    applied: [...applied, ...removed],
  };
}
