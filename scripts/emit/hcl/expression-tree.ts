/** A Terraform expression as text and brackets: as much of its grammar as laying it out needs. */
import { endOfString } from "../../../lib/hcl/template";

/** A bracket and what it holds. */
export interface Group {
  readonly open: string;
  readonly close: string;
  readonly items: readonly Sequence[];
  /** `for` expressions are one item whose commas do not separate. */
  readonly isFor: boolean;
}

/** A string in its quotes. */
export interface Quoted {
  readonly quoted: string;
}

/** Text has single spaces. */
export type Piece = string | Quoted | Group;
export type Sequence = readonly Piece[];

export function isGroup(piece: Piece | undefined): piece is Group {
  return typeof piece === "object" && "items" in piece;
}

const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

class Reader {
  private at = 0;

  constructor(private readonly source: string) {}

  /** Reads up to the bracket that closes; without one, to the end. */
  group(open = ""): Group {
    const close = CLOSERS[open] ?? "";
    const isFor = open !== "(" && /^\s*for\s/.test(this.source.slice(this.at));
    const items: Sequence[] = [];
    let item: Piece[] = [];
    const finish = () => {
      const trimmed = trim(item);
      if (trimmed.length > 0) items.push(trimmed);
      item = [];
    };
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined || char === close) {
        if ((char ?? "") !== close) throw this.error("brackets do not match");
        this.at += 1;
        finish();
        return { open, close, items, isFor };
      }
      // A newline separates the items of an object, and nothing else: everywhere else it is a space.
      const separates = open !== "" && !isFor && (char === "," || (char === "\n" && open === "{"));
      if (separates) {
        finish();
        this.at += 1;
      } else item.push(this.piece(char));
    }
  }

  private piece(char: string): Piece {
    const start = this.at;
    if (char === '"') {
      this.at = endOfString(this.source, start);
      return { quoted: this.source.slice(start, this.at) };
    }
    if (/\s/.test(char)) {
      while (/\s/.test(this.source[this.at] ?? "")) this.at += 1;
      return " ";
    }
    this.at += 1;
    if (char in CLOSERS) return this.group(char);
    if (")]}".includes(char)) throw this.error("brackets do not match");
    if (/^(#|\/\/|\/\*|<<-?[A-Za-z_])/.test(this.source.slice(start, start + 4))) {
      throw this.error("comments and heredocs inside expressions are not supported");
    }
    return char;
  }

  private error(what: string): Error {
    return new Error(`${what}: ${this.source}`);
  }
}

/** Reads an expression, also over several lines. */
export function readExpression(source: string): Sequence {
  return new Reader(source).group().items[0] ?? [];
}

/** Without spaces at both ends, with neighbouring text joined. */
export function trim(pieces: Sequence): Sequence {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === "string" && typeof last === "string") joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  const [first, last] = [joined[0], joined.at(-1)];
  if (typeof first === "string") joined[0] = first.trimStart();
  if (typeof last === "string") joined[joined.length - 1] = (joined.at(-1) as string).trimEnd();
  return joined.filter((piece) => piece !== "");
}

/** On one line. */
export function flat(sequence: Sequence): string {
  return sequence.map(flatPiece).join("");
}

export function flatPiece(piece: Piece): string {
  if (typeof piece === "string") return piece;
  if (!isGroup(piece)) return piece.quoted;
  const inner = piece.items.map(flat).join(", ");
  return piece.open + (piece.open === "{" && inner !== "" ? ` ${inner} ` : inner) + piece.close;
}

/** A part of a cut expression, and the sign before it; the first has none. */
export interface Part {
  readonly sign: string;
  readonly operand: Sequence;
}

/** Cuts at every place outside brackets and strings that `pattern` matches, whose one capture is the sign. Returns one part if nothing matches. */
export function cut(sequence: Sequence, pattern: RegExp): Part[] {
  const parts: { sign: string; operand: Piece[] }[] = [{ sign: "", operand: [] }];
  for (const piece of sequence) {
    if (typeof piece !== "string") {
      parts.at(-1)?.operand.push(piece);
      continue;
    }
    // Text, sign, text, sign, text.
    piece.split(pattern).forEach((text, index) => {
      if (index % 2 === 0) parts.at(-1)?.operand.push(text);
      else parts.push({ sign: text, operand: [] });
    });
  }
  return parts.map(({ sign, operand }) => ({ sign, operand: trim(operand) }));
}
