/**
 * Prunes a configuration, so that one run tells every problem: what the schema refuses is taken out, and the rest is checked.
 * Values that were taken out, or were never there, cannot be looked at. A check that tries is given up, since it would judge a
 * configuration that nobody wrote.
 */
import type { z } from "zod";
import type { Config, configSchema } from "../schema/schema";
import { knownKeys, schemaAt } from "./expected";
import { valueAt } from "./explain";
import { nearestTo } from "./nearest";
import type { Path } from "./problem";

type Holder = Record<string | number, unknown>;

/** Thrown by looking at what was taken out. */
class Missing extends Error {}

/**
 * Stand-ins for a required value that is missing, so that the schema takes the rest: the first that fits is used. Nobody sees it,
 * for its place is a gap.
 */
const STAND_INS = [["a"], "aaa", "eu-west-1", { "eu-west-1": {} }, { a: { images: ["a"] } }];

/** Returns the configuration without what the schema refuses, whose gaps throw {@link Missing}, or undefined if it is no map. */
export function pruned(value: unknown, schema: typeof configSchema): Config | undefined {
  const rest = structuredClone(value);
  const gaps = new Gaps();
  for (;;) {
    const result = schema.safeParse(rest);
    if (result.success) return gaps.dig(result.data);
    if (!remove(rest, pathOf(result.error.issues[0]!), gaps, schema)) return undefined;
  }
}

/** Runs a check; one that looks into a gap finds nothing. */
export function unlessMissing<T>(check: () => T[]): T[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof Missing) return [];
    throw error;
  }
}

/** Path of what an issue is about: a value, or the first of the unknown keys. */
function pathOf(issue: z.core.$ZodIssue): Path {
  const path = issue.path as Path;
  return issue.code === "unrecognized_keys" ? [...path, issue.keys[0]!] : path;
}

/** Takes out a value. If there is none, puts a stand-in there or takes out what lacks it. False: that would be the whole. */
function remove(rest: unknown, path: Path, gaps: Gaps, schema: z.ZodType): boolean {
  const around = path.slice(0, -1);
  const holder = valueAt(rest, around) as Holder | undefined;
  const last = path.at(-1);
  if (last === undefined) return false;
  if (Array.isArray(holder)) {
    holder.splice(last as number, 1);
    gaps.addEntry(around, last as number);
  } else if (holder?.[last] !== undefined) {
    delete holder[last];
    // An unknown key may be what another was meant to be: then that one is the gap.
    gaps.add([...around, nearestTo(String(last), knownKeys(around, schema)) ?? last]);
  } else {
    const standIn = STAND_INS.find((one) => schemaAt(path, schema)?.safeParse(one).success);
    if (standIn === undefined) return remove(rest, around, gaps, schema);
    holder![last] = structuredClone(standIn);
    gaps.add(path);
  }
  return true;
}

/** Places of what was taken out, or never was there. */
class Gaps {
  readonly #paths: Path[] = [];
  /** Lists by their path as text: the indexes of entries that were taken out, in ascending order. */
  readonly #entries = new Map<string, { path: Path; taken: number[] }>();

  add(path: Path): void {
    this.#paths.push(path);
  }

  /** `index` counts the entries that were left; those before it were taken out first. */
  addEntry(path: Path, index: number): void {
    const key = JSON.stringify(path);
    const { taken } = this.#entries.get(key) ?? { taken: [] };
    this.#entries.set(key, { path, taken: [...taken, index + taken.length] });
  }

  /** Opens them. */
  dig(config: Config): Config {
    for (const path of this.#paths) {
      // If the object around it was taken out too, this one belongs to nobody.
      makeHole(Object(seenAt(config, path.slice(0, -1))), path.at(-1)!);
    }
    for (const { path, taken } of this.#entries.values()) {
      const list = seenAt(config, path);
      if (!Array.isArray(list)) continue;
      for (const index of taken) {
        list.splice(index, 0, undefined);
        makeHole(list, index);
      }
    }
    return config;
  }
}

function makeHole(holder: object, key: string | number): void {
  const get = () => {
    throw new Missing();
  };
  Object.defineProperty(holder, key, { get, enumerable: true, configurable: true });
}

/** Returns the value at a path, or undefined if something around it is missing. */
function seenAt(config: Config, path: Path): unknown {
  return unlessMissing(() => [valueAt(config, path)])[0];
}

/** The entries of a list that can be looked at, each with its place in the file's list. */
export function present<T>(list: readonly T[]): [index: number, entry: T][] {
  return [...list.keys()].flatMap((index) => unlessMissing((): [number, T][] => [[index, list[index]!]]));
}
