/**
 * Lays a Terraform expression out over lines as a person would: what is short stays on one line, the rest is broken at its brackets.
 * `terraform fmt` indents and aligns afterwards, but never breaks a line itself.
 */
import { endOfString } from "./template";

/** Longest line before an expression is broken. */
const WIDTH = 100;
/** Objects of so many items always stand one item a line. */
const OBJECT_ITEMS = 2;

const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** A bracket and what it holds. */
interface Group {
  readonly open: string;
  readonly items: readonly Sequence[];
  /** `for` expressions are one item whose commas do not separate. */
  readonly isFor: boolean;
}
/** Text (strings included, blanks as they are) and groups, one after the other. */
type Sequence = readonly (string | Group)[];

class Reader {
  private at = 0;

  constructor(private readonly source: string) {}

  /** Reads up to the bracket that closes, or to the end. */
  group(open: string): Group {
    const isFor = open !== "(" && /^\s*for\s/.test(this.source.slice(this.at));
    const items: Sequence[] = [];
    let item: (string | Group)[] = [];
    const finish = () => {
      const trimmed = trim(item);
      if (trimmed.length > 0) items.push(trimmed);
      item = [];
    };
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined || char === CLOSERS[open]) {
        if ((char === undefined) !== (open === "")) throw new Error(`brackets do not match in: ${this.source}`);
        this.at += 1;
        finish();
        return { open, items, isFor };
      }
      // A newline separates the items of an object, and nothing else: everywhere else it is a blank.
      const separates = char === "," || (char === "\n" && open === "{");
      if (separates && !isFor && open !== "") {
        finish();
        this.at += 1;
      } else item.push(this.piece(char));
    }
  }

  private piece(char: string): string | Group {
    const start = this.at;
    if (char === '"') this.at = endOfString(this.source, start);
    else if (/\s/.test(char)) {
      while (/\s/.test(this.source[this.at] ?? "")) this.at += 1;
      return " ";
    } else if (char in CLOSERS) {
      this.at += 1;
      return this.group(char);
    } else if (")]}".includes(char)) throw new Error(`brackets do not match in: ${this.source}`);
    else if (char === "#" || /^(\/\/|\/\*|<<-?[A-Za-z_])/.test(this.source.slice(start, start + 4))) {
      throw new Error(`comments and heredocs inside expressions are not supported: ${this.source}`);
    } else this.at += 1;
    return this.source.slice(start, this.at);
  }
}

/** Without blanks at both ends, with neighbouring text joined. */
function trim(pieces: readonly (string | Group)[]): Sequence {
  const joined: (string | Group)[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === "string" && typeof last === "string") joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  if (typeof joined[0] === "string") joined[0] = joined[0].trimStart();
  if (typeof joined.at(-1) === "string") joined[joined.length - 1] = (joined.at(-1) as string).trimEnd();
  return joined.filter((piece) => piece !== "");
}

function flatGroup(group: Group): string {
  const inner = group.items.map(flat).join(", ");
  const padded = group.open === "{" && inner !== "" ? ` ${inner} ` : inner;
  return group.open + padded + CLOSERS[group.open];
}

function flat(sequence: Sequence): string {
  return sequence.map((piece) => (typeof piece === "string" ? piece : flatGroup(piece))).join("");
}

/** Objects too rich for one line, wherever they stand. */
function mustBreak(sequence: Sequence): boolean {
  return sequence.some((piece) => {
    if (typeof piece === "string") return false;
    if (piece.items.some(mustBreak)) return true;
    return piece.open === "{" && !piece.isFor && piece.items.length >= OBJECT_ITEMS;
  });
}

/** Columns of the last line, behind `before`. */
function columnAfter(text: string, before: number): number {
  const newline = text.lastIndexOf("\n");
  return newline < 0 ? before + text.length : text.length - newline - 1;
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

/** Whether the last argument may open on the line of the call: `join("\n", [`. */
function hugs(group: Group, column: number): boolean {
  const last = group.items.at(-1);
  const final = last?.at(-1);
  if (last === undefined || typeof final !== "object" || group.isFor) return false;
  if (last.slice(0, -1).some((piece) => typeof piece !== "string" || /[?:&|=]/.test(piece))) return false;
  const head = group.items.slice(0, -1);
  if (group.open !== "(" && !(group.open === "[" && head.length === 0)) return false;
  return !head.some(mustBreak) && column + flat([...head.flat(), ...last.slice(0, -1)]).length < WIDTH * 0.7;
}

/** A long `for` expression in two lines: what is made of each item, and which items (`if …`). */
function splitFor(item: Sequence): Sequence[] {
  const at = item.findLastIndex((piece) => typeof piece === "string" && / if( |$)/.test(piece));
  const piece = item[at];
  if (typeof piece !== "string" || flat(item).length <= WIDTH) return [item];
  const cut = piece.search(/ if( |$)/);
  return [
    [...item.slice(0, at), piece.slice(0, cut)],
    [piece.slice(cut + 1), ...item.slice(at + 1)],
  ].map(trim);
}

function brokenGroup(group: Group, column: number): string {
  const close = CLOSERS[group.open] as string;
  if (group.items.length === 0) return group.open + close;
  if (hugs(group, column)) {
    const head = group.items.slice(0, -1).map((item) => `${flat(item)}, `);
    const before = group.open + head.join("");
    return before + lay(group.items.at(-1) as Sequence, column + before.length, true) + close;
  }
  const separator = group.open === "{" || group.isFor ? "" : ",";
  const items = group.isFor ? group.items.flatMap(splitFor) : group.items;
  const lines = items.map((item, index) => {
    const trailing = group.open === "(" && index === items.length - 1 ? "" : separator;
    return `\n  ${indent(lay(item, 2))}${trailing}`;
  });
  return `${group.open}${lines.join("")}\n${close}`;
}

/** @param force Break the last group even where all would fit: its neighbours broke. */
function lay(sequence: Sequence, column: number, force = false): string {
  const line = flat(sequence);
  if (!force && !mustBreak(sequence) && column + line.length <= WIDTH) return line;
  const widest = Math.max(...sequence.map((piece) => (typeof piece === "string" ? 0 : flatGroup(piece).length)));
  let text = "";
  for (const piece of sequence) {
    const from = columnAfter(text, column);
    if (typeof piece === "string") text += piece;
    else if (mustBreak([piece]) || flatGroup(piece).length === widest) text += brokenGroup(piece, from);
    else text += from + flatGroup(piece).length > WIDTH ? brokenGroup(piece, from) : flatGroup(piece);
  }
  return text;
}

/**
 * @param source Any expression, also over several lines.
 * @param column Columns taken before it on its first line.
 */
export function layOut(source: string, column: number): string {
  const sequence = new Reader(source).group("").items[0] ?? [];
  return lay(sequence, column);
}
