/** The order of a promotion, on which R9 rests: everything that promotes or demotes goes through here. */
import { POINTER_NONE } from "../../../lib/contract";
import type { Action, State } from "../types";
import { type Judged, longestOf, servedKey } from "./judge";
import { planTemplates } from "./templates";

/**
 * Before other content is promoted, the pointer names for a moment the copy of the present content that lasts longest. A rollback
 * finds by the pointer's history what was served. The copy that was promoted is the oldest of its kind, and DLM deletes it first: once
 * it is gone, nothing else would say that its content was served.
 */
function remember(target: Judged, judged: readonly Judged[], state: State): Action[] {
  const current = judged.find((one) => one.snapshot.id === state.pointer.value);
  if (!current?.holdable || current.expiresAt === null || servedKey(current) === servedKey(target)) return [];
  const longest = longestOf(judged, servedKey(current));
  if (!longest || longest.expiresAt === current.expiresAt) return [];
  const reason = `of what ${current.snapshot.id} served, this lasts longest: a rollback shall find it`;
  return [{ kind: "write-pointer", value: longest.snapshot.id, reason }];
}

/**
 * Moves pointer and templates to a snapshot, or off every one. The pointer comes first when it gains a snapshot, for it names the
 * newest that a worker may run. The templates come first when it loses one, for a template that names a vanished snapshot fails
 * every launch.
 */
export function move(target: Judged | undefined, judged: readonly Judged[], state: State, reason: string): Action[] {
  const value = target?.snapshot.id ?? POINTER_NONE;
  const templates = planTemplates(state, target?.snapshot, judged);
  const pointer: Action[] = value === state.pointer.value ? [] : [{ kind: "write-pointer", value, reason }];
  return target ? [...remember(target, judged, state), ...pointer, ...templates] : [...templates, ...pointer];
}
