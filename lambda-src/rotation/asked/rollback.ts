/** Rolling back: what a person asks for, as the same kind of actions that rotation takes by itself. */
import { POINTER_NONE, REJECTED_MAXIMUM, type RotationSettings, TAG } from "../../../lib/contract";
import { type Judged, judge, predecessorOf, servedKey } from "../plan/judge";
import { move } from "../plan/move";
import { assertPolicy } from "../settings";
import type { Action, State } from "../types";
import { type Answer, find } from "./answer";
import { servingOf } from "./serving";

export interface RollbackOptions {
  /** Content to leave for good, or the id of a snapshot that does not say its content. */
  readonly from: string;
  /** Go to no snapshot at all if there is nothing to go back to. */
  readonly toNone?: boolean;
}

function rejection(content: string, state: State): Action[] {
  if (state.rejected.includes(content)) return [];
  const all = [content, ...state.rejected].slice(0, REJECTED_MAXIMUM);
  return [{ kind: "write-rejected", contents: all, reason: "never built nor promoted again" }];
}

/** The snapshot of this content that the pointer named last. */
function lastServed(judged: readonly Judged[], from: string, state: State): Judged | undefined {
  const served = [...state.pointerHistory].reverse().map(({ value }) => find(judged, value));
  return served.find((one) => one !== undefined && servedKey(one) === from);
}

/** Tags the snapshot that is left, and the cache volume it came from, unless they are tagged; takes off its pin. */
function mark(left: Judged, state: State, settings: RotationSettings): Action[] {
  const { snapshot, content, pinned } = left;
  const volumes = state.volumes.filter(
    (one) => settings.copyFrom === null && one.id === state.volumeId?.value && one.tags[TAG.content] === content,
  );
  const resourceIds = [snapshot, ...volumes].filter((one) => one.tags[TAG.state] !== "rejected").map((one) => one.id);
  return [
    ...(resourceIds.length > 0 ? [{ kind: "tag-rejected", resourceIds, reason: "rolled back from" } as const] : []),
    ...(pinned ? [{ kind: "unpin", snapshotId: snapshot.id, reason: "rolled back from" } as const] : []),
  ];
}

/**
 * From a content to the predecessor (`predecessorOf`). `rejected` comes first: from then on nothing promotes this content again,
 * whatever else fails. A region that serves something else only records it. One that was rolled back from it already is brought to
 * the end of that: said twice, a rollback goes back once. One with nothing to go back to refuses, and nothing is written there.
 */
export function planRollback(state: State, given: RotationSettings, { from, toNone = false }: RollbackOptions): Answer {
  const settings = assertPolicy(given);
  const judged = judge(state, settings);
  const serving = servingOf(judged, state);
  const left = lastServed(judged, from, state);
  const record = left && left.content === undefined ? [] : rejection(from, state);
  if (serving.key !== from && serving.rolledBackFrom !== from)
    return { refused: null, target: state.pointer.value, actions: record };
  // Of what is left nothing is served any more, not even for a moment.
  const others = judged.filter((one) => servedKey(one) !== from);
  const target = serving.key === from ? predecessorOf(others, from, state) : find(others, state.pointer.value);
  if (serving.key === from && !target && !toNone)
    return { refused: `no other healthy snapshot that was served before is left in ${state.region}` };
  const marked = left ? mark(left, state, settings) : [];
  const moved = move(target, others, state, `rolled back from ${left?.snapshot.id ?? from}`);
  return { refused: null, target: target?.snapshot.id ?? POINTER_NONE, actions: [...record, ...marked, ...moved] };
}
