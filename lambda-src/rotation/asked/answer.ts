/** What planning on a person's behalf has in common. */
import { POINTER_NONE } from "../../../lib/contract";
import type { Judged } from "../plan/judge";
import { planTemplates } from "../plan/templates";
import type { Action, State } from "../types";

/** Actions, or why there are none. */
export type Answer =
  | { readonly refused: null; readonly target: string; readonly actions: readonly Action[] }
  | { readonly refused: string };

/** Pointer and templates moved to a snapshot, or taken off every one. */
export function move(target: Judged | undefined, state: State, reason: string): Action[] {
  const value = target?.snapshot.id ?? POINTER_NONE;
  const templates = planTemplates(state.launchTemplates, target?.snapshot);
  const pointer: Action[] = value === state.pointer.value ? [] : [{ kind: "write-pointer", value, reason }];
  return target ? [...pointer, ...templates] : [...templates, ...pointer];
}

export function find(judged: readonly Judged[], id: string): Judged | undefined {
  return judged.find((one) => one.snapshot.id === id);
}
