/**
 * Cuts the text of a Terraform template into literal text and sequences (`${…}`, `%{…}`), as Terraform's own scanner does.
 * Sequences are copied as they stand; only literal text is ever escaped.
 */

export interface Part {
  readonly kind: "text" | "sequence";
  /** As written: a sequence with its brackets, text with `$${` and `%%{` still doubled. */
  readonly source: string;
}

const OPENERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Position behind the quoted string that begins at `start`, templates inside it included. */
export function endOfString(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length) {
    const char = source[at];
    if (char === "\\") at += 2;
    else if (char === '"') return at + 1;
    else at = sequenceStarts(source, at) ? endOfSequence(source, at) : at + 1;
  }
  throw new Error(`a string without an end in the expression: ${source}`);
}

/** Returns true if `${` or `%{` begins here; a doubled sign before the bracket is an escape. */
function sequenceStarts(source: string, at: number): boolean {
  const sign = source[at];
  return (sign === "$" || sign === "%") && source[at + 1] === "{" && source[at - 1] !== sign;
}

/** Position behind the sequence that begins at `start` with `${` or `%{`. */
function endOfSequence(source: string, start: number): number {
  const closers: string[] = ["}"];
  let at = start + 2;
  while (at < source.length) {
    const char = source[at] as string;
    if (char === '"') {
      at = endOfString(source, at);
      continue;
    }
    const closer = OPENERS[char];
    if (closer !== undefined) closers.push(closer);
    else if (char === closers.at(-1)) closers.pop();
    at += 1;
    if (closers.length === 0) return at;
  }
  throw new Error(`a template sequence without an end: ${source}`);
}

/** Cuts a template. Neighbouring parts of one kind: only sequences. */
export function cutTemplate(source: string): Part[] {
  const parts: Part[] = [];
  let textFrom = 0;
  let at = 0;
  while (at < source.length) {
    if (!sequenceStarts(source, at)) {
      at += 1;
      continue;
    }
    if (at > textFrom) parts.push({ kind: "text", source: source.slice(textFrom, at) });
    const end = endOfSequence(source, at);
    parts.push({ kind: "sequence", source: source.slice(at, end) });
    textFrom = end;
    at = end;
  }
  if (textFrom < source.length) parts.push({ kind: "text", source: source.slice(textFrom) });
  return parts;
}
