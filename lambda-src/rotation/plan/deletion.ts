/**
 * Deletion in two phases: a date first, the deletion when it has passed; oldest first, up to a cap. Those that EC2 refused to delete
 * come after all others, the one first that was refused longest ago: so what cannot be deleted holds nothing up.
 */

import { ROTATION_MINIMUM, type RotationSettings, TAG } from "../../../lib/contract";
import { HOUR_MILLISECONDS, MINUTE_MILLISECONDS } from "../../../lib/time";
import type { Action, Decision, State } from "../types";
import { isOurBusiness, type Judged, parseTime } from "./judge";

/** One run never deletes more than this share, in percent, though always two (R3). */
const SHARE_PERCENT = 20;

export interface Deletion {
  readonly actions: readonly Action[];
  /** Snapshots whose date has passed, those beyond the cap included, in the order in which they are to go. */
  readonly due: readonly string[];
  /** Hours since the earliest date that has passed; 0 if none has. */
  readonly overdueHours: number;
}

/**
 * Returns how many snapshots one run dates, and how many it deletes. It is the same number, so that due deletions never pile up
 * behind the cap.
 */
export function deletionCap(count: number, settings: RotationSettings): number {
  return Math.min(
    settings.maxDeletionsPerRun,
    Math.max(ROTATION_MINIMUM.maxDeletionsPerRun, Math.floor((count * SHARE_PERCENT) / 100)),
  );
}

/** ISO 8601 in UTC, to the second. */
export function isoSeconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A snapshot that nothing keeps, with the rule that removes it and the date on it; null: none that can be read. */
interface Removable {
  readonly id: string;
  readonly rule: string;
  readonly date: number | null;
  /** When EC2 last refused; 0: never. */
  readonly refusedAt: number;
}

function dateThem(undated: readonly Removable[], state: State, settings: RotationSettings): Action[] {
  if (undated.length === 0) return [];
  const deleteAfter = isoSeconds(state.now + settings.deletionGraceHours * HOUR_MILLISECONDS);
  const reason = [...new Set(undated.map((one) => one.rule))].join(", ");
  return [{ kind: "tag-delete-after", snapshotIds: undated.map((one) => one.id), deleteAfter, reason }];
}

/** After a second look, only what it was about is dated. */
function isLookedAt(id: string, { referencesOf }: State): boolean {
  return typeof referencesOf === "string" || referencesOf.includes(id);
}

/** So many of a list, in another run the next ones: one that cannot be tagged holds no other up. */
function inTurn<T>(list: readonly T[], most: number, { now }: State, { reconcileMinutes }: RotationSettings): T[] {
  const turn = Math.floor(now / (reconcileMinutes * MINUTE_MILLISECONDS));
  const first = list.length > most ? (turn * most) % list.length : 0;
  return [...list.slice(first), ...list.slice(0, first)].slice(0, most);
}

/** What nothing known keeps, without a date: what refers to it has to be read before it gets one. */
export function undatedIn(decisions: readonly Decision[], { snapshots }: State): string[] {
  const dates = new Map(snapshots.map(({ id, tags }) => [id, parseTime(tags[TAG.deleteAfter])]));
  return decisions
    .filter((one) => one.remove !== null && dates.get(one.snapshotId) === null)
    .map((one) => one.snapshotId);
}

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
  const removable = oldestFirst.flatMap(({ snapshot }): Removable[] => {
    const rule = ruleOf.get(snapshot.id);
    if (!rule) return [];
    const date = parseTime(snapshot.tags[TAG.deleteAfter]);
    return [{ id: snapshot.id, rule, date, refusedAt: parseTime(snapshot.tags[TAG.deletionRefused]) ?? 0 }];
  });
  const due = removable
    .filter((one) => one.date !== null && one.date <= state.now)
    .sort((a, b) => a.refusedAt - b.refusedAt);
  const undated = inTurn(
    removable.filter((one) => one.date === null && isLookedAt(one.id, state)),
    cap,
    state,
    settings,
  );
  const neededAgain = oldestFirst
    .filter((one) => isOurBusiness(one) && !ruleOf.get(one.snapshot.id))
    .filter((one) => one.snapshot.tags[TAG.deleteAfter] !== undefined)
    .map((one) => one.snapshot.id);
  const untag: Action = { kind: "untag-delete-after", snapshotIds: neededAgain, reason: "needed again" };
  const earliest = due.reduce((least, one) => Math.min(least, one.date as number), state.now);
  return {
    actions: [
      ...(neededAgain.length > 0 ? [untag] : []),
      ...dateThem(undated, state, settings),
      ...due.slice(0, cap).map(({ id, rule }): Action => ({ kind: "delete-snapshot", snapshotId: id, reason: rule })),
    ],
    due: due.map((one) => one.id),
    overdueHours: (state.now - earliest) / HOUR_MILLISECONDS,
  };
}
