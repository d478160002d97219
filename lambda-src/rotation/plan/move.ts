/** The order of a promotion, on which R9 rests: everything that promotes or demotes goes through here. */
import { POINTER_NONE } from "../../../lib/contract";
import type { Action, State } from "../types";
import type { Judged } from "./judge";
import { planTemplates } from "./templates";

/**
 * Moves pointer and templates to a snapshot, or off every one. The pointer comes first when it gains a snapshot, for it names the
 * newest that a worker may run. The templates come first when it loses one, for a template that names a vanished snapshot fails
 * every launch.
 */
export function move(target: Judged | undefined, state: State, reason: string): Action[] {
  const value = target?.snapshot.id ?? POINTER_NONE;
  const templates = planTemplates(state.launchTemplates, target?.snapshot);
  const pointer: Action[] = value === state.pointer.value ? [] : [{ kind: "write-pointer", value, reason }];
  return target ? [...pointer, ...templates] : [...templates, ...pointer];
}
