/** The blocks of a module that are not resources: variables, outputs, locals, required versions, moved. */

import { escapeTemplateSigns } from "../../../lib/hcl/text";
import { block, type Comments, commentLines, ruleBlock } from "./body";
import { expression, type Json, type JsonObject, loneExpression } from "./expression";
import { heredoc } from "./heredoc";
import { layOut } from "./layout";

/** A line or more, `name = value`. */
function attribute(name: string, value: string): string[] {
  return `${name} = ${value}`.split("\n");
}

/** Throws if anything is left of a body when its known keys are taken. */
function rest(body: JsonObject, known: readonly string[], where: string): void {
  const unknown = Object.keys(body).filter((key) => !known.includes(key) && key !== "//");
  if (unknown.length > 0) throw new Error(`${where}: not supported: ${unknown.join(", ")}`);
}

/** Text without templates, over several lines if it has several. */
function text(value: Json, where: string): string {
  if (typeof value !== "string") throw new Error(`${where}: expected text, found ${JSON.stringify(value)}`);
  return heredoc(escapeTemplateSigns(value)) ?? expression(value, "text");
}

function printRules(name: string, value: Json | undefined, where: string): string[] {
  const rules = (value ?? []) as readonly JsonObject[];
  return rules.flatMap((rule) => ["", ...ruleBlock(name, rule, where)]);
}

export function printVariable(name: string, body: JsonObject, comments: Comments): string[] {
  const where = `variable ${name}`;
  rest(body, ["description", "type", "default", "nullable", "sensitive", "validation"], where);
  const lines: string[] = [];
  if (body.description !== undefined) lines.push(...attribute("description", text(body.description, where)));
  if (body.type !== undefined) lines.push(...attribute("type", layOut(bareType(body.type, where), 7)));
  if (body.default !== undefined) lines.push(...attribute("default", layOut(expression(body.default, "text"), 10)));
  for (const flag of ["nullable", "sensitive"]) {
    if (body[flag] !== undefined) lines.push(...attribute(flag, String(body[flag])));
  }
  return [
    ...commentLines(comments.get("")),
    ...block(`variable "${name}"`, [...lines, ...printRules("validation", body.validation, where)]),
  ];
}

function bareType(value: Json, where: string): string {
  if (typeof value !== "string") throw new Error(`${where}: expected a type, found ${JSON.stringify(value)}`);
  return loneExpression(value) ?? value;
}

export function printOutput(name: string, body: JsonObject, comments: Comments): string[] {
  const where = `output ${name}`;
  rest(body, ["description", "value", "sensitive", "precondition"], where);
  if (body.value === undefined) throw new Error(`${where}: no value`);
  const lines: string[] = [];
  if (body.description !== undefined) lines.push(...attribute("description", text(body.description, where)));
  lines.push(...attribute("value", layOut(expression(body.value, "template"), 8)));
  if (body.sensitive !== undefined) lines.push(...attribute("sensitive", String(body.sensitive)));
  const rules = printRules("precondition", body.precondition, where);
  return [...commentLines(comments.get("")), ...block(`output "${name}"`, [...lines, ...rules])];
}

interface Local {
  readonly name: string;
  readonly value: Json;
  readonly comment: string | undefined;
}

/** Local values; those with a comment or of several lines stand apart. */
export function printLocals(locals: readonly Local[]): string[] {
  const lines: string[] = [];
  let apart = false;
  for (const { name, value, comment } of locals) {
    const printed = [
      ...commentLines(comment),
      ...attribute(name, layOut(expression(value, "template"), name.length + 3)),
    ];
    if (lines.length > 0 && (apart || printed.length > 1)) lines.push("");
    lines.push(...printed);
    apart = printed.length > 1;
  }
  return block("locals", lines);
}

export function printTerraform(body: JsonObject): string[] {
  rest(body, ["required_version", "required_providers"], "terraform");
  const lines: string[] = [];
  if (body.required_version !== undefined)
    lines.push(...attribute("required_version", text(body.required_version, "terraform")), "");
  const providers = Object.entries((body.required_providers ?? {}) as JsonObject).flatMap(([name, value]) => {
    const { source, version } = value as { source: string; version: string };
    rest(value as JsonObject, ["source", "version"], `provider ${name}`);
    return [
      `${name} = {`,
      `  source  = ${expression(source, "text")}`,
      `  version = ${expression(version, "text")}`,
      "}",
    ];
  });
  return block("terraform", [...lines, ...block("required_providers", providers)]);
}

export function printMoved(moves: readonly JsonObject[]): string[][] {
  return moves.map((move) => {
    rest(move, ["from", "to"], "moved");
    const lines = ["from", "to"].map((name) => `${name} = ${loneExpression(String(move[name])) ?? String(move[name])}`);
    return block("moved", lines);
  });
}
