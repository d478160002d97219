/**
 * What Terraform checks of a variable, by the field of the configuration's schema: each rule with what is expected. The type of a variable holds
 * what it can; of an open one (type `any`) the rules hold all.
 */
import { z } from "zod";
import { bare, describeExpected } from "../../lib/config/text/expected";
import { boundsOf } from "../../lib/config/text/number-bounds";
import type { IResolvable as Hcl } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import { raw } from "../terraform/maybe";
import { asRe2 } from "../terraform/re2";
import { attributesOf, closedTypeOf, defaultOf, isNullable, isOpen, optionsOf } from "./variable-type";

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

/**
 * The rules that Terraform checks, each with what is expected.
 * @param at reference to the value, e.g. `var.images`
 * @param label what the value is called in messages
 */
export function rulesOf(field: Field, at: string, label: string): Rule[] {
  if (attributesOf(field)) return objectRules(field, at, label);
  if (!isOpen(field)) return closedRules(field, at, label);
  return bare(field) instanceof z.ZodRecord ? mapRules(field, at, label) : listRules(field, at, label);
}

/** Rules of a value whose type holds that it is of that type. */
function closedRules(field: Field, at: string, label: string): Rule[] {
  const inner = bare(field);
  const own = conditionOf(inner, at);
  const rules: Rule[] =
    own === undefined ? [] : [{ condition: own, errorMessage: `${label}: expected ${describeExpected(field)}.` }];
  for (const [name, attribute] of Object.entries(attributesOf(inner) ?? {}))
    rules.push(...closedRules(attribute, `${at}.${name}`, `${label}.${name}`));
  if (inner instanceof z.ZodArray) {
    rules.push(...each(closedRules(inner.element as Field, "item", `each of ${label}`), "item", at));
  } else if (inner instanceof z.ZodRecord) {
    rules.push(...each(closedRules(inner.keyType as Field, "key", `each key of ${label}`), "key", `keys(${at})`));
    rules.push(
      ...each(closedRules(inner.valueType as Field, "item", `each value of ${label}`), "item", `values(${at})`),
    );
  }
  return isNullable(field) ? rules.map((rule) => ({ ...rule, condition: unlessNull(at, rule.condition) })) : rules;
}

/** Rules of an object of any type: that it is one, that it has no other attributes, and those of each attribute. */
function objectRules(field: Field, at: string, label: string): Rule[] {
  const attributes = attributesOf(field)!;
  return [
    { condition: hcl`can(keys(${raw(at)}))`, errorMessage: `${label}: expected an object.` },
    unknownRule(Object.keys(attributes), `try(keys(${at}), [])`, label),
    ...Object.entries(attributes).flatMap(([name, attribute]) =>
      attributeRules(attribute, `${at}.${name}`, `${label}.${name}`),
    ),
  ];
}

/** Characters at a name's beginning by which another is taken to be meant. */
const TELLING = 3;

/** Names the unknown attributes, and the known ones that begin alike. Terraform knows no distance of words. */
function unknownRule(known: readonly string[], names: string, label: string): Rule {
  const near = hcl`[for known in ${known} : known if substr(known, 0, ${TELLING}) == substr(name, 0, ${TELLING})]`;
  const said = hcl`join(", perhaps ", compact([name, join(" or ", ${near})]))`;
  const found = str`join("; ", [for name in ${raw(names)} : ${said} if !contains(${known}, name)])`;
  return {
    condition: hcl`alltrue([for name in ${raw(names)} : contains(${known}, name)])`,
    errorMessage: `${label}: found the unknown key ${found}; expected one of ${known.join(", ")}.`,
  };
}

/** Rules of an attribute, which may be absent if it has a default. */
function attributeRules(field: Field, at: string, label: string): Rule[] {
  const rules = attributesOf(field)
    ? objectRules(field, at, label)
    : typedRules(field, at, label).map((rule) => ({ ...rule, condition: hcl`try(${rule.condition}, false)` }));
  if (defaultOf(field) === undefined) return rules;
  return rules.map((rule) => ({
    ...rule,
    condition: hcl`try(${raw(at)}, null) == null ? true : ${rule.condition}`,
  }));
}

/** Rules of a value without a type; an error in a condition means that it does not hold. */
function typedRules(field: Field, at: string, label: string): Rule[] {
  const inner = bare(field);
  const errorMessage = `${label}: expected ${describeExpected(field)}.`;
  const type = hcl`can(to${raw(closedTypeOf(inner).replace(/\(.*/, ""))}(${raw(at)}))`;
  const own = conditionOf(inner, at);
  const rules = [{ condition: own === undefined || !isChecking(inner) ? and(type, own) : own, errorMessage }];
  if (inner instanceof z.ZodArray)
    rules.push(...each(closedRules(inner.element as Field, "item", `each of ${label}`), "item", at));
  return rules;
}

/** True if the condition on a value fails for every value of another type. */
function isChecking(inner: Field): boolean {
  return inner instanceof z.ZodNumber || (inner instanceof z.ZodString && patternsOf(inner).length > 0);
}

function and(first: Hcl, second: Hcl | undefined): Hcl {
  return second === undefined ? first : hcl`${first} && ${second}`;
}

/** Rules of a list of objects, or of texts and objects. */
function listRules(field: Field, at: string, label: string): Rule[] {
  const inner = bare(field) as z.ZodArray;
  const element = inner.element as Field;
  const limit = conditionOf(inner, at);
  const isList = hcl`can([for item in ${raw(at)} : item]) && !can(keys(${raw(at)}))`;
  const items = optionsOf(element).flatMap((option) => itemRules(option, label, element !== option));
  return [
    {
      condition: limit ? hcl`${isList} && try(${limit}, true)` : isList,
      errorMessage: `${label}: expected ${describeExpected(field)}.`,
    },
    ...namesRules(element, at, label),
    ...each(items, "item", at).map((rule) => ({ ...rule, condition: hcl`try(${rule.condition}, true)` })),
  ];
}

/** Rules of a map of objects. */
function mapRules(field: Field, at: string, label: string): Rule[] {
  const { keyType, valueType } = bare(field) as z.ZodRecord;
  const keys = each(closedRules(keyType as Field, "key", `each key of ${label}`), "key", `keys(${at})`);
  const items = each(itemRules(valueType as Field, label, false), "item", `values(${at})`);
  return [
    { condition: hcl`can(keys(${raw(at)}))`, errorMessage: `${label}: expected a map.` },
    ...namesRules(valueType as Field, `values(${at})`, label),
    ...[...keys, ...items].map((rule) => ({ ...rule, condition: hcl`try(${rule.condition}, true)` })),
  ];
}

/** The rule on the names of attributes, over all items at once. */
function namesRules(element: Field, at: string, label: string): Rule[] {
  const known = optionsOf(element).flatMap((option) => Object.keys(attributesOf(option) ?? {}));
  return [
    unknownRule(known, `distinct(flatten([for item in try(${at}, []) : try(keys(item), [])]))`, `each of ${label}`),
  ];
}

/** @param isOption The item may be something else than the field. */
function itemRules(field: Field, label: string, isOption: boolean): Rule[] {
  const attributes = attributesOf(field);
  const name = `each of ${label}`;
  if (attributes === undefined) {
    return typedRules(field, "item", name).map(({ condition, errorMessage }) => ({
      condition: hcl`can(keys(item)) ? true : try(${condition}, false)`,
      errorMessage,
    }));
  }
  const rules = Object.entries(attributes).flatMap(([key, attribute]) =>
    attributeRules(attribute, `item.${key}`, `${name}.${key}`),
  );
  if (!isOption) return [{ condition: hcl`can(keys(item))`, errorMessage: `${name}: expected an object.` }, ...rules];
  return rules.map((rule) => ({ ...rule, condition: hcl`can(keys(item)) ? ${rule.condition} : true` }));
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
  const { minLength, minItems, maxLength, maxItems } = z.toJSONSchema(inner, { io: "input" }) as Bounds;
  const parts = [
    ...patternsOf(inner).map((pattern) => hcl`can(regex(${asRe2(pattern)}, ${value}))`),
    ...limits(value, minLength ?? minItems, maxLength ?? maxItems),
  ];
  return parts.length === 0 ? undefined : parts.reduce((all, part) => hcl`${all} && ${part}`);
}

/** Patterns of a text that RE2 can check. It knows no look-around; what it cannot check is left to AWS. */
function patternsOf(inner: Field): string[] {
  const bounds = z.toJSONSchema(inner, { io: "input" }) as Bounds;
  return [bounds, ...(bounds.allOf ?? [])]
    .flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]))
    .filter((pattern) => !pattern.includes("(?"));
}

/** A number may come as text, as Terraform takes it from a variable without a type: operators convert it, and `==` does not. */
function numberCondition(field: z.ZodNumber, at: string): Hcl | undefined {
  const { isWhole, comparisons } = boundsOf(field);
  const parts = [
    ...comparisons.map(({ operator, bound }) => `${at} ${operator} ${bound}`),
    ...(isWhole ? [`${at} % 1 == 0`] : []),
  ];
  return parts.length === 0 ? undefined : raw(parts.join(" && "));
}

function limits(value: Hcl, minimum = 0, maximum?: number): Hcl[] {
  return [
    ...(minimum > 0 ? [hcl`length(${value}) >= ${minimum}`] : []),
    ...(maximum === undefined ? [] : [hcl`length(${value}) <= ${maximum}`]),
  ];
}
