/** The attributes of variables that are objects, as a list: in a table's cell they are a wall of text. */
import { z } from "zod";
import type { Input } from "../../lib/config/inputs";
import { bare } from "../../lib/config/text/expected";
import { defaultOf, typeOf } from "../../stacks/faces/variable-type";

/** Attributes of an object or of a list's objects; undefined for everything else. */
function shapeOf(field: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const inner = bare(field);
  if (inner instanceof z.ZodArray) return shapeOf(inner.element as z.ZodType);
  return inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : undefined;
}

/** Type and default, completing `name`. An object's own attributes tell more than both. */
function facts(field: z.ZodType): string {
  const standard = defaultOf(field);
  if (bare(field) instanceof z.ZodObject) return standard === undefined ? " (required)" : "";
  const tail = standard === undefined ? "required" : `default \`${JSON.stringify(standard)}\``;
  return ` (\`${typeOf(field)}\`, ${tail})`;
}

function lines(shape: Readonly<Record<string, z.ZodType>>, indent: string): string[] {
  return Object.entries(shape).flatMap(([name, field]) => [
    `${indent}- \`${name}\`${facts(field)}: ${field.description ?? ""}`.trimEnd(),
    ...lines(shapeOf(field) ?? {}, `${indent}  `),
  ]);
}

/** Markdown with a heading for each variable that is an object or a list of objects, in the order of declaration; empty if none is. */
export function attributeList(inputs: readonly Input[]): string {
  const sections = inputs.flatMap(({ name, field }) => {
    const shape = shapeOf(field);
    return shape === undefined ? [] : [[`### \`${name}\``, "", ...lines(shape, "")].join("\n")];
  });
  return sections.length === 0 ? "" : ["## Attributes of inputs", ...sections].join("\n\n");
}
