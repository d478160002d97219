/** Parts that all planning on a person's behalf shares. */
import type { Judged } from "../plan/judge";
import type { Action } from "../types";

/** Actions, or why there are none. */
export type Answer =
  | {
      readonly refused: null;
      /** Snapshot that the pointer names in the end. */
      readonly target: string;
      readonly actions: readonly Action[];
      /** What the person may not expect. */
      readonly note?: string;
    }
  | { readonly refused: string };

/** Finds a snapshot of the cache by its id. */
export function find(judged: readonly Judged[], id: string): Judged | undefined {
  return judged.find((one) => one.snapshot.id === id);
}
