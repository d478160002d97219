/** Words that were meant. */
import { distance } from "fastest-levenshtein";

/** The known word that a wrong one most likely stands for; undefined: none is near. */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  const [best] = [...known].sort((a, b) => distance(word, a) - distance(word, b));
  if (best === undefined) return undefined;
  const near = distance(word, best) <= Math.max(2, Math.floor(best.length / 3));
  return near || best.includes(word) || word.includes(best) ? best : undefined;
}
