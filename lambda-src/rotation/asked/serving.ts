/** What regions serve, and from which content a rollback goes. */
import { POINTER_NONE, parseRejected, TAG } from "../../../lib/contract";
import { type Judged, servedKey } from "../plan/judge";
import type { ParameterWrite, State } from "../types";
import { find } from "./answer";

/** What one region serves. */
export interface Serving {
  /** Content that is served, or the snapshot's id if it does not say its content; null: nothing. */
  readonly key: string | null;
  /** Content that was left by a rollback after which nothing else was promoted; null: no rollback stands. */
  readonly rolledBackFrom: string | null;
}

/** Contents that writes of `rejected` added after one moment and up to another. */
function rejectedBetween(writes: readonly ParameterWrite[], after: number, until: number): string[] {
  return writes.flatMap((write, index) => {
    if (write.writtenAt <= after || write.writtenAt > until) return [];
    const before = parseRejected(writes[index - 1]?.value);
    return parseRejected(write.value).filter((content) => !before.includes(content));
  });
}

/**
 * Returns the content from which the present one was rolled back to. A rollback writes `rejected` before the pointer, so that a content
 * was rejected while it was served. It also goes back: what is served now is older than what was left, or had been served before it.
 * Looking back, what is known to be of other content and was not rejected then ends the search: something was promoted. A snapshot
 * that is gone does not, since nothing says what it was: it may have been a copy of the present content.
 */
function rolledBackFrom(judged: readonly Judged[], state: State): string | null {
  const history = state.pointerHistory;
  const keyAt = (index: number) => {
    const found = find(judged, (history[index] as ParameterWrite).value);
    return found ? servedKey(found) : null;
  };
  const present = find(judged, state.pointer.value);
  const last = history.length - 1;
  const wentBack = (index: number) =>
    !present ||
    present.snapshot.startTime < startOf(judged, history[index] as ParameterWrite) ||
    history.slice(0, index).some((_, before) => keyAt(before) === servedKey(present));
  for (let index = last - 1; index >= 0; index--) {
    const [left, next] = [history[index] as ParameterWrite, history[index + 1] as ParameterWrite];
    const key = keyAt(index);
    if (left.value === POINTER_NONE) {
      if (state.pointer.value === POINTER_NONE) continue;
      return null;
    }
    if (present && key === servedKey(present)) continue;
    const rejected = rejectedBetween(state.rejectedWrites, left.writtenAt, next.writtenAt);
    const from =
      key === null ? rejected.at(-1) : [key].find((one) => rejected.includes(one) || isTaggedAlone(judged, left));
    if (from !== undefined && wentBack(index)) return from;
    if (key !== null) return null;
  }
  return null;
}

/** When a snapshot was taken; of one that is gone, when it was promoted, which is later. */
function startOf(judged: readonly Judged[], { value, writtenAt }: ParameterWrite): number {
  return find(judged, value)?.snapshot.startTime ?? writtenAt;
}

/** It does not say its content, and was tagged as rejected: nothing else can say so of it. */
function isTaggedAlone(judged: readonly Judged[], { value }: ParameterWrite): boolean {
  const found = find(judged, value);
  return found?.content === undefined && found?.snapshot.tags[TAG.state] === "rejected";
}

export function servingOf(judged: readonly Judged[], state: State): Serving {
  const promoted = find(judged, state.pointer.value);
  return { key: promoted ? servedKey(promoted) : null, rolledBackFrom: rolledBackFrom(judged, state) };
}

/** Content that each region rolls back from, in their order; or null: that cannot be told without being named. */
export type Origin = readonly (string | null)[] | null;

/**
 * Chooses what a rollback goes from that does not say it. A rollback that stands is completed: regions that it has not reached
 * follow, and no region goes back twice. Regions that serve different contents could be meant to leave any of them.
 */
export function chooseOrigin(regions: readonly Serving[]): Origin {
  const standing = regions.filter((one) => one.rolledBackFrom !== null);
  const reached = new Set(standing.map((one) => one.key));
  const open = regions.filter((one) => one.rolledBackFrom === null && one.key !== null && !reached.has(one.key));
  const keys = [...new Set(open.map((one) => one.key))];
  const [first = null] = [...keys, ...standing.map((one) => one.rolledBackFrom)];
  const one = keys.length === 1 && standing.every(({ rolledBackFrom }) => rolledBackFrom === first);
  if (keys.length > 0 && !one) return null;
  return regions.map(({ rolledBackFrom }) => rolledBackFrom ?? first);
}
