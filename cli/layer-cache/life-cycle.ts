/**
 * A bucket's life cycle, as far as it concerns the objects of one entry: after how many days S3 deletes what, at the earliest and at the latest.
 * Sources: S3's API reference, LifecycleRule, and the user guide, "Lifecycle configuration elements": of several rules that an object falls under
 * the shortest expiry counts; days are counted from the object's last writing, and rounded up to midnight UTC.
 */
import type { LifecycleRule } from "./s3";

/** For ever, in days. */
export const NEVER = Number.POSITIVE_INFINITY;

/** After how many days objects of a folder are gone. */
export interface Expiry {
  /** The first of any object; {@link NEVER}: none is deleted. */
  readonly earliest: number;
  /** By when each is gone; {@link NEVER}: some stay. */
  readonly latest: number;
}

/** Whether a rule is about all objects of a folder, some, or none. */
type Reach = "all" | "some" | "none";

/** The beginning of the keys that a rule is about, in its present form, its former one, or among several conditions. */
function prefixOf({ Prefix, Filter }: LifecycleRule): string {
  return Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? "";
}

/** BuildKit's objects have no tags, so a rule that asks for one reaches none of them. */
function asksForTags({ Filter }: LifecycleRule): boolean {
  return Filter?.Tag !== undefined || (Filter?.And?.Tags ?? []).length > 0;
}

function asksForSize({ Filter }: LifecycleRule): boolean {
  const conditions = { ...Filter, ...Filter?.And };
  return conditions.ObjectSizeGreaterThan !== undefined || conditions.ObjectSizeLessThan !== undefined;
}

/** Returns what a rule is about of the objects whose keys begin with a folder. */
export function reachOf(rule: LifecycleRule, folder: string): Reach {
  if (rule.Status !== "Enabled" || asksForTags(rule)) return "none";
  const prefix = prefixOf(rule);
  if (folder.startsWith(prefix)) return asksForSize(rule) ? "some" : "all";
  return prefix.startsWith(folder) ? "some" : "none";
}

/**
 * Days after which a rule deletes an object, at the earliest and at the latest. A rule with a date deletes all there is on that day, however new it
 * is, and goes on with what comes later; before it nothing. So it may delete at once, and nothing is sure of it.
 */
function daysOf({ Expiration }: LifecycleRule): Expiry {
  if (Expiration?.Date !== undefined) return { earliest: 0, latest: NEVER };
  const days = Expiration?.Days ?? NEVER;
  return { earliest: days, latest: days };
}

/** Returns after how many days objects of a folder are deleted. */
export function expiryOf(rules: readonly LifecycleRule[], folder: string): Expiry {
  const [earliest, latest] = (["earliest", "latest"] as const).map((end) => {
    const reaching = rules.filter((rule) => {
      const reach = reachOf(rule, folder);
      return end === "earliest" ? reach !== "none" : reach === "all";
    });
    return Math.min(NEVER, ...reaching.map((rule) => daysOf(rule)[end]));
  });
  return { earliest: earliest as number, latest: latest as number };
}

/** True if a rule that is about all of a folder does something. */
export function isAlways(
  rules: readonly LifecycleRule[],
  folder: string,
  does: (rule: LifecycleRule) => boolean,
): boolean {
  return rules.some((rule) => reachOf(rule, folder) === "all" && does(rule));
}

/** Classes from which nothing can be read before it is restored (S3 user guide, "Understanding S3 Glacier storage classes"). */
const ARCHIVES = ["GLACIER", "DEEP_ARCHIVE"];

/** Returns the classes of archives that rules move objects of a folder to. */
export function archivesOf(rules: readonly LifecycleRule[], folder: string): string[] {
  const moved = rules
    .filter((rule) => reachOf(rule, folder) !== "none")
    .flatMap(({ Transitions = [] }) => Transitions.map(({ StorageClass = "" }) => StorageClass as string));
  return ARCHIVES.filter((archive) => moved.includes(archive));
}
