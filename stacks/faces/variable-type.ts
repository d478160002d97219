/** A field of the configuration's schema as a Terraform variable: type, default and validation, so that none of them is stated twice. */
import { z } from "zod";
import { bare, describeExpected } from "../../lib/config/text/expected";
import { boundsOf } from "../../lib/config/text/number-bounds";
import type { IResolvable as Hcl } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";
import { raw } from "../terraform/maybe";

type Field = z.ZodType;

/** Bounds of a field's JSON Schema that are used here. */
interface Bounds {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly allOf?: readonly { readonly pattern?: string }[];
}

/** A rule of a variable: `condition` is an expression. */
export interface Rule {
  readonly condition: Hcl;
  readonly errorMessage: string;
}

/** Returns the field's default, or undefined if a value must be given. */
export function defaultOf(field: Field): unknown {
  const parsed = field.safeParse(undefined);
  if (!parsed.success) return undefined;
  // An object's own defaults are those of its attributes.
  return bare(field) instanceof z.ZodObject && parsed.data !== null ? {} : parsed.data;
}

/** Returns true if null is a value of the field. */
export function isNullable(field: Field): boolean {
  return field.safeParse(null).success;
}

/** The type expression. */
export function typeOf(field: Field): string {
  const inner = bare(field);
  if (inner instanceof z.ZodNumber) return "number";
  if (inner instanceof z.ZodBoolean) return "bool";
  if (inner instanceof z.ZodLiteral) return typeof [...inner.values][0];
  if (inner instanceof z.ZodArray) return `list(${typeOf(inner.element as Field)})`;
  if (inner instanceof z.ZodRecord) return `map(${typeOf(inner.valueType as Field)})`;
  if (inner instanceof z.ZodObject) {
    const attributes = Object.entries(inner.shape as Record<string, Field>);
    return `object({ ${attributes.map(([name, attribute]) => `${name} = ${attributeType(attribute)}`).join(", ")} })`;
  }
  return "string";
}

function attributeType(field: Field): string {
  const standard = defaultOf(field);
  if (standard === undefined) return typeOf(field);
  return standard === null ? `optional(${typeOf(field)})` : `optional(${typeOf(field)}, ${JSON.stringify(standard)})`;
}

/**
 * The rules that Terraform checks, each with what is expected.
 * @param at reference to the value, e.g. `var.images`
 * @param label what the value is called in messages
 */
export function rulesOf(field: Field, at: string, label: string): Rule[] {
  const inner = bare(field);
  const own = conditionOf(inner, at);
  const rules: Rule[] =
    own === undefined ? [] : [{ condition: own, errorMessage: `${label}: expected ${describeExpected(field)}.` }];
  if (inner instanceof z.ZodObject) {
    for (const [name, attribute] of Object.entries(inner.shape as Record<string, Field>)) {
      rules.push(...rulesOf(attribute, `${at}.${name}`, `${label}.${name}`));
    }
  } else if (inner instanceof z.ZodArray) {
    rules.push(...each(rulesOf(inner.element as Field, "item", `each of ${label}`), "item", at));
  } else if (inner instanceof z.ZodRecord) {
    rules.push(...each(rulesOf(inner.keyType as Field, "key", `each key of ${label}`), "key", `keys(${at})`));
    rules.push(...each(rulesOf(inner.valueType as Field, "item", `each value of ${label}`), "item", `values(${at})`));
  }
  return isNullable(field) ? rules.map((rule) => ({ ...rule, condition: unlessNull(at, rule.condition) })) : rules;
}

/** Terraform looks at both sides of `||`, but only at one branch of a condition. */
function unlessNull(at: string, condition: Hcl): Hcl {
  return hcl`${raw(at)} == null ? true : ${condition}`;
}

function each(rules: readonly Rule[], variable: string, list: string): Rule[] {
  return rules.map(({ condition, errorMessage }) => ({
    condition: hcl`alltrue([for ${raw(variable)} in ${raw(list)} : ${condition}])`,
    errorMessage,
  }));
}

/** Returns the condition on a value itself, its items and attributes aside, or undefined if its type says all. */
function conditionOf(inner: Field, at: string): Hcl | undefined {
  const value = raw(at);
  if (inner instanceof z.ZodNumber) return numberCondition(inner, at);
  if (inner instanceof z.ZodEnum) return hcl`contains(${inner.options}, ${value})`;
  if (inner instanceof z.ZodLiteral) return hcl`contains(${[...inner.values]}, ${value})`;
  const bounds = z.toJSONSchema(inner, { io: "input" }) as Bounds;
  const patterns = [bounds, ...(bounds.allOf ?? [])].flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]));
  const parts = [
    // RE2 knows no look-around; what it cannot check is left to AWS.
    ...patterns
      .filter((pattern) => !pattern.includes("(?"))
      .map((pattern) => hcl`can(regex(${asRe2(pattern)}, ${value}))`),
    ...limits(value, bounds.minLength ?? bounds.minItems, bounds.maxLength ?? bounds.maxItems),
  ];
  return parts.length === 0 ? undefined : parts.reduce((all, part) => hcl`${all} && ${part}`);
}

function numberCondition(field: z.ZodNumber, at: string): Hcl | undefined {
  const { isWhole, comparisons } = boundsOf(field);
  const parts = [
    ...comparisons.map(({ operator, bound }) => `${at} ${operator} ${bound}`),
    ...(isWhole ? [`floor(${at}) == ${at}`] : []),
  ];
  return parts.length === 0 ? undefined : raw(parts.join(" && "));
}

/** Undoes the escape of slashes: only JavaScript, in which a slash ends the pattern, has one. */
function asRe2(pattern: string): string {
  return pattern.replaceAll("\\/", "/");
}

function limits(value: Hcl, minimum = 0, maximum?: number): Hcl[] {
  return [
    ...(minimum > 0 ? [hcl`length(${value}) >= ${minimum}`] : []),
    ...(maximum === undefined ? [] : [hcl`length(${value}) <= ${maximum}`]),
  ];
}
