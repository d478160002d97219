/** Cuts text into sentences. Inline code, addresses and what stands in parentheses are never cut. */

/** A sentence's place in its text, without the space around it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|vs|cf|ca|approx)\.$/i;

/** The same text, of the same length, with nothing in code and addresses that could end a sentence. */
function masked(text: string): string {
  return text.replaceAll(/`[^`]*`|https?:\/\/\S*[\w/]/g, (part) => part.replaceAll(/[^`\n]/g, "x"));
}

const count = (text: string, character: string) => text.split(character).length - 1;

/** True if the sentence that began at `start` is over at `end`. */
function isOver(text: string, start: number, end: number): boolean {
  const sentence = text.slice(start, end);
  if (count(sentence, "(") > count(sentence, ")") || ABBREVIATION.test(sentence)) return false;
  // An ellipsis, or a full stop within parentheses, ends a sentence only if another begins.
  const mayGoOn = /(?:\.\.\.|…)$/.test(sentence) || (sentence.endsWith(")") && !sentence.startsWith("("));
  return !mayGoOn || /^\s+\p{Lu}/u.test(text.slice(end));
}

/** Returns the sentences in order. In a table's cell a semicolon ends one too, for cells hold lists of short notes. */
export function sentences(text: string, cell = false): Span[] {
  const plain = masked(text);
  const ends = cell ? /[.!?…]+["'”’)\]*_]*(?=\s)|;(?=\s)/g : /[.!?…]+["'”’)\]*_]*(?=\s)/g;
  const spans: Span[] = [];
  let start = plain.search(/\S/);
  if (start < 0) return [];
  for (const match of plain.matchAll(ends)) {
    const end = match.index + match[0].length;
    if (end <= start || !isOver(plain, start, end)) continue;
    spans.push({ start, end });
    const next = plain.slice(end).search(/\S/);
    if (next < 0) return spans;
    start = end + next;
  }
  return [...spans, { start, end: plain.trimEnd().length }];
}

/** Returns the number of words; a piece of inline code is one. */
export function countWords(sentence: string): number {
  const words = sentence.replaceAll(/`[^`]*`/g, "code").split(/\s+/);
  return words.filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}
