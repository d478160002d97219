/**
 * Lays a Terraform expression out over lines as a person would. A short one stays on one line. The rest is broken at its brackets, or at its
 * operators if there are none. `terraform fmt` indents and aligns afterwards, but never breaks a line itself.
 */
import {
  cut,
  flat,
  flatPiece,
  type Group,
  isGroup,
  type Part,
  type Piece,
  readExpression,
  type Sequence,
  trim,
} from "./expression-tree";

/** Longest line before an expression is broken. */
const WIDTH = 100;
/** Objects of so many items always stand one item a line. */
const OBJECT_ITEMS = 2;
/** How far behind the opening bracket a call's last argument may still open on the same line. */
const HUG_WIDTH = 70;

/**
 * @param source Any expression, also over several lines.
 * @param column Columns taken before it on its first line.
 */
export function layOut(source: string, column: number): string {
  return lay(readExpression(source), column);
}

/** @param force Break the last group even if all would fit: its neighbours broke. */
function lay(sequence: Sequence, column: number, force = false): string {
  const fits = column + flat(sequence).length <= WIDTH;
  if (!force && fits && !mustBreak(sequence)) return flat(sequence);
  const operands = fits ? [] : operandsOf(withoutParentheses(sequence));
  if (operands.length > 0) return `(${lines(operands)}\n)`;
  const widest = Math.max(...sequence.filter(isGroup).map((group) => flatPiece(group).length));
  let text = "";
  for (const piece of sequence) {
    const from = columnAfter(text, column);
    text += shouldBreak(piece, from, widest) ? broken(piece as Group, from) : flatPiece(piece);
  }
  return text;
}

/** Operands get parentheses of their own: those that were there already are not doubled. */
function withoutParentheses(sequence: Sequence): Sequence {
  const [only] = sequence;
  const inner = isGroup(only) && only.open === "(" && sequence.length === 1 ? only.items[0] : undefined;
  return inner === undefined ? sequence : withoutParentheses(inner);
}

function shouldBreak(piece: Piece, column: number, widest: number): boolean {
  if (!isGroup(piece)) return false;
  const width = flatPiece(piece).length;
  return mustBreak([piece]) || width === widest || column + width > WIDTH;
}

/** Objects too rich for one line, wherever they stand. */
function mustBreak(sequence: Sequence): boolean {
  return sequence.filter(isGroup).some((group) => {
    if (group.items.some(mustBreak)) return true;
    return group.open === "{" && !group.isFor && group.items.length >= OBJECT_ITEMS;
  });
}

/** An expression cut at its loosest operators outside brackets, laid out, with the signs where people put them. Empty if it has no operator. */
function operandsOf(sequence: Sequence): string[] {
  if (sequence.some((piece) => typeof piece === "string" && piece.includes(" ? "))) {
    return cut(sequence, / ([?:]) /).map(({ sign, operand }) =>
      sign === "" ? lay(operand, 2) : `${sign} ${lay(operand, 4)}`,
    );
  }
  const alternatives = cut(sequence, / (\|\|) /);
  const parts = alternatives.length > 1 ? alternatives : cut(sequence, / (&&) /);
  if (parts.length === 1) return [];
  return parts.map(({ operand }, index) => [lay(operand, 2), parts[index + 1]?.sign].filter(Boolean).join(" "));
}

function broken(group: Group, column: number): string {
  if (group.items.length === 0) return group.open + group.close;
  if (group.isFor) return wrapped(group, lines(forLines(group.items[0] as Sequence)));
  if (group.open === "{") return wrapped(group, lines(group.items.map(entry)));
  if (hugs(group, column)) {
    const head = group.items.slice(0, -1).map((item) => `${flat(item)}, `);
    const before = group.open + head.join("");
    return before + lay(group.items.at(-1) as Sequence, columnAfter(before, column), true) + group.close;
  }
  const items = group.items.every(isNumber) ? filled(group.items.map(flat)) : group.items.map((item) => lay(item, 2));
  const comma = group.open === "[" ? "," : "";
  return wrapped(group, lines(items, ",", comma));
}

function wrapped({ open, close }: Group, inside: string): string {
  return `${open}${inside}\n${close}`;
}

/** One text a line, each indented, with a separator between and something behind the last. */
function lines(texts: readonly string[], separator = "", last = ""): string {
  const ends = (index: number) => (index === texts.length - 1 ? last : separator);
  return texts.map((text, index) => `\n  ${text.replaceAll("\n", "\n  ")}${ends(index)}`).join("");
}

/** `name = value` of an object. */
function entry(item: Sequence): string {
  const [name, value, ...more] = cut(item, / (=) /);
  if (name === undefined || value === undefined || more.length > 0) return lay(item, 2);
  const head = `${flat(name.operand)} = `;
  return head + lay(value.operand, head.length + 2);
}

/** A `for` expression in as few lines as fit: over what it goes, what becomes of each, and which are meant. */
function forLines(item: Sequence): string[] {
  if (flat(item).length + 2 <= WIDTH) return [lay(item, 2)];
  const [rest, condition] = cut(item, / (if) /).map(({ operand }) => operand) as [Sequence, Sequence?];
  const last = condition === undefined ? [] : [`if ${lay(condition, 5)}`];
  if (flat(rest).length + 2 <= WIDTH) return [lay(rest, 2), ...last];
  const [head, made] = splitHead(rest);
  const before = `${lay(head, 2)} :`;
  // Brackets open behind the colon, as in a call.
  if (isGroup(made[0]) && made.length === 1) return [`${before} ${lay(made, columnAfter(before, 2))}`, ...last];
  const [key, value] = cut(made, / (=>) /).map(({ operand }) => operand) as [Sequence, Sequence?];
  const arrow = value === undefined ? "" : `${flat(key)} => `;
  return [before, arrow + lay(value ?? key, arrow.length + 2), ...last];
}

/** Cuts behind the colon that ends a `for` expression's head: the first that is not the second half of a condition. */
function splitHead(item: Sequence): [Sequence, Sequence] {
  const parts = cut(item, / ([?:]) /);
  let conditions = 0;
  const end = parts.findIndex(({ sign }) => {
    if (sign === "?") conditions += 1;
    else if (sign === ":") conditions -= 1;
    return conditions < 0;
  });
  return [joined(parts.slice(0, end)), joined(parts.slice(end))];
}

/** Parts as they were before they were cut, without the sign of the first. */
function joined(parts: readonly Part[]): Sequence {
  return trim(parts.flatMap(({ sign, operand }, index) => (index === 0 ? operand : [` ${sign} `, ...operand])));
}

function isNumber(item: Sequence): boolean {
  return /^-?[0-9.]+$/.test(flat(item));
}

/** Numbers, as many a line as fit. */
function filled(numbers: readonly string[]): string[] {
  const rows: string[] = [];
  for (const number of numbers) {
    const row = rows.at(-1);
    if (row !== undefined && row.length + number.length + 2 < WIDTH - 20) rows[rows.length - 1] = `${row}, ${number}`;
    else rows.push(number);
  }
  return rows;
}

/** True if the last argument may open on the line of the call: `join("\n", [`. */
function hugs(group: Group, column: number): boolean {
  const last = group.items.at(-1) as Sequence;
  if (!isGroup(last.at(-1)) || last.slice(0, -1).some((piece) => /[?:&|=]/.test(flatPiece(piece)))) return false;
  const head = group.items.slice(0, -1);
  if (group.open === "[" && head.length > 0) return false;
  return !head.some(mustBreak) && column + flat([...head.flat(), ...last.slice(0, -1)]).length < HUG_WIDTH;
}

/** Columns of the last line, behind `before`. */
function columnAfter(text: string, before: number): number {
  const newline = text.lastIndexOf("\n");
  return newline < 0 ? before + text.length : text.length - newline - 1;
}
