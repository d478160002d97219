/** From what the schema objects to, to problems that say what was found, what is expected and how to fix it. */
import type { z } from "zod";
import { describeExpected, knownKeys, schemaAt } from "./expected";
import { fixFor } from "./fix";
import { nearestTo } from "./nearest";
import type { Finding, Path } from "./problem";

type Issue = z.core.$ZodIssue;

/** A finding, and whether it is about a key or about its value. */
export interface SchemaFinding extends Finding {
  readonly part: "key" | "value";
}

/** Parts of the file that the explanations need. */
export interface Given {
  /** The schema that objects. */
  readonly schema: z.ZodType;
  readonly value: unknown;
  /** Returns the text's spelling of the scalar at a path. */
  source(path: Path): string | undefined;
}

/** Explains an issue; `around` is the path of what was parsed, if that is not the whole file. */
export function explain(issue: Issue, given: Given, around: Path = []): SchemaFinding[] {
  const path = [...around, ...(issue.path as Path)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], key, given.schema));
    case "invalid_key":
      return [badKey(path, issue.issues[0]!.message), ...below(path, given)];
    case "invalid_union":
      return explainUnion(issue, path, given);
    case "custom":
      return [value(path, given, issue.message)];
    default:
      return [value(path, given, describeExpected(schemaAt(path, given.schema)!))];
  }
}

function unknownKey(path: Path, key: string, schema: z.ZodType): SchemaFinding {
  const known = knownKeys(path.slice(0, -1), schema);
  const nearest = nearestTo(key, known);
  const inImage = path.includes("images");
  const homes = homesOf(path.slice(0, -1), key, schema);
  const otherwise = homes.length > 0 ? `put it under ${homes.join(" or ")}` : "remove it";
  const fix = nearest
    ? `write ${nearest}`
    : `${otherwise}${inImage ? ", or, where one reference is meant, the blank after its colon" : ""}`;
  return { path, part: "key", found: `the unknown key ${key}`, expected: `one of ${known.join(", ")}`, fix };
}

/** The keys beside a misplaced one below which it is known. */
function homesOf(path: Path, key: string, schema: z.ZodType): string[] {
  return knownKeys(path, schema).flatMap((one) => {
    if (knownKeys([...path, one], schema).includes(key)) return [one];
    return knownKeys([...path, one, "any"], schema).includes(key) ? [`${one}.<name>`] : [];
  });
}

function badKey(path: Path, meaning: string): SchemaFinding {
  const key = String(path.at(-1));
  return { path, part: "key", found: `the key ${JSON.stringify(key)}`, expected: meaning, fix: "rename it" };
}

/** Looks at values below a key that the schema refuses all the same. */
function below(path: Path, given: Given): SchemaFinding[] {
  const result = schemaAt(path, given.schema)!.safeParse(valueAt(given.value, path));
  return result.success ? [] : result.error.issues.flatMap((issue) => explain(issue, given, path));
}

function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, given: Given): SchemaFinding[] {
  const meant = issue.errors.find((branch) =>
    branch.every(({ path: inner, code }) => inner.length > 0 || code !== "invalid_type"),
  );
  if (meant) return meant.flatMap((inner) => explain(inner, given, path));
  return [value(path, given, describeExpected(schemaAt(path, given.schema)!))];
}

function value(path: Path, given: Given, expected: string): SchemaFinding {
  const found = valueAt(given.value, path);
  if (path.length === 0) return wholeFile(found, given.schema);
  const source = given.source(path);
  return {
    path,
    part: "value",
    found: describeFound(found, source),
    expected,
    fix: fixFor(schemaAt(path, given.schema), path.at(-1), found, source),
  };
}

function wholeFile(found: unknown, schema: z.ZodType): SchemaFinding {
  return {
    path: [],
    part: "value",
    found: found === null ? "an empty file" : describeFound(found),
    expected: `a map with ${knownKeys([], schema).join(", ")}`,
    fix: "begin with `regions:` and `caches:`, as docs/configuration.md and the example docker-cache.yaml do",
  };
}

/** Returns the value at a path, or undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null | undefined)?.[step], value);
}

/** Longest piece of a value that an error repeats. */
const SHOWN = 100;

/** A value in words, as the file spells it. */
export function describeFound(value: unknown, source?: string): string {
  if (value === undefined) return "nothing";
  if (value === null) return source ? `${source}, which is null` : "nothing after the key, which is null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") return describeMap(Object.keys(value));
  if (typeof value === "string") return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
  return source === undefined || source === String(value) ? `${value}` : `${source}, which YAML reads as ${value}`;
}

function describeMap(keys: readonly string[]): string {
  return keys.length === 0 ? "an empty map" : `a map with ${keys.join(", ")}`;
}
