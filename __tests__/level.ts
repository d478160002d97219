/**
 * Which cases run: the gate's, or with ALL=1, as `scripts/test all` sets it, all there are. Cases that are left out are not registered, so no report counts
 * them as skipped.
 */
export const ALL = Boolean(process.env.ALL);

/** The gate's cases, or all of them, in the order given. */
export function cases<Case>(all: readonly Case[], isInGate: (one: Case, index: number) => boolean): readonly Case[] {
  return ALL ? all : all.filter(isInGate);
}

/** The lab's generations of Docker that are booted; `lab/setup` makes them by these names. */
export type Generation = "bookworm" | "trixie" | "forky";

/** True if machines of this generation are booted: the gate boots one, which has both image stores. */
export const isBooted = (generation: Generation) => ALL || generation === "trixie";

/** `test`, if machines of this generation are booted. */
export function testOn(generation: Generation): (...test: Parameters<typeof it>) => void {
  return isBooted(generation) ? test : () => undefined;
}

/** `test.each` of cases that the gate leaves out, all of them: jest refuses a table without any. */
export function onlyInAll<Case>(all: readonly Case[]): (name: string, run: (one: Case) => Promise<void>) => void {
  return ALL ? test.each(all) : () => undefined;
}

/** `it`, if all cases run: the gate leaves this one out. */
export const itInAll: (name: string, run: () => Promise<void>) => void = ALL ? it : () => undefined;
