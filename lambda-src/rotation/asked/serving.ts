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
 * Returns the content from which the present one was rolled back to. A rollback writes `rejected` before the pointer: so a content
 * was rejected while it was served, and then the pointer moved. If the snapshot that was left is gone, what came after it must be
 * older than its promotion: a promotion goes on to newer ones.
 */
function rolledBackFrom(judged: readonly Judged[], state: State): string | null {
  const history = state.pointerHistory;
  const keyOf = ({ value }: ParameterWrite) => {
    const found = find(judged, value);
    return found ? servedKey(found) : value;
  };
  const present = history.at(-1);
  if (!present) return null;
  const leftAt = history.findLastIndex((one) => keyOf(one) !== keyOf(present));
  const [left, next] = [history[leftAt], history[leftAt + 1]];
  if (!left || !next || left.value === POINTER_NONE) return null;
  const rejected = rejectedBetween(state.rejectedWrites, left.writtenAt, next.writtenAt);
  const found = find(judged, left.value);
  if (found) {
    const tagged = found.content === undefined && found.snapshot.tags[TAG.state] === "rejected";
    return tagged || rejected.includes(servedKey(found)) ? servedKey(found) : null;
  }
  const target = find(judged, present.value);
  return !target || target.snapshot.startTime < left.writtenAt ? (rejected.at(-1) ?? null) : null;
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
