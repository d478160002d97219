/** Parts of a module that a provider would not take, as far as its schema tells: see ./binding-schema.ts. */
import type { Json, JsonObject } from "../emit/hcl/expression";
import { loneExpression } from "../emit/hcl/expression";
import type { Argument, Arguments, Schema } from "./binding-schema";

type Kind = "resource" | "data";
/** Schema of a resource or data source type. */
export type SchemaOf = (kind: Kind, type: string) => Schema;

/** Arguments of Terraform itself. */
const META = new Set(["//", "count", "for_each", "provider", "depends_on", "lifecycle"]);

/**
 * Returns everything in a module, its JSON, that does not fit the schema. Also everything it uses whose schema is another than in `tried`, a version
 * that has taken it.
 */
export function misfits(module: JsonObject, schemaOf: SchemaOf, tried: SchemaOf): string[] {
  const bodies = (["resource", "data"] as const).flatMap((kind) =>
    Object.entries((module[kind] ?? {}) as JsonObject)
      .filter(([type]) => type.startsWith("aws_"))
      .flatMap(([type, byName]) =>
        Object.entries(byName as JsonObject).flatMap(([name, body]) => {
          const [given, known] = [schemaOf(kind, type).arguments, tried(kind, type).arguments];
          return bodyMisfits(body as JsonObject, given, known, `${type}.${name}`);
        }),
      ),
  );
  return [...bodies, ...readMisfits(module, schemaOf, tried)];
}

/** @param tried the same of a version that has taken the body, or undefined if that knows no more. */
export function bodyMisfits(
  body: JsonObject,
  schema: Arguments,
  tried: Arguments | null | undefined,
  path: string,
): string[] {
  const given = argumentsOf(body);
  const missing = Object.entries(schema).flatMap(([name, { required }]) =>
    required && !given.some(([used]) => used === name) ? [`${path}.${name} is missing`] : [],
  );
  const misfitting = given.flatMap(([name, value]) => {
    const [now, before] = [schema[name], tried?.[name]];
    if (now === undefined) return [`${path}.${name} is not known`];
    return [
      ...(before && before.type !== now.type ? [`${path}.${name} is ${now.type}, and was ${before.type}`] : []),
      ...valueMisfits(value, now, before, `${path}.${name}`),
    ];
  });
  return [...missing, ...misfitting];
}

/** Arguments and blocks of a body, those of dynamic blocks among them. */
function argumentsOf({ dynamic, ...body }: JsonObject): [string, Json][] {
  const given = Object.entries(body).filter(([name, value]) => !META.has(name) && value !== null);
  const contents = Object.entries((dynamic ?? {}) as JsonObject).flatMap(([name, blocks]) =>
    listOf(blocks).map((block) => [name, (block as JsonObject).content as Json] as [string, Json]),
  );
  return [...given, ...contents];
}

function valueMisfits(value: Json, { type, below }: Argument, before: Argument | undefined, path: string): string[] {
  // An expression may be of any type: that Terraform finds out, with a provider of the same schema.
  if (typeof value === "string" && loneExpression(value) !== undefined) return [];
  const isPrimitive = typeof value !== "object" || value === null;
  if (isPrimitive !== ["string", "number", "boolean"].includes(type))
    return [`${path} is ${type}, given ${kindOf(value)}`];
  if (below === null) return [];
  return listOf(value).flatMap((item) =>
    typeof item === "object" && item !== null ? bodyMisfits(item as JsonObject, below, before?.below, path) : [],
  );
}

/** Attributes that expressions read, e.g. `aws_x.y[0].arn`, or `item.arn` if `item` goes over one. */
function readMisfits(module: JsonObject, schemaOf: SchemaOf, tried: SchemaOf): string[] {
  const found = [...new Set(stringsOf(module).flatMap(readsIn))].map(
    (read) => JSON.parse(read) as [Kind, string, string],
  );
  return found.flatMap(([kind, type, name]) => {
    const [now, before] = [schemaOf(kind, type).attributes[name], tried(kind, type).attributes[name]];
    if (now === undefined) return [`${type}: ${name} cannot be read`];
    return now === before ? [] : [`${type}: ${name} is read as ${now}, and was as ${before}`];
  });
}

const ADDRESS = String.raw`(?<![\w.])(data\.)?(aws_[a-z0-9_]+)\.\w+`;

/** Returns what an expression reads, as JSON of kind, type and name: texts can be compared. */
export function readsIn(text: string): string[] {
  const read = (data: string | undefined, type: string, name: string) =>
    JSON.stringify([data === undefined ? "resource" : "data", type, name]);
  const direct = [...text.matchAll(new RegExp(String.raw`${ADDRESS}(?:\[[^\]]*\])*\.(\w+)`, "g"))].map(
    ([, data, type = "", name = ""]) => read(data, type, name),
  );
  const loops = [...text.matchAll(new RegExp(String.raw`for (\w+) in ${ADDRESS}`, "g"))];
  const indirect = loops.flatMap(([, item, data, type = ""]) =>
    [...text.matchAll(new RegExp(String.raw`(?<![\w.])${item}\.(\w+)`, "g"))].map(([, name = ""]) =>
      read(data, type, name),
    ),
  );
  return [...direct, ...indirect];
}

function stringsOf(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...stringsOf(item as Json)]);
}

function kindOf(value: Json): string {
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : JSON.stringify(value);
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}
