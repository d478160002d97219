/** Deletion in two phases: a date first, the deletion when it has passed; oldest first, up to a cap. */
import { type RotationSettings, TAG } from "../../lib/contract";
import { type Judged, parseTime } from "./plan-judge";
import type { Action, Decision, State } from "./types";

/** No run deletes more than this, so that it ends within the function's time-out whatever has piled up. */
export const DELETIONS_MAXIMUM = 20;

export interface Deletion {
  readonly actions: readonly Action[];
  /** Snapshots whose date has passed, those beyond the cap included. */
  readonly due: readonly string[];
  /** Hours since the earliest date that has passed; 0 where none has. */
  readonly overdueHours: number;
}

/** At most 20 percent (a setting), but two at least. */
export function deletionCap(count: number, settings: RotationSettings): number {
  return Math.min(DELETIONS_MAXIMUM, Math.max(2, Math.floor((count * settings.maxDeletionsPercent) / 100)));
}

/** ISO 8601 in UTC, to the second. */
function isoSeconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

const isOurBusiness = (one: Judged) => one.origin !== "foreign" && one.origin !== "unproven";
const deleteAfter = (one: Judged) => parseTime(one.snapshot.tags[TAG.deleteAfter]);

/** `decisions` belong to `judged` one by one; `judged` is newest first. */
export function planDeletion(
  judged: readonly Judged[],
  decisions: readonly Decision[],
  state: State,
  settings: RotationSettings,
): Deletion {
  const ruleOf = new Map(decisions.map((one) => [one.snapshotId, one.remove]));
  const cap = deletionCap(judged.filter(isOurBusiness).length, settings);
  const oldestFirst = [...judged].reverse();
  const removable = oldestFirst.filter((one) => ruleOf.get(one.snapshot.id) !== null);
  const isDue = (one: Judged) => (deleteAfter(one) ?? Number.POSITIVE_INFINITY) <= state.now;
  const due = removable.filter(isDue);
  const undated = removable.filter((one) => deleteAfter(one) === null).slice(0, cap);
  const neededAgain = oldestFirst.filter(
    (one) =>
      ruleOf.get(one.snapshot.id) === null && one.snapshot.tags[TAG.deleteAfter] !== undefined && isOurBusiness(one),
  );
  const ids = (list: readonly Judged[]) => list.map((one) => one.snapshot.id);
  const actions: Action[] = [];
  if (neededAgain.length > 0)
    actions.push({ kind: "untag-delete-after", snapshotIds: ids(neededAgain), reason: "needed again" });
  if (undated.length > 0) {
    const date = isoSeconds(state.now + settings.deletionGraceHours * 3_600_000);
    const rules = [...new Set(undated.map((one) => ruleOf.get(one.snapshot.id)))].join(", ");
    actions.push({ kind: "tag-delete-after", snapshotIds: ids(undated), deleteAfter: date, reason: rules });
  }
  for (const one of due.slice(0, cap))
    actions.push({ kind: "delete-snapshot", snapshotId: one.snapshot.id, reason: ruleOf.get(one.snapshot.id) ?? "" });
  const earliest = Math.min(state.now, ...due.map((one) => deleteAfter(one) ?? state.now));
  return { actions, due: ids(due), overdueHours: (state.now - earliest) / 3_600_000 };
}
