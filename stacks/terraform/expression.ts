/**
 * Terraform expressions, written as Terraform: `` hcl`one(${alarm.fqn}[*].arn)` ``. Used instead of cdktf's `Fn` and `Op`, which corrupt null,
 * backslashes, quotes and `${` in text. A hole takes a token (printed as a reference) or any literal (printed and escaped as HCL).
 */

import { parenthesize } from "../../lib/hcl/parentheses";
import { escapeText, isBareKey } from "../../lib/hcl/text";
import { type IResolvable, type IResolveContext, Token, Tokenization } from "./cdktf";

const TOKEN = /(\$\{TfToken\[[^\]]+\]\})/;

/** A resolved value as it stands inside an expression: references as they are, everything else as JSON. */
function bare(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Text with tokens in it becomes a template; a lone `$` before a reference is kept from joining with it. */
function template(parts: string[], context: IResolveContext): string {
  const printed = parts.map((part, index) => {
    if (TOKEN.test(part)) return `\${${bare(context.resolve(part))}}`;
    const text = escapeText(part);
    return index < parts.length - 1 ? text.replace(/[$%]+$/, (tail) => `\${"${tail}"}`) : text;
  });
  return `"${printed.join("")}"`;
}

function printObject(value: object, context: IResolveContext): string {
  const entries = Object.entries(value).map(([key, item]) => {
    const name = isBareKey(key) ? key : `"${escapeText(key)}"`;
    return `${name} = ${print(item, context)}`;
  });
  return `{ ${entries.join(", ")} }`;
}

function print(value: unknown, context: IResolveContext): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string" && Token.isUnresolved(value)) {
    const parts = value.split(TOKEN).filter((part) => part !== "");
    if (parts.length > 1) return template(parts, context);
  }
  if (Tokenization.isResolvable(value) || Token.isUnresolved(value)) return bare(context.resolve(value));
  if (Array.isArray(value)) return `[${value.map((item) => print(item, context)).join(", ")}]`;
  if (typeof value === "object") return printObject(value, context);
  return typeof value === "string" ? `"${escapeText(value)}"` : String(value);
}

class Expression implements IResolvable {
  readonly creationStack: string[] = [];

  constructor(
    private readonly text: readonly string[],
    private readonly holes: readonly unknown[],
  ) {}

  resolve(context: IResolveContext): string {
    const nested = context.suppressBraces;
    context.suppressBraces = true;
    const printed = this.text.reduce((all, text, index) => {
      const hole = this.holes[index - 1];
      return all + parenthesize(print(hole, context), this.text[index - 1] as string, text) + text;
    });
    return nested ? printed : `\${${printed}}`;
  }

  toString(): string {
    return Token.asString(this);
  }

  toJSON(): string {
    return "<expression>";
  }
}

/** An expression of any type. Text is taken raw: `\d` in it stays `\d`. */
export function hcl(text: TemplateStringsArray, ...holes: unknown[]): IResolvable {
  return new Expression(text.raw, holes);
}

/** Builds the same as a string. */
export function str(text: TemplateStringsArray, ...holes: unknown[]): string {
  return Token.asString(new Expression(text.raw, holes));
}

/** Builds the same as a list of strings. */
export function list(text: TemplateStringsArray, ...holes: unknown[]): string[] {
  return Token.asList(new Expression(text.raw, holes));
}

/** Builds the same as a number. */
export function num(text: TemplateStringsArray, ...holes: unknown[]): number {
  return Token.asNumber(new Expression(text.raw, holes));
}
