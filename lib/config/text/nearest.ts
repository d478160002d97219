/** Words that were meant. */
import { distance } from "fastest-levenshtein";

/** Shorter words are in too many others. */
const TELLING = 3;

/**
 * Returns the known word that a wrong one most likely stands for, or undefined if none is near. It is a slip of the pen, or else
 * lacks a part, e.g. its unit.
 */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  const nearestFirst = [...known].sort((a, b) => distance(word, a) - distance(word, b));
  const best = nearestFirst[0];
  if (best === undefined) return undefined;
  if (distance(word, best) <= Math.max(2, Math.floor(best.length / 3))) return best;
  return nearestFirst.find((one) => contains(one, word) || contains(word, one));
}

const contains = (whole: string, part: string) => part.length >= TELLING && whole.includes(part);
