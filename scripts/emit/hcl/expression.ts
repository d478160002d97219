/** JSON values of a synthesized stack as Terraform expressions on one line; {@link ./layout.ts} breaks them. */
import { cutTemplate } from "../../../lib/hcl/template";
import { escapeQuoted, escapeText, isBareKey } from "../../../lib/hcl/text";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Way to read strings: as templates, or as plain text (where Terraform's JSON syntax evaluates nothing). */
export type Reading = "template" | "text";

/** The expression inside a string that is nothing but one `${…}`, else undefined. */
export function loneExpression(source: string): string | undefined {
  const parts = cutTemplate(source);
  if (parts.length !== 1 || parts[0]?.kind !== "sequence" || !source.startsWith("${")) return undefined;
  const inner = source.slice(2, -1);
  return inner.startsWith("~") || inner.endsWith("~") ? undefined : inner.trim();
}

function quoted(source: string): string {
  const parts = cutTemplate(source).map((part) => (part.kind === "text" ? escapeQuoted(part.source) : part.source));
  return `"${parts.join("")}"`;
}

/** A string of a JSON body. */
function stringExpression(source: string, reading: Reading): string {
  if (reading === "text") return `"${escapeText(source)}"`;
  return loneExpression(source) ?? quoted(source);
}

function key(source: string, reading: Reading): string {
  if (isBareKey(source)) return source;
  const lone = reading === "template" ? loneExpression(source) : undefined;
  return lone === undefined ? stringExpression(source, reading) : `(${lone})`;
}

/** Any value. */
export function expression(value: Json, reading: Reading): string {
  if (typeof value === "string") return stringExpression(value, reading);
  if (Array.isArray(value)) return `[${value.map((item) => expression(item, reading)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as JsonObject);
    if (entries.length === 0) return "{}";
    return `{ ${entries.map(([name, item]) => `${key(name, reading)} = ${expression(item, reading)}`).join(", ")} }`;
  }
  return String(value);
}
