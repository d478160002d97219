/** The value of an open variable (type `any`) with its types, and with defaults for what is absent or null: what constructs refer to. */
import { z } from "zod";
import { bare } from "../../lib/config/text/expected";
import type { IResolvable as Hcl } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";
import { raw } from "../terraform/maybe";
import { attributesOf, closedTypeOf, defaultOf } from "./variable-type";

type Field = z.ZodType;

/**
 * The expression of the value.
 * @param at reference to the variable, e.g. `var.volume`
 */
export function typedValue(field: Field, at: string): Hcl {
  const inner = bare(field);
  if (inner instanceof z.ZodArray) return hcl`[for item in ${raw(at)} : ${typedValue(inner.element as Field, "item")}]`;
  if (inner instanceof z.ZodRecord)
    return hcl`{ for key, item in ${raw(at)} : key => ${typedValue(inner.valueType as Field, "item")} }`;
  const attributes = Object.entries(attributesOf(inner)!);
  return hcl`${Object.fromEntries(attributes.map(([name, attribute]) => [name, attributeValue(attribute, at, name)]))}`;
}

function attributeValue(field: Field, around: string, name: string): Hcl {
  const inner = bare(field);
  const at = `${around}.${name}`;
  // `try` forgets how much is known of a value that is known in part, `lookup` does not: the plan must know if it is given, and how long it is.
  const known = hcl`lookup(${raw(around)}, ${name}, null)`;
  if (attributesOf(inner)) {
    const value = typedValue(inner, at);
    return defaultOf(field) === null ? hcl`${known} == null ? null : ${value}` : value;
  }
  const given = inner instanceof z.ZodArray ? known : hcl`try(${raw(at)}, null)`;
  const typed = hcl`to${raw(closedTypeOf(inner).replace(/\(.*/, ""))}(${given})`;
  const standard = defaultOf(field);
  return standard === undefined || standard === null ? typed : hcl`coalesce(${typed}, ${standard})`;
}
