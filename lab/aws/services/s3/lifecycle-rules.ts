/** Life-cycle rules of S3: which objects they are about, and when. Pure. */
import { DAY_MILLISECONDS } from "../../../../lib/time";
import type { LifecycleFilter, LifecycleRule, LifecycleTag } from "../../s3-lifecycle";

/** What a rule looks at. */
export interface Candidate {
  readonly key: string;
  /** Bytes; undefined: a delete marker, or an upload. */
  readonly size?: number;
  readonly tags?: readonly LifecycleTag[];
}

/** A rule's filter with all that it may ask for. */
export interface Asked {
  readonly prefix: string;
  readonly tags: readonly LifecycleTag[];
  readonly largerThan?: number;
  readonly smallerThan?: number;
}

/** Elements that are understood, by the element that they are in. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  Rule: [
    ...["ID", "Status", "Prefix", "Filter", "Expiration", "NoncurrentVersionExpiration"],
    "AbortIncompleteMultipartUpload",
  ],
  Filter: ["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"],
  And: ["Prefix", "Tags", "ObjectSizeGreaterThan", "ObjectSizeLessThan"],
  Expiration: ["Days", "Date", "ExpiredObjectDeleteMarker"],
  NoncurrentVersionExpiration: ["NoncurrentDays", "NewerNoncurrentVersions"],
  AbortIncompleteMultipartUpload: ["DaysAfterInitiation"],
};

/** @throws Error if a rule has an element that is not carried out here, which the error names */
export function checkRule(rule: LifecycleRule): void {
  checkElement("Rule", rule, `life-cycle rule ${rule.ID ?? ""}`);
  const { tags, largerThan, smallerThan } = filterOf(rule);
  const narrow = tags.length > 0 || largerThan !== undefined || smallerThan !== undefined;
  if (rule.AbortIncompleteMultipartUpload && narrow) {
    throw new Error(`life-cycle rule ${rule.ID}: AbortIncompleteMultipartUpload takes no filter but a prefix`);
  }
}

function checkElement(name: string, value: object, where: string): void {
  for (const [child, content] of Object.entries(value)) {
    if (!ELEMENTS[name]?.includes(child)) throw new Error(`${where}: ${child} is not carried out here`);
    if (ELEMENTS[child] && typeof content === "object") checkElement(child, content as object, where);
  }
}

/** What a rule's filter asks for, old form and new. */
export function filterOf({ Prefix, Filter = {} }: LifecycleRule): Asked {
  const { And = {}, Tag } = Filter;
  const one = <Name extends keyof LifecycleFilter & keyof typeof And>(name: Name) => Filter[name] ?? And[name];
  return {
    prefix: Prefix ?? one("Prefix") ?? "",
    tags: [...(Tag ? [Tag] : []), ...(And.Tags ?? [])],
    largerThan: one("ObjectSizeGreaterThan"),
    smallerThan: one("ObjectSizeLessThan"),
  };
}

/** True if a filter lets a candidate through; what asks for tags or sizes lets no marker through, which has neither. */
export function passes({ prefix, tags, largerThan, smallerThan }: Asked, candidate: Candidate): boolean {
  const { key, size, tags: own = [] } = candidate;
  return (
    key.startsWith(prefix) &&
    tags.every(({ Key, Value }) => own.some((tag) => tag.Key === Key && tag.Value === Value)) &&
    (largerThan === undefined || (size !== undefined && size > largerThan)) &&
    (smallerThan === undefined || (size !== undefined && size < smallerThan))
  );
}

/**
 * The midnight (UTC) after so many days have passed since `start`. A sum that is midnight already is put off to the next: the User Guide rounds "to
 * the next day midnight UTC".
 */
export function midnightAfter(start: Date, days: number): Date {
  const day = Math.floor(start.getTime() / DAY_MILLISECONDS + days) + 1;
  return new Date(day * DAY_MILLISECONDS);
}

/** True if an object of this age has expired. A date goes on to apply once it has passed. */
export function hasExpired({ Expiration = {} }: LifecycleRule, modified: Date, now: Date): boolean {
  const { Days, Date: date } = Expiration;
  if (Days !== undefined) return midnightAfter(modified, Days) <= now;
  return date !== undefined && date <= now;
}
