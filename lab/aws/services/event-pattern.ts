/** Event patterns of EventBridge, with three content filters: `prefix`, `anything-but` and `exists`. Every other one is an error. */

/** Values at the ends of an event: what is neither object nor array. */
type Leaf = string | number | boolean | null;

/** Tells whether a leaf of an event satisfies one entry of a pattern's list. */
type Test = (leaf: Leaf) => boolean;

/**
 * True if a pattern matches an event: every key satisfies one entry of its list. Semantics are those of EventBridge's own matcher
 * (github.com/aws/event-ruler): a list in an event counts as its elements, of which one is enough, so an `anything-but` is
 * satisfied by a list with one other value. Keys of one object of a pattern must be satisfied by one element. `null` is a
 * value like any other. `exists` asks for leaves: a key that holds objects alone does not exist to it.
 *
 * @throws Error if the pattern has something that is not emulated, or that EventBridge refuses, whatever the event
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matchesPattern(pattern: object, event: object): boolean {
  return compile(pattern)([event]);
}

/** Tells whether one of several values, which may be lists of more, satisfies a part of a pattern. */
type Matcher = (values: readonly unknown[]) => boolean;

/** A matcher of objects. Where there is no object, its keys are missing, which `exists` may ask for. */
function compile(pattern: object): Matcher {
  const keys = Object.entries(pattern).map(([key, wanted]): [string, Matcher] => [key, compileKey(key, wanted)]);
  return (values) => {
    const objects = flat(values).filter((value): value is Record<string, unknown> => isObject(value));
    const candidates = objects.length > 0 ? objects : [{} as Record<string, unknown>];
    return candidates.some((one) => keys.every(([key, matches]) => matches(key in one ? [one[key]] : [])));
  };
}

function compileKey(key: string, wanted: unknown): Matcher {
  if (key.startsWith("$")) throw new Error(`the operator ${key} is not emulated`);
  if (isObject(wanted)) return compile(wanted);
  if (!Array.isArray(wanted) || wanted.length === 0) throw new Error(`${key} must be an object or a list with entries`);
  const entries = wanted.map((one) => compileEntry(key, one));
  return (values) => {
    const leaves = flat(values).filter((value): value is Leaf => !isObject(value));
    return entries.some((satisfiedBy) => satisfiedBy(leaves));
  };
}

/** One entry of a list: a value, or a filter. */
function compileEntry(key: string, entry: unknown): (leaves: readonly Leaf[]) => boolean {
  if (Array.isArray(entry)) throw new Error(`${key} has a list within its list`);
  if (!isObject(entry)) return (leaves) => leaves.includes(entry as Leaf);
  if (isOnly(entry, "exists") && typeof entry.exists === "boolean")
    return (leaves) => leaves.length > 0 === entry.exists;
  const test = testOf(entry);
  if (!test) throw new Error(`this content filter is not emulated: ${key} is ${JSON.stringify(entry)}`);
  return (leaves) => leaves.some(test);
}

/** A filter of single values; undefined if it is not known here. */
function testOf(filter: Record<string, unknown>): Test | undefined {
  if (isOnly(filter, "prefix") && typeof filter.prefix === "string") return startsWith(filter.prefix);
  return isOnly(filter, "anything-but") ? anythingBut(filter["anything-but"]) : undefined;
}

/** Only texts have a beginning. */
function startsWith(prefix: string): Test {
  return (leaf) => typeof leaf === "string" && leaf.startsWith(prefix);
}

/** A text or a number, a list of texts alone or of numbers alone, or a prefix. */
function anythingBut(excluded: unknown): Test | undefined {
  if (isObject(excluded)) {
    if (!isOnly(excluded, "prefix") || typeof excluded.prefix !== "string" || excluded.prefix === "") return undefined;
    const begins = startsWith(excluded.prefix);
    return (leaf) => !begins(leaf);
  }
  const list: unknown[] = [excluded].flat();
  const uniform = ["string", "number"].some((type) => list.every((one) => typeof one === type));
  return uniform && list.length > 0 ? (leaf) => !list.includes(leaf) : undefined;
}

function isOnly(object: Record<string, unknown>, key: string): boolean {
  return Object.keys(object).length === 1 && key in object;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function flat(values: readonly unknown[]): unknown[] {
  return values.flatMap((value) => (Array.isArray(value) ? flat(value) : [value]));
}
