/** Holds a bucket against what BuildKit's cache takes: a pure function, see {@link bucketFaults}. */
import { BLOB_DAYS, prefixes } from "../../lib/layer-cache";
import type { Fault } from "./fault";
import { archivesOf, expiryOf, isAlways, NEVER } from "./life-cycle";
import type { BucketFacts, BucketSettings } from "./s3";

/** Whose bucket it is, and which of its objects count. */
export interface BucketPlace {
  readonly bucket: string;
  readonly region: string;
  /** Name of the entry, below which its objects are. */
  readonly entry: string;
  /** Name of the region's stack if the bucket is ours; null: it is the user's, and nobody deploys it. */
  readonly stack: string | null;
}

/** What to do about a setting: deploy what is ours, or do it by hand. */
function fixOf({ stack }: BucketPlace, byHand: string): string {
  return stack === null ? byHand : `cdktf deploy ${stack}`;
}

/** Everything that is not in order with a bucket. */
export function bucketFaults(facts: BucketFacts, place: BucketPlace): Fault[] {
  const { bucket, region } = place;
  if (facts.state === "missing") {
    const create = `create the bucket ${bucket} in ${region}, without object lock`;
    return [{ found: "there is no such bucket", fix: fixOf(place, create) }];
  }
  if (facts.state === "elsewhere") {
    const fix = `name a bucket in ${region}, or give the entry the region ${facts.region}`;
    return [{ found: `the bucket is in ${facts.region}`, fix: fixOf(place, fix) }];
  }
  if (facts.state === "refused") return [unread("the bucket", place)];
  const { settings, refused } = facts;
  return [
    ...refused.map((what) => unread(what, place)),
    ...(settings.objectLock === null || settings.objectLock === undefined ? [] : [lockFault(settings.objectLock)]),
    ...(settings.rules === undefined ? [] : lifeCycleFaults(settings.rules, place)),
    ...(settings.versioning === "Enabled" ? versionFaults(settings.rules, place) : []),
    ...(settings.openTo === undefined || settings.openTo.length === 0 ? [] : [accessFault(settings.openTo, place)]),
  ];
}

function unread(what: string, { bucket }: BucketPlace): Fault {
  const fix = `attach docs/policies/command-layer-cache.json, with ${bucket} in it, to who runs this`;
  return { found: `you may not read ${what}`, fix };
}

/** S3 takes no upload without a checksum if there is a default retention, and BuildKit sends none; nobody can switch the lock off again. */
function lockFault({ retention }: NonNullable<BucketSettings["objectLock"]>): Fault {
  return {
    found: retention
      ? "object lock has a default retention, with which S3 refuses every upload of BuildKit's"
      : "object lock is on: with a default retention S3 would refuse every upload of BuildKit's",
    fix: "name a bucket without object lock: nobody can switch it off",
  };
}

const put = (command: string, { bucket, region }: BucketPlace) =>
  `aws s3api ${command} --region ${region} --bucket ${bucket}`;

function lifeCycleFaults(rules: NonNullable<BucketSettings["rules"]>, place: BucketPlace): Fault[] {
  const { entry } = place;
  const keys = prefixes(entry);
  const manifests = Math.max(...["branches/", "default/"].map((one) => expiryOf(rules, keys.manifests + one).latest));
  const blobs = expiryOf(rules, keys.blobs);
  const wanted = `let ${keys.manifests} expire after some days, and ${keys.blobs} ${BLOB_DAYS} days later`;
  const fix = fixOf(place, `${wanted}: ${put("put-bucket-lifecycle-configuration", place)}`);
  const found = [
    ...(manifests === NEVER ? [`nothing lets every object below ${keys.manifests} expire`] : []),
    ...(blobs.latest === NEVER ? [`nothing lets every object below ${keys.blobs} expire`] : []),
    ...(blobs.earliest < manifests + BLOB_DAYS ? [early(manifests, blobs.earliest)] : []),
    ...archivesOf(rules, `${entry}/`).map((archive) => `a rule moves objects to ${archive}, from which no build reads`),
    ...(isAlways(rules, `${entry}/`, ({ AbortIncompleteMultipartUpload: abort }) => abort !== undefined)
      ? []
      : ["nothing removes the parts of uploads that were broken off"]),
  ];
  return found.map((one) => ({ found: one, fix }));
}

/** A manifest names blobs that were last written up to a day before it; S3 rounds up to midnight, and may lag. A build fails over a blob that is gone. */
function early(manifests: number, blobs: number): string {
  const first = blobs === 0 ? "a rule with a date deletes blobs of any age" : `blobs expire after ${blobs} days`;
  const then = manifests === NEVER ? "manifests never" : `manifests after ${manifests}`;
  return `${first}, ${then}: a manifest may name blobs that are gone`;
}

/** Each export writes manifests anew, and blobs that are older than a day: each time S3 keeps what was there. */
function versionFaults(rules: BucketSettings["rules"], place: BucketPlace): Fault[] {
  const ends = isAlways(rules ?? [], `${place.entry}/`, ({ NoncurrentVersionExpiration: end }) => {
    return end?.NoncurrentDays !== undefined && (end.NewerNoncurrentVersions ?? 0) === 0;
  });
  if (ends) return [];
  const fix = `suspend it, or let noncurrent versions expire after a day: ${put("put-bucket-versioning", place)} --versioning-configuration Status=Suspended`;
  return [{ found: "versioning is on, and old versions stay and cost", fix: fixOf(place, fix) }];
}

function accessFault(openTo: readonly string[], place: BucketPlace): Fault {
  const block = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true";
  const fix = `${put("put-public-access-block", place)} --public-access-block-configuration ${block}`;
  return { found: `public access is not blocked: ${openTo.join(", ")} is off`, fix: fixOf(place, fix) };
}
