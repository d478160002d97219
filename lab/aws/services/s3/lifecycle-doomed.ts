/** Objects and versions of a bucket that its life-cycle rules say are to go. */
import type { Aws } from "../../handler";
import type { LifecycleRule, LifecycleTag } from "../../s3-lifecycle";
import { filterOf, hasExpired, midnightAfter, passes } from "./lifecycle-rules";

/** A version of an object, or a delete marker, which has no size. */
interface Version {
  readonly Key: string;
  readonly VersionId?: string;
  readonly IsLatest?: boolean;
  readonly LastModified: Date;
  readonly Size?: number;
}

/** One bucket with its enabled rules. */
export interface Run {
  readonly aws: Aws;
  readonly bucket: string;
  readonly rules: readonly LifecycleRule[];
}

/** What is to be deleted: a version for good, or a key as by any client. */
export interface Doomed {
  readonly Key: string;
  readonly VersionId?: string;
}

/** Buckets' names are global, and so are moto's calls on them. */
const region = "us-east-1";

/** Calls S3 of moto. */
export function s3<Output = object>(aws: Aws, action: string, input: object): Promise<Output> {
  return aws.moto<Output>({ service: "s3", action, region }, input);
}

/** Of a bucket without versions. */
export async function doomedObjects(run: Run): Promise<Doomed[]> {
  const objects: Version[] = [];
  let ContinuationToken: string | undefined;
  do {
    type Page = { Contents?: Version[]; NextContinuationToken?: string };
    const page: Page = await s3(run.aws, "ListObjectsV2", { Bucket: run.bucket, ContinuationToken });
    objects.push(...(page.Contents ?? []));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  const doomed = [];
  for (const object of objects) if (await isExpired(run, object)) doomed.push({ Key: object.Key });
  return doomed;
}

/** True if a rule about the object says that it has expired. */
async function isExpired(run: Run, { Key, VersionId, LastModified, Size }: Version): Promise<boolean> {
  const due = run.rules.filter((rule) => hasExpired(rule, LastModified, run.aws.now()));
  const tagged = Size !== undefined && due.some((rule) => filterOf(rule).tags.length > 0);
  const tags = tagged ? await tagsOf(run, Key, VersionId) : [];
  return due.some((rule) => passes(filterOf(rule), { key: Key, size: Size, tags }));
}

/** Of a bucket with versions. */
export async function doomedVersions(run: Run): Promise<Doomed[]> {
  type Page = { Versions?: Version[]; DeleteMarkers?: Version[]; IsTruncated?: boolean };
  const page = await s3<Page>(run.aws, "ListObjectVersions", { Bucket: run.bucket });
  if (page.IsTruncated) throw new Error(`${run.bucket} has more versions than one page: not known here`);
  const markers = (page.DeleteMarkers ?? []).map((marker) => ({ ...marker, Size: undefined }));
  const byKey = new Map<string, Version[]>();
  for (const version of [...(page.Versions ?? []), ...markers]) {
    byKey.set(version.Key, [...(byKey.get(version.Key) ?? []), version]);
  }
  const doomed = [];
  for (const versions of byKey.values()) doomed.push(...(await doomedOf(run, versions.sort(newestFirst))));
  return doomed;
}

function newestFirst(a: Version, b: Version): number {
  return (
    Number(b.IsLatest === true) - Number(a.IsLatest === true) || b.LastModified.getTime() - a.LastModified.getTime()
  );
}

/** Of the versions of one key: the current one gets a marker, old ones go for good, and so does a marker that is alone. */
async function doomedOf(run: Run, [current, ...older]: readonly Version[]) {
  if (!current) return [];
  const { Key, VersionId, Size } = current;
  const doomed: Doomed[] = [];
  if (Size !== undefined) {
    if (await isExpired(run, current)) doomed.push({ Key });
  } else if (older.length === 0 && ((await isExpired(run, current)) || cleansMarkers(run, Key))) {
    doomed.push({ Key, VersionId });
  }
  for (const [index, version] of older.entries()) {
    const since = (index === 0 ? current : older[index - 1])?.LastModified ?? current.LastModified;
    if (await isOutdated(run, version, since, index)) doomed.push({ Key, VersionId: version.VersionId });
  }
  return doomed;
}

function cleansMarkers({ rules }: Run, key: string): boolean {
  return rules.some((rule) => rule.Expiration?.ExpiredObjectDeleteMarker === true && passes(filterOf(rule), { key }));
}

/** Days count from the moment at which the version's successor came; so many newer ones of the old versions are kept. */
async function isOutdated(run: Run, { Key, VersionId, Size }: Version, since: Date, newer: number): Promise<boolean> {
  const due = run.rules.filter(({ NoncurrentVersionExpiration: rule }) => {
    if (rule?.NoncurrentDays === undefined) return false;
    return midnightAfter(since, rule.NoncurrentDays) <= run.aws.now() && newer >= (rule.NewerNoncurrentVersions ?? 0);
  });
  const tagged = Size !== undefined && due.some((rule) => filterOf(rule).tags.length > 0);
  const tags = tagged ? await tagsOf(run, Key, VersionId) : [];
  return due.some((rule) => passes(filterOf(rule), { key: Key, size: Size, tags }));
}

async function tagsOf({ aws, bucket }: Run, Key: string, VersionId?: string): Promise<readonly LifecycleTag[]> {
  const { TagSet = [] } = await s3<{ TagSet?: LifecycleTag[] }>(aws, "GetObjectTagging", {
    Bucket: bucket,
    Key,
    VersionId,
  });
  return TagSet;
}
