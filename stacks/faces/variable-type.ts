/** A field of the configuration's schema as the type and the default of a Terraform variable, so that none of them is stated twice. */
import { z } from "zod";
import { bare } from "../../lib/config/text/expected";

type Field = z.ZodType;

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

/** Attributes of an object by name, or undefined if the field is none. */
export function attributesOf(field: Field): Readonly<Record<string, Field>> | undefined {
  const inner = bare(field);
  return inner instanceof z.ZodObject ? (inner.shape as Record<string, Field>) : undefined;
}

/** The alternatives of a field that has some. */
export function optionsOf(field: Field): readonly Field[] {
  const inner = bare(field);
  return inner instanceof z.ZodUnion ? (inner.options as Field[]) : [field];
}

/**
 * Returns true if the field is an object, or a list or a map of some. Its variable has the type `any`: of a type with named attributes Terraform drops all
 * others without a word (docs/decisions/0016).
 */
export function isOpen(field: Field): boolean {
  const inner = bare(field);
  if (inner instanceof z.ZodArray) return optionsOf(inner.element as Field).some((option) => attributesOf(option));
  if (inner instanceof z.ZodRecord) return attributesOf(inner.valueType as Field) !== undefined;
  return attributesOf(inner) !== undefined;
}

/** The type expression of a variable. */
export function typeOf(field: Field): string {
  return isOpen(field) ? "any" : closedTypeOf(field);
}

/** The type expression with all attributes. */
export function closedTypeOf(field: Field): string {
  const inner = bare(field);
  if (inner instanceof z.ZodNumber) return "number";
  if (inner instanceof z.ZodBoolean) return "bool";
  if (inner instanceof z.ZodLiteral) return typeof [...inner.values][0];
  if (inner instanceof z.ZodArray) return `list(${closedTypeOf(inner.element as Field)})`;
  if (inner instanceof z.ZodRecord) return `map(${closedTypeOf(inner.valueType as Field)})`;
  const attributes = attributesOf(inner);
  if (attributes === undefined) return "string";
  const types = Object.entries(attributes).map(([name, attribute]) => `${name} = ${attributeType(attribute)}`);
  return `object({ ${types.join(", ")} })`;
}

function attributeType(field: Field): string {
  const standard = defaultOf(field);
  if (standard === undefined) return closedTypeOf(field);
  return standard === null
    ? `optional(${closedTypeOf(field)})`
    : `optional(${closedTypeOf(field)}, ${JSON.stringify(standard)})`;
}
