/**
 * So that one run tells every problem: what the schema refuses is taken out, and the rest is checked. What was taken out cannot be looked
 * at; a check that tries is given up, since it would judge a configuration that nobody wrote.
 */
import type { z } from "zod";
import { knownKeys } from "./expected";
import { valueAt } from "./explain";
import { nearestTo } from "./nearest";
import type { Path } from "./regional";
import { type Config, configSchema } from "./schema";

type Holder = Record<string | number, unknown>;

/** Thrown by looking at what was taken out. */
class Missing extends Error {}

/** The configuration without what the schema refuses, whose gaps throw {@link Missing}; undefined: too little is left. */
export function pruned(value: unknown): Config | undefined {
  const rest = structuredClone(value);
  const gaps: Path[] = [];
  for (;;) {
    const result = configSchema.safeParse(rest);
    if (result.success) return withGaps(result.data, gaps);
    const gap = remove(rest, pathOf(result.error.issues[0]!));
    if (gap === undefined) return undefined;
    gaps.push(gap);
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

/** What an issue is about: a value, or the first of the unknown keys. */
function pathOf(issue: z.core.$ZodIssue): Path {
  const path = issue.path as Path;
  return issue.code === "unrecognized_keys" ? [...path, issue.keys[0]!] : path;
}

/** Takes out a value or, where there is none, what lacks it; returns what is now a gap. undefined: that would be the whole. */
function remove(rest: unknown, path: Path): Path | undefined {
  const around = path.slice(0, -1);
  const holder = valueAt(rest, around) as Holder | undefined;
  const last = path.at(-1);
  if (last === undefined) return undefined;
  if (holder?.[last] === undefined) return remove(rest, around);
  if (Array.isArray(holder)) {
    holder.splice(last as number, 1);
    return around;
  }
  delete holder[last];
  // An unknown key may be what another was meant to be: then that one is the gap.
  return [...around, nearestTo(String(last), knownKeys(around)) ?? last];
}

function withGaps(config: Config, gaps: readonly Path[]): Config {
  for (const gap of gaps) {
    const holder = valueAt(config, gap.slice(0, -1));
    if (typeof holder !== "object" || holder === null) continue;
    const get = () => {
      throw new Missing();
    };
    Object.defineProperty(holder, gap.at(-1)!, { get, enumerable: true, configurable: true });
  }
  return config;
}
