/** Bodies of resources, data sources and the blocks inside them. Which name is a block and which an attribute, the provider's schema says. */

import { isObject } from "../../../lib/is-object";
import { inOrder, isLast } from "./attribute-order";
import { expression, type Json, type JsonObject, loneExpression } from "./expression";
import { heredoc } from "./heredoc";
import { layOut } from "./layout";

/** Names of the nested blocks of a block, and theirs. An `attribute` is one that Terraform takes as blocks too, as people write it. */
export interface BlockNames {
  readonly [name: string]: BlockNames | "attribute";
}

/** Arguments that Terraform itself reads first, of any resource and call of a module. */
const META_FIRST = ["source", "count", "for_each", "provider"];
const UNSUPPORTED = ["provisioner", "connection"];

const RULES = ["precondition", "postcondition"];
const LIFECYCLE: BlockNames = Object.fromEntries(RULES.map((name) => [name, {}]));
/** Arguments whose strings are references, not templates. */
const REFERENCES = new Set(["provider", "depends_on", "ignore_changes", "replace_triggered_by", "iterator"]);
/** Written behind what they belong to, also if that takes several lines: a reader of a statement asks who may do what, then where. */
const FOLLOWERS = new Set(["resources"]);
const REFERENCE = /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*|\[("[^"\\]*"|\d+|each\.key|count\.index)\])*$/;

/** Booleans that the AWS provider declares as text, so that they can be unset; people write them as booleans. */
const BOOLEANS = new Set(["associate_public_ip_address", "delete_on_termination", "encrypted", "no_device"]);

/** Comments by attribute or block; the empty name is the whole. */
export type Comments = ReadonlyMap<string, string>;
const NONE: Comments = new Map();

/** Place of something, for errors: `aws_ebs_volume.cache.tags`. */
type Where = string;

/** A comment as lines, wrapped. */
export function commentLines(text: string | undefined): string[] {
  if (text === undefined) return [];
  const lines: string[] = [];
  for (const paragraph of text.trim().split("\n")) {
    let line = "#";
    for (const word of paragraph.trim().split(/\s+/)) {
      if (line.length + word.length + 1 > 100) {
        lines.push(line);
        line = "#";
      }
      line += ` ${word}`;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

function reference(value: Json, where: Where): string {
  const bare = typeof value === "string" ? (loneExpression(value) ?? value) : undefined;
  if (bare === undefined || !REFERENCE.test(bare))
    throw new Error(`${where}: expected a reference, found ${JSON.stringify(value)}`);
  return bare;
}

/** The right side of an attribute. */
function attributeValue(name: string, value: Json, where: Where): string {
  if (REFERENCES.has(name)) {
    if (!Array.isArray(value)) return reference(value, where);
    return layOut(`[${value.map((item) => reference(item, where)).join(", ")}]`, name.length + 3);
  }
  if (BOOLEANS.has(name) && (value === "true" || value === "false")) return value;
  if (typeof value === "string") {
    const text = heredoc(value);
    if (text !== undefined) return text;
  }
  return layOut(expression(value, "template"), name.length + 3);
}

/** Indents lines, except those of a heredoc, which would change its text. */
function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `  ${line}`));
}

/** A block with its head: `resource "x" "y"`, `ebs`, `dynamic "tag"`. */
export function block(head: string, body: readonly string[]): string[] {
  return body.length === 0 ? [`${head} {}`] : [`${head} {`, ...indented(body), "}"];
}

function dynamicBlock(name: string, value: Json, schema: BlockNames, where: Where): string[][] {
  return (Array.isArray(value) ? value : [value]).map((item) => {
    if (!isObject<Json>(item)) throw new Error(`${where}: expected a dynamic block, found ${JSON.stringify(item)}`);
    const { for_each: forEach, iterator, content, ...rest } = item;
    const body = Array.isArray(content) && content.length === 1 ? (content[0] as Json) : (content as Json | undefined);
    if (forEach === undefined || body === undefined || !isObject<Json>(body))
      throw new Error(`${where}: a dynamic block needs for_each and content`);
    if (Object.keys(rest).length > 0)
      throw new Error(`${where}: not supported in a dynamic block: ${Object.keys(rest).join(", ")}`);
    const head = [`for_each = ${attributeValue("for_each", forEach, where)}`];
    if (iterator !== undefined) head.push(`iterator = ${attributeValue("iterator", iterator, where)}`);
    const lines = head.flatMap((line) => line.split("\n"));
    return block(`dynamic "${name}"`, [...lines, "", ...block("content", printBody(body, schema, where))]);
  });
}

/** A rule: what must hold, and what is said if it does not. */
export function ruleBlock(name: string, rule: JsonObject, where: Where): string[] {
  const { condition, error_message: message, ...rest } = rule;
  if (condition === undefined || message === undefined || Object.keys(rest).length > 0) {
    throw new Error(`${where}: a rule has condition and error_message, found ${Object.keys(rule).join(", ")}`);
  }
  const line = (key: string, value: Json) => `${key} = ${attributeValue(key, value, where)}`.split("\n");
  return block(name, [...line("condition", condition), ...line("error_message", message)]);
}

/** All blocks of one name. */
function blocks(name: string, value: Json, schema: BlockNames, where: Where): string[][] {
  return (Array.isArray(value) ? value : [value]).map((item) => {
    if (!isObject<Json>(item)) throw new Error(`${where}: expected a block, found ${JSON.stringify(item)}`);
    return RULES.includes(name) ? ruleBlock(name, item, where) : block(name, printBody(item, schema, where));
  });
}

interface Sections {
  readonly meta: string[];
  readonly short: string[];
  readonly long: string[][];
  readonly blocks: string[][];
  readonly last: string[][];
}

/** Attributes and blocks of a body, without the braces. */
export function printBody(body: JsonObject, schema: BlockNames, where: Where, comments: Comments = NONE): string[] {
  const sections: Sections = { meta: [], short: [], long: [], blocks: [], last: [] };
  for (const { name, value, dynamic } of entriesOf(body, where)) {
    if (dynamic) placeDynamic(sections, name, value, schema, `${where}.dynamic.${name}`, comments);
    else place(sections, name, value, schema, `${where}.${name}`, comments);
  }
  const groups = [sections.meta, sections.short, ...sections.long, ...sections.blocks, ...sections.last];
  return groups.filter((group) => group.length > 0).flatMap((group, index) => (index === 0 ? group : ["", ...group]));
}

interface Entry {
  readonly name: string;
  readonly value: Json;
  readonly dynamic: boolean;
}

/** Arguments and blocks in the order in which they are written; a dynamic block stands where the blocks of its name do, behind them. */
function entriesOf({ dynamic = {}, ...body }: JsonObject, where: Where): Entry[] {
  if (!isObject<Json>(dynamic))
    throw new Error(`${where}: expected dynamic blocks by name, found ${JSON.stringify(dynamic)}`);
  const given = Object.entries(body).filter(([name, value]) => name !== "//" && value !== null);
  const entries = [
    ...given.map(([name, value]) => ({ name, value, dynamic: false })),
    ...Object.entries(dynamic).map(([name, value]) => ({ name, value, dynamic: true })),
  ];
  const order = inOrder([...new Set(entries.map(({ name }) => name))]);
  return order.flatMap((name) => entries.filter((entry) => entry.name === name));
}

function placeDynamic(
  to: Sections,
  name: string,
  value: Json,
  schema: BlockNames,
  where: Where,
  comments: Comments,
): void {
  const names = blocksBelow(schema, name);
  if (names === undefined) throw new Error(`${where}: the provider knows no such block`);
  to.blocks.push(...withComment(commentLines(comments.get(name)), dynamicBlock(name, value, names, where)));
}

function place(to: Sections, name: string, value: Json, schema: BlockNames, where: Where, comments: Comments): void {
  if (UNSUPPORTED.includes(name)) throw new Error(`${where}: not supported`);
  const why = commentLines(comments.get(name));
  if (name === "lifecycle") {
    to.last.push(...withComment(why, blocks(name, value, LIFECYCLE, where)));
    return;
  }
  const names = blocksBelow(schema, name);
  if (names !== undefined && !isAttribute(schema[name], value)) {
    to.blocks.push(...withComment(why, blocks(name, value, names, where)));
  } else {
    const lines = [...why, ...`${name} = ${attributeValue(name, value, where)}`.split("\n")];
    if (META_FIRST.includes(name)) to.meta.push(...lines);
    else if (isLast(name)) to.last.push(lines);
    else if (lines.length === 1 && !(FOLLOWERS.has(name) && to.long.length > 0)) to.short.push(...lines);
    else to.long.push(lines);
  }
}

function blocksBelow(schema: BlockNames, name: string): BlockNames | undefined {
  const names = schema[name];
  return names === "attribute" ? {} : names;
}

/** An empty list and an expression have no blocks to be written as. */
function isAttribute(schema: BlockNames | "attribute" | undefined, value: Json): boolean {
  return schema === "attribute" && (!Array.isArray(value) || value.length === 0 || !value.every(isObject<Json>));
}

/** A comment above the first of several blocks. */
function withComment(why: readonly string[], printed: readonly string[][]): string[][] {
  return printed.map((lines, index) => (index === 0 ? [...why, ...lines] : lines));
}
