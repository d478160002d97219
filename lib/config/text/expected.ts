/** The schema as something to ask: what stands at a path, which keys are known there, and what a value must be, in words. */
import { z } from "zod";
import { configSchema } from "../schema/schema";
import { boundsOf } from "./number-bounds";
import type { Path } from "./problem";

/** Bounds of a field's JSON Schema that are used here. */
interface Bounds {
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

/** A field without what makes it optional. */
export function bare(field: z.ZodType): z.ZodType {
  const wrapped =
    field instanceof z.ZodDefault ||
    field instanceof z.ZodPrefault ||
    field instanceof z.ZodOptional ||
    field instanceof z.ZodNullable;
  return wrapped ? bare(field.unwrap() as z.ZodType) : field;
}

/** Returns the schema at a path of the configuration, or undefined if it knows none. */
export function schemaAt(path: Path, schema: z.ZodType = configSchema): z.ZodType | undefined {
  let field: z.ZodType | undefined = schema;
  for (const step of path) field = field && childOf(bare(field), step);
  return field;
}

function childOf(field: z.ZodType, step: string | number): z.ZodType | undefined {
  if (field instanceof z.ZodRecord) return field.valueType as z.ZodType;
  if (field instanceof z.ZodArray) return field.element as z.ZodType;
  return eitherOf(groupsOf(field).flatMap((group) => group.shape[step] ?? []));
}

/** A field that alternatives have under one key. */
function eitherOf(fields: z.ZodType[]): z.ZodType | undefined {
  return fields.length > 1
    ? z.union(fields).describe(fields.map(({ description }) => description).join(" "))
    : fields[0];
}

/** The maps with fixed keys that a field may be: itself, or some of its alternatives. */
function groupsOf(field: z.ZodType): z.ZodObject[] {
  const options = field instanceof z.ZodUnion ? (field.options as z.ZodType[]) : [field];
  return options.filter((option) => option instanceof z.ZodObject);
}

/** Returns the keys that a map at a path may have, or none if any may stand. */
export function knownKeys(path: Path, schema: z.ZodType = configSchema): string[] {
  const at = schemaAt(path, schema);
  return at === undefined ? [] : [...new Set(groupsOf(bare(at)).flatMap((group) => Object.keys(group.shape)))];
}

/** Says what a value must be, completing "expected …". */
export function describeExpected(field: z.ZodType): string {
  const inner = bare(field);
  return `${describeBare(inner)}${field.safeParse(null).success ? ", or null" : ""}`;
}

function describeBare(field: z.ZodType): string {
  const bounds = z.toJSONSchema(field, { io: "input" }) as Bounds;
  if (field instanceof z.ZodNumber) return describeNumber(field);
  if (field instanceof z.ZodBoolean) return "true or false";
  if (field instanceof z.ZodEnum) return `one of ${field.options.join(", ")}`;
  if (field instanceof z.ZodLiteral) return `one of ${[...field.values].join(", ")}`;
  if (field instanceof z.ZodArray) return describeList(field.element as z.ZodType, bounds);
  if (field instanceof z.ZodObject || field instanceof z.ZodRecord) return "a map";
  if (field instanceof z.ZodUnion) return describeUnion(field.options as z.ZodType[]);
  return `${meaningOf(field)}${bounds.maxLength === undefined ? "" : `, at most ${bounds.maxLength} characters`}`;
}

const COMPARED = { ">=": "at least", ">": "greater than", "<=": "at most", "<": "less than" } as const;

function describeNumber(field: z.ZodNumber): string {
  const { isWhole, comparisons } = boundsOf(field);
  const kind = isWhole ? "a whole number" : "a number";
  const isRange = comparisons.map(({ operator }) => operator).join() === ">=,<=";
  if (isRange) return `${kind} from ${comparisons.map(({ bound }) => bound).join(" to ")}`;
  return [kind, ...comparisons.map(({ operator, bound }) => `${COMPARED[operator]} ${bound}`)].join(", ");
}

function describeUnion(options: readonly z.ZodType[]): string {
  const values = options.flatMap((option) => (option instanceof z.ZodLiteral ? [...option.values] : []));
  return values.length > 0 ? `one of ${values.join(", ")}` : [...new Set(options.map(describeExpected))].join(", or ");
}

function describeList(element: z.ZodType, { minItems = 0, maxItems }: Bounds): string {
  const length = maxItems === undefined ? "a list" : `a list of ${minItems} to ${maxItems}`;
  return `${length}, each ${describeExpected(element)}`;
}

/** Returns what the schema says of a text: its answer to one that does not fit. */
function meaningOf(field: z.ZodType): string {
  return field.safeParse(undefined).error!.issues[0]!.message;
}
