/** One run: read, plan, apply; deletions last, and only after a second look at what is due. */
import type { RotationSettings } from "../../lib/contract";
import { type Applied, applyActions } from "./apply/apply";
import { plan } from "./plan/plan";
import type { Ports } from "./ports";
import { readState } from "./read/read";
import { recheck } from "./read/recheck";
import type { Action, Plan, State } from "./types";

export interface Run {
  readonly plan: Plan;
  readonly applied: readonly Applied[];
}

type Deletion = Extract<Action, { kind: "delete-snapshot" }>;
const isDeletion = (action: Action): action is Deletion => action.kind === "delete-snapshot";

/** Deletes what is still to be deleted when everything about it was read again; a snapshot that is needed loses its date. */
async function applyDeletions(
  due: readonly Deletion[],
  state: State,
  ports: Ports,
  settings: RotationSettings,
): Promise<Applied[]> {
  const ids = due.map((action) => action.snapshotId);
  const again = plan(await recheck(state, ids, ports, settings), settings);
  const actions = again.actions.flatMap((action): Action[] => {
    if (isDeletion(action)) return ids.includes(action.snapshotId) ? [action] : [];
    if (action.kind !== "untag-delete-after") return [];
    const needed = action.snapshotIds.filter((id) => ids.includes(id));
    return needed.length > 0 ? [{ ...action, snapshotIds: needed }] : [];
  });
  return applyActions(actions, ports, settings);
}

/** A run that moves the pointer deletes nothing: promotion first, and what is due has time until the next run. */
export async function reconcile(ports: Ports, settings: RotationSettings): Promise<Run> {
  const state = await readState(ports, settings);
  const made = plan(state, settings);
  const others = made.actions.filter((action) => !isDeletion(action));
  const applied = await applyActions(others, ports, settings);
  const due = made.actions.filter(isDeletion);
  const moves = others.some((action) => action.kind === "write-pointer");
  if (due.length === 0 || moves) return { plan: made, applied };
  return { plan: made, applied: [...applied, ...(await applyDeletions(due, state, ports, settings))] };
}
