/** Rolling back: what a person asks for, as the same kind of actions that rotation takes by itself. */
import { POINTER_NONE, REJECTED_MAXIMUM, type RotationSettings, TAG } from "../../../lib/contract";
import { judge, predecessorOf } from "../plan/judge";
import { move } from "../plan/move";
import { assertPolicy } from "../settings";
import type { Action, State } from "../types";
import { type Answer, find } from "./answer";

/** Returns the content of what the pointer names, or undefined if it names nothing, or nothing that says its content. */
export function promotedContent(state: State, settings: RotationSettings): string | undefined {
  return find(judge(state, settings), state.pointer.value)?.content;
}

export interface RollbackOptions {
  /** Contents to reject besides the promoted one: what other regions roll back from. */
  readonly contents?: readonly string[];
  /** Go to no snapshot at all if there is nothing to go back to. */
  readonly toNone?: boolean;
}

function rejection(contents: readonly string[], state: State): Action[] {
  const added = contents.filter((content) => !state.rejected.includes(content));
  if (added.length === 0) return [];
  const all = [...new Set([...added, ...state.rejected])].slice(0, REJECTED_MAXIMUM);
  return [{ kind: "write-rejected", contents: all, reason: "never built nor promoted again" }];
}

/**
 * From the promoted snapshot to the newest promotable one of other content that the pointer has named. `rejected` comes first: from then
 * on nothing promotes this content again, whatever else fails. A region whose promoted content is not among `contents` only records them.
 */
export function planRollback(state: State, given: RotationSettings, options: RollbackOptions): Answer {
  const settings = assertPolicy(given);
  const judged = judge(state, settings);
  const promoted = find(judged, state.pointer.value);
  const { contents = promoted?.content === undefined ? [] : [promoted.content] } = options;
  const record = rejection(contents, state);
  if (!promoted && options.contents === undefined)
    return { refused: `nothing is promoted in ${state.region}: there is nothing to roll back from` };
  if (!promoted || (options.contents && !contents.includes(promoted.content ?? "")))
    return { refused: null, target: state.pointer.value, actions: record };
  const others = judged.filter((one) => one.content === undefined || !contents.includes(one.content));
  const target = predecessorOf(others, promoted);
  if (!target && !options.toNone) {
    const why = `no other healthy snapshot that was promoted before is left in ${state.region}`;
    return { refused: `${why}; with --to-none, workers start without a cache until the next build` };
  }
  const volumes = state.volumes.filter(
    (one) =>
      settings.copyFrom === null && one.id === state.volumeId?.value && one.tags[TAG.content] === promoted.content,
  );
  const left = promoted.snapshot.id;
  const resourceIds = [left, ...volumes.map((one) => one.id)];
  const actions: Action[] = [...record, { kind: "tag-rejected", resourceIds, reason: "rolled back from" }];
  if (promoted.pinned) actions.push({ kind: "unpin", snapshotId: left, reason: "rolled back from" });
  actions.push(...move(target, state, `rolled back from ${left}`));
  return { refused: null, target: target?.snapshot.id ?? POINTER_NONE, actions };
}
