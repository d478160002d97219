/** Times of builds on the clock: minutes of the day in UTC, in every offset that the time zone has in a year. */
import { DAY_MINUTES } from "../../time";
import type { CacheConfig } from "../schema/schema";

/** From the launch of a builder to its look at the gate: boot and user data, generously. */
export const BOOT_MINUTES = 10;
/** After `replicate_at` DLM starts within the hour; the snapshot itself is a matter of moments. */
export const REPLICATION_MINUTES = 70;
/** Year whose offsets stand for all: a fixed one, so that the same file always gives the same stacks. */
const REFERENCE_YEAR = 2026;

/** Minutes of the day of `HH:MM`. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** `HH:MM` of minutes of the day; beyond midnight, of the next. */
export function timeOf(minutes: number): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

/** Minutes of the day in UTC. */
export function minutesInUtc(time: Date): number {
  return time.getUTCHours() * 60 + time.getUTCMinutes();
}

/** Returns true if the runtime's time zone database knows a name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns a time zone's offsets from UTC in minutes, east positive, least first. They are looked up for each week, since some
 * zones shift for one month only.
 */
export function utcOffsets(timeZone: string): number[] {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" });
  const offsets = new Set<number>();
  for (let week = 0; week < 53; week++) {
    const day = new Date(Date.UTC(REFERENCE_YEAR, 0, 1 + 7 * week));
    const name = format.formatToParts(day).find((part) => part.type === "timeZoneName")!.value;
    // "GMT", "GMT+05:30" or "GMT-03:00".
    offsets.add((name[3] === "-" ? -1 : 1) * (Number(name.slice(4, 6)) * 60 + Number(name.slice(7, 9))));
  }
  return [...offsets].sort((a, b) => a - b);
}

/** Minutes of the day in UTC of a local time under an offset. */
export function toUtc(localMinutes: number, offset: number): number {
  return (((localMinutes - offset) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
}

/** Returns the latest end of a build, in minutes after the scheduled time: the last look at the gate, and the longest work after it. */
export function longestBuild(build: CacheConfig["build"]): number {
  return build.launch_retry_minutes + BOOT_MINUTES + build.watchdog_minutes;
}

/**
 * Returns the `replicate_at` of a cache that gives none, in UTC, or undefined if it has no times of day. It is the first build of
 * the day at its latest offset, plus {@link longestBuild}, up to the next full hour.
 */
export function defaultReplicateAt(build: CacheConfig["build"]): string | undefined {
  if (build.at.length === 0) return undefined;
  const first = Math.min(...build.at.map(minutesOf));
  const latest = toUtc(first, utcOffsets(build.time_zone)[0]!);
  // The hour after it even if it ends on the hour: the builder wants to be done before.
  return timeOf(Math.floor((latest + longestBuild(build)) / 60 + 1) * 60);
}

/** Side of the gate that a build meets, if it does: `before` a replication that it could not finish for, or too soon `after` one. */
export type Gate = "open" | "before" | "after";

/** Returns how the gate stands to a build of `startUtc`, at the worst of its retries. */
export function gateAt(startUtc: number, replicateAt: number, longest: number): Gate {
  const untilNext = (replicateAt - startUtc + DAY_MINUTES) % DAY_MINUTES;
  if (untilNext <= longest && untilNext !== 0) return "before";
  return DAY_MINUTES - untilNext <= REPLICATION_MINUTES || untilNext === 0 ? "after" : "open";
}

/**
 * Returns when a builder goes on again, `HH:MM` in UTC, if one that is started at `now` may find the gate closed and yield.
 * Returns null if the gate is open, or nothing is replicated.
 */
export function closedUntil(now: Date, replicateAt: string | null, watchdogMinutes: number): string | null {
  if (replicateAt === null) return null;
  const at = minutesOf(replicateAt);
  if (gateAt(minutesInUtc(now), at, BOOT_MINUTES + watchdogMinutes) === "open") return null;
  return timeOf(at + REPLICATION_MINUTES + 1);
}
