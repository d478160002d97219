/** Steps and level that `scripts/test` is asked to run. */
import { LEVELS, type Level, STEPS, type Step } from "./steps";

export interface Wish {
  readonly level: Level;
  readonly steps: readonly Step[];
  /** Handed to jest as they are, in the steps that run it. */
  readonly jestOptions: readonly string[];
}

const rank = (level: Level) => LEVELS.indexOf(level);
const isLevel = (word: string | undefined): word is Level => word === "fast" || word === "all";

/**
 * Reads `[fast | all] [STEP…] [-- OPTION…]`. Steps that are named bring those that they come after; without a level they run as in the gate.
 *
 * @returns what to run, or what is wrong, in one line
 */
export function parseWish(argv: readonly string[]): Wish | { readonly wrong: string } {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const jestOptions = end < 0 ? [] : argv.slice(end + 1);
  const level: Level = isLevel(words[0]) ? words[0] : "gate";
  const names = isLevel(words[0]) ? words.slice(1) : words;
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = STEPS.map((step) => step.name).join(", ");
    return { wrong: `no step ${unknown.join(", ")}: there are the levels fast and all, and the steps ${known}` };
  }
  if (names.length === 0) return { level, jestOptions, steps: STEPS.filter(({ from }) => rank(from) <= rank(level)) };
  const wanted = new Set(names);
  // A step stands behind those that it comes after.
  for (const { name, after = [] } of [...STEPS].reverse())
    if (wanted.has(name)) for (const one of after) wanted.add(one);
  return { level, jestOptions, steps: STEPS.filter(({ name }) => wanted.has(name)) };
}
