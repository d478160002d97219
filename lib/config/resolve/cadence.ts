/** The longest time between two scheduled builds. */

import { Cron } from "croner";
import { DAY_MINUTES, HOUR_MILLISECONDS } from "../../time";
import type { CacheConfig } from "../schema/schema";
import { minutesOf } from "./build-times";

/** DLM copies once a day: copies arrive no more often, whatever the builds do. */
export const COPY_HOURS = 24;
/** Minutes of the units of rate(). */
export const RATE_MINUTES = { minute: 1, hour: 60, day: DAY_MINUTES } as const;
/** Cadence of a cache that only its owner builds, by hand: a month. */
export const BY_HAND_HOURS = 24 * 31;
/** Start of the search for the longest gap: a fixed day, so that the result never changes. */
const REFERENCE = new Date(Date.UTC(2026, 0, 1));
/** Runs looked at: over a year of daily builds, 30 years of monthly ones. */
const RUNS = 400;

/** Longest time between two builds in hours, at least 1. `expression` must have passed {@link expressionProblem}. */
export function cadenceHours(build: CacheConfig["build"]): number {
  if (build.expression !== null) return Math.max(1, Math.ceil(expressionHours(build.expression)));
  if (build.at.length === 0) return BY_HAND_HOURS;
  const times = build.at.map(minutesOf).sort((a, b) => a - b);
  const gaps = times.map((time, index) => (times[index + 1] ?? times[0]! + DAY_MINUTES) - time);
  return Math.ceil(Math.max(...gaps) / 60);
}

/** Returns what is wrong with a rate() or cron() expression, or undefined if nothing is. */
export function expressionProblem(expression: string): string | undefined {
  try {
    const hours = expressionHours(expression);
    return Number.isFinite(hours) ? undefined : "it runs once or never";
  } catch (error) {
    return (error as Error).message;
  }
}

function expressionHours(expression: string): number {
  const body = expression.slice(5, -1);
  return expression.startsWith("rate") ? rateHours(body) : cronHours(body);
}

function rateHours(body: string): number {
  const [, count, unit, plural] = /^([1-9][0-9]*) (minute|hour|day)(s?)$/.exec(body) ?? [];
  if (count === undefined) throw new Error("rate takes a whole number and minutes, hours or days");
  if ((count === "1") !== (plural === "")) throw new Error("rate wants the singular with 1 and the plural otherwise");
  return (Number(count) * RATE_MINUTES[unit as keyof typeof RATE_MINUTES]) / 60;
}

/** Longest gap of AWS's six fields: minutes, hours, day of month, month, day of week (1 is Sunday), year. On the clock, without daylight saving. */
function cronHours(body: string): number {
  const fields = body.split(" ");
  if (fields.length !== 6) throw new Error(`cron takes six fields, this has ${fields.length}`);
  if ((fields[2] === "?") === (fields[4] === "?"))
    throw new Error("cron takes ? for one of day of month and day of week");
  const cron = new Cron(["0", ...fields].join(" "), {
    mode: "7-part",
    timezone: "UTC",
    alternativeWeekdays: true,
    sloppyRanges: true,
    paused: true,
  });
  const runs = cron.nextRuns(RUNS, REFERENCE).map((run) => run.getTime());
  const gaps = runs.slice(1).map((run, index) => run - runs[index]!);
  return gaps.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...gaps) / HOUR_MILLISECONDS;
}
