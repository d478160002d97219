/** One run: read, plan, apply; deletions last and only after everything was read and planned a second time. */
import type { RotationSettings } from "../../lib/contract";
import { type Applied, applyActions } from "./apply";
import { plan } from "./plan";
import type { Ports } from "./ports";
import { readState } from "./read";
import type { Action, Plan } from "./types";

export interface Run {
  readonly plan: Plan;
  readonly applied: readonly Applied[];
}

type Deletion = Extract<Action, { kind: "delete-snapshot" }>;
const isDeletion = (action: Action): action is Deletion => action.kind === "delete-snapshot";

/**
 * The recheck immediately before the deletion: a whole second reading, with the shares of what is due. Deleted is what both plans
 * delete; a snapshot that turned out to be needed loses its date.
 */
async function applyDeletions(due: readonly Deletion[], ports: Ports, settings: RotationSettings): Promise<Applied[]> {
  const ids = due.map((action) => action.snapshotId);
  const again = plan(await readState(ports, settings, { sharesOf: ids }), settings);
  const actions = again.actions.filter(
    (action) =>
      action.kind === "untag-delete-after" || (action.kind === "delete-snapshot" && ids.includes(action.snapshotId)),
  );
  return applyActions(actions, ports, settings);
}

export async function reconcile(ports: Ports, settings: RotationSettings): Promise<Run> {
  const first = plan(await readState(ports, settings), settings);
  const applied = await applyActions(
    first.actions.filter((action) => !isDeletion(action)),
    ports,
    settings,
  );
  const due = first.actions.filter(isDeletion);
  if (due.length === 0) return { plan: first, applied };
  return { plan: first, applied: [...applied, ...(await applyDeletions(due, ports, settings))] };
}
