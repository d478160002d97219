/** From what the schema objects to, to problems that say what was found, what is expected and how to fix it. */
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { describeExpected, knownKeys, schemaAt } from "./expected";
import type { Finding } from "./problem";
import type { Path } from "./regional";

type Issue = z.core.$ZodIssue;

/** A finding, and whether it is about a key or about its value. */
export interface SchemaFinding extends Finding {
  readonly part: "key" | "value";
}

/** What the explanations need of the file. */
export interface Given {
  readonly value: unknown;
  /** How the text spells the scalar at a path. */
  source(path: Path): string | undefined;
}

/** Explains an issue; `around` is the path of what was parsed, where that is not the whole file. */
export function explain(issue: Issue, given: Given, around: Path = []): SchemaFinding[] {
  const path = [...around, ...(issue.path as Path)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], key, knownKeys(path)));
    case "invalid_key":
      return [badKey(path, issue.issues[0]!.message), ...below(path, given)];
    case "invalid_union":
      return explainUnion(issue, path, given);
    case "custom":
      return [value(path, given, issue.message)];
    default:
      return [value(path, given, describeExpected(schemaAt(path)!))];
  }
}

function unknownKey(path: Path, key: string, known: readonly string[]): SchemaFinding {
  const nearest = nearestTo(key, known);
  const inImage = path.includes("images");
  const fix = nearest
    ? `write ${nearest}`
    : `remove it${inImage ? ", or, where one reference is meant, the blank after its colon" : ""}`;
  return { path, part: "key", found: `the unknown key ${key}`, expected: `one of ${known.join(", ")}`, fix };
}

/** The known word that a wrong one most likely stands for; undefined: none is near. */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  const [best] = [...known].sort((a, b) => distance(word, a) - distance(word, b));
  if (best === undefined) return undefined;
  const near = distance(word, best) <= Math.max(2, Math.floor(best.length / 3));
  return near || best.includes(word) || word.includes(best) ? best : undefined;
}

function badKey(path: Path, meaning: string): SchemaFinding {
  const key = String(path.at(-1));
  return { path, part: "key", found: `the key ${JSON.stringify(key)}`, expected: meaning, fix: "rename it" };
}

/** What is below a key that the schema refuses is looked at all the same. */
function below(path: Path, given: Given): SchemaFinding[] {
  const result = schemaAt(path)!.safeParse(valueAt(given.value, path));
  return result.success ? [] : result.error.issues.flatMap((issue) => explain(issue, given, path));
}

function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, given: Given): SchemaFinding[] {
  const meant = issue.errors.find((branch) =>
    branch.every(({ path: inner, code }) => inner.length > 0 || code !== "invalid_type"),
  );
  if (meant) return meant.flatMap((inner) => explain(inner, given, path));
  return [value(path, given, describeExpected(schemaAt(path)!))];
}

function value(path: Path, given: Given, expected: string): SchemaFinding {
  const found = valueAt(given.value, path);
  const source = given.source(path);
  return { path, part: "value", found: describeFound(found, source), expected, fix: fixFor(path, found, source) };
}

/** The value at a path; undefined where there is none. */
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

/** Words that older YAML read as booleans. */
const YES = /^(y|yes|on|true)$/i;
const NO = /^(n|no|off|false)$/i;

function fixFor(path: Path, found: unknown, source: string | undefined): string {
  const field = schemaAt(path);
  const accepts = (candidate: unknown) => field?.safeParse(candidate).success === true;
  if (found === null && accepts({})) return "write {} for the defaults, or remove the key";
  if (found === undefined) return `add ${path.at(-1) ?? "the configuration"}`;
  if (typeof found === "string") {
    if (accepts(true) && YES.test(found)) return "write true";
    if (accepts(false) && NO.test(found)) return "write false";
    if (found !== "" && accepts(Number(found))) return `write ${Number(found)} without quotes`;
  } else if (source && accepts(source)) return `put it in quotes: "${source}"`;
  if (found !== null && !Array.isArray(found) && typeof found !== "object" && acceptsList(accepts, source ?? found))
    return `make it a list: [${source ?? found}]`;
  return accepts(undefined) ? `correct it, or remove it for the default${defaultOf(field!)}` : "correct it";
}

function acceptsList(accepts: (candidate: unknown) => boolean, item: unknown): boolean {
  return accepts([item]);
}

function defaultOf(field: z.ZodType): string {
  const value = field.parse(undefined);
  return value === undefined || (typeof value === "object" && value !== null) ? "" : `, ${value}`;
}
