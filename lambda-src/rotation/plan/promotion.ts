/** Choice of the snapshot that the pointer shall name. */

import { POINTER_NONE, type RotationSettings } from "../../../lib/contract";
import { HOUR_MILLISECONDS } from "../../../lib/time";
import type { FastRestore, State } from "../types";
import { endOf, type Judged, longestLived, longestOf, newestFirst, servedKey } from "./judge";

/** Longest that a candidate waits for fast restore (R13). */
const FAST_RESTORE_WAIT_MILLISECONDS = 2 * HOUR_MILLISECONDS;

export interface Promotion {
  /** undefined: none. */
  readonly target: Judged | undefined;
  /** The candidate that waits for fast restore. */
  readonly waiting: Judged | undefined;
  readonly reason: string;
}

/** Less than a third of its retention is left. */
function wearsOut(current: Judged, now: number): boolean {
  if (current.expiresAt === null) return false;
  return current.expiresAt - now < (current.expiresAt - current.snapshot.startTime) / 3;
}

/**
 * The pointer only moves on: a candidate is newer than every snapshot that it has named. Else a rollback would be followed by a
 * promotion of what lies between. Of a named snapshot that is gone, the time at which it was named counts, which is later.
 */
function thoseThatMoveOn(judged: readonly Judged[], state: State): Judged[] {
  const values = new Set([state.pointer.value, ...state.pointerHistory.map((entry) => entry.value)]);
  const there = new Set(judged.map((one) => one.snapshot.id));
  const gone = state.pointerHistory.filter((entry) => entry.value !== POINTER_NONE && !there.has(entry.value));
  const lastGone = Math.max(Number.NEGATIVE_INFINITY, ...gone.map((entry) => entry.writtenAt));
  const newestNamed = judged.findIndex((one) => values.has(one.snapshot.id));
  return judged.slice(0, newestNamed + 1).filter((one) => one.named || one.snapshot.startTime > lastGone);
}

/**
 * Returns the time up to which snapshots are out. After a rollback to nothing, it is the start of the snapshot that was left.
 * Else every snapshot is in. It was a rollback if `rejected` was written between the promotion and its end.
 */
function outUntil(judged: readonly Judged[], state: State): number {
  const [left, last] = state.pointerHistory.slice(-2);
  if (!left || !last || last.value !== POINTER_NONE || left.value === POINTER_NONE) return Number.NEGATIVE_INFINITY;
  const rolledBack = state.rejectedWrites.some(
    ({ writtenAt }) => writtenAt > left.writtenAt && writtenAt <= last.writtenAt,
  );
  if (state.rejected.length === 0 || !rolledBack) return Number.NEGATIVE_INFINITY;
  return judged.find((one) => one.snapshot.id === left.value)?.snapshot.startTime ?? left.writtenAt;
}

function zonesOf(snapshotId: string, state: State, settings: RotationSettings): FastRestore[] {
  return state.fastRestores.filter(
    (one) => one.snapshotId === snapshotId && settings.fastRestoreZones.includes(one.zone),
  );
}

/**
 * True if fast restore is on in every zone, or has been waited for long enough. The time runs from completion, not from when
 * restore was switched on. Two runs that see one or the other then decide alike, and a quota that refuses it holds nothing up.
 */
function hasWaited({ snapshot }: Judged, state: State, settings: RotationSettings): boolean {
  const zones = zonesOf(snapshot.id, state, settings);
  const enabled = new Set(zones.filter((one) => one.state === "enabled").map((one) => one.zone));
  if (settings.fastRestoreZones.every((zone) => enabled.has(zone))) return true;
  return state.now - (snapshot.completionTime ?? snapshot.startTime) >= FAST_RESTORE_WAIT_MILLISECONDS;
}

/** The candidate that is waiting already, which nothing displaces; else the newest. */
function firstInLine(candidates: readonly Judged[], state: State, settings: RotationSettings): Judged | undefined {
  const waiting = candidates.filter((one) => zonesOf(one.snapshot.id, state, settings).length > 0);
  return waiting.at(-1) ?? candidates[0];
}

/**
 * Of a copy whose time is over, another copy of the same content. Else the newest that can be promoted; if none has life enough for
 * that, the one that lasts longest. Else the copy itself, if nothing but our reckoning says that its time is over: it is still there.
 */
function inPlaceOf(current: Judged | undefined, judged: readonly Judged[]): Judged | undefined {
  const over = current?.servable && (current.origin === "proven" || current.named) ? current : undefined;
  const same = over && longestOf(judged, servedKey(over));
  const rest = judged.find((one) => one.promotable) ?? longestLived(judged.filter((one) => one.holdable));
  return same ?? rest ?? (over?.reckoned ? over : undefined);
}

function replaceLost(judged: readonly Judged[], state: State): Promotion {
  const before = state.pointer.value;
  const earliest = outUntil(judged, state);
  const current = judged.find((one) => one.snapshot.id === before);
  const target = inPlaceOf(
    current,
    judged.filter((one) => one.snapshot.startTime > earliest),
  );
  const why = before === POINTER_NONE ? "nothing is promoted" : `${before} is gone or can no longer serve`;
  const then = target ? `this is the newest that can be promoted` : "and nothing else can be promoted";
  return { target, waiting: undefined, reason: `${why}; ${then}` };
}

/** Returns the snapshot of the same content that takes the place of one that wears out. */
function heirOf(current: Judged, judged: readonly Judged[], now: number): Judged | undefined {
  if (!wearsOut(current, now)) return undefined;
  const same = judged.filter((one) => one.promotable && servedKey(one) === servedKey(current));
  return longestLived(same.filter((one) => endOf(one) > endOf(current)));
}

/** Decides; `judged` is newest first. */
export function decidePromotion(judged: readonly Judged[], state: State, settings: RotationSettings): Promotion {
  const current = judged.find((one) => one.snapshot.id === state.pointer.value);
  if (!current?.holdable) return replaceLost(judged, state);
  const stay = (reason: string, waiting?: Judged): Promotion => ({ target: current, waiting, reason });
  if (current.pinned) return stay("pinned: stays until unpinned");
  const newer = thoseThatMoveOn(judged, state).filter((one) => one.promotable && newestFirst(one, current) < 0);
  const first = firstInLine(newer, state, settings);
  const equal = !first || (first.content !== undefined && first.content === current.content);
  const candidate = equal ? heirOf(current, judged, state.now) : first;
  if (!candidate)
    return stay(first ? `${first.snapshot.id} holds the same content` : "the newest that can be promoted");
  if (!hasWaited(candidate, state, settings))
    return stay(`${candidate.snapshot.id} waits for fast snapshot restore`, candidate);
  const reason = equal
    ? `same content as ${current.snapshot.id}, of whose retention less than a third is left`
    : `newer than ${current.snapshot.id}`;
  return { target: candidate, waiting: undefined, reason };
}
