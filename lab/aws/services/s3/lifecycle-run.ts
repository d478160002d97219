/**
 * Carries out the life-cycle rules of buckets, when told that time has passed. AWS does so once a day and takes its time; here all that is due is
 * gone at once. Buckets whose versioning is suspended are not known here, nor are transitions.
 */
import { AwsError } from "../../aws-error";
import type { Aws } from "../../handler";
import type { LifecycleRule, LifecycleTag } from "../../s3-lifecycle";
import { checkRule, filterOf, hasExpired, midnightAfter, passes } from "./lifecycle-rules";
import { forgetUpload, lifecycleOf, uploadsOf } from "./memory";

/** What one round has removed. */
export interface LifecycleRound {
  /** With a version: for good. Without, in a bucket with versions: it has a delete marker now. */
  readonly expired: readonly { readonly bucket: string; readonly key: string; readonly versionId?: string }[];
  readonly aborted: readonly { readonly bucket: string; readonly key: string; readonly uploadId: string }[];
}

/** A version of an object, or a delete marker, which has no size. */
interface Version {
  readonly Key: string;
  readonly VersionId?: string;
  readonly IsLatest?: boolean;
  readonly LastModified: Date;
  readonly Size?: number;
}

/** One bucket with its enabled rules. */
interface Run {
  readonly aws: Aws;
  readonly bucket: string;
  readonly rules: readonly LifecycleRule[];
}

/** Buckets' names are global, and so are moto's calls on them. */
const region = "us-east-1";

/**
 * Carries out every enabled rule of every bucket.
 *
 * @throws Error if a rule has an element that is not carried out here, or was not put through the front
 */
export async function runDueLifecycles(aws: Aws): Promise<LifecycleRound> {
  const { Buckets = [] } = await s3<{ Buckets?: { Name: string }[] }>(aws, "ListBuckets", {});
  const expired: LifecycleRound["expired"][number][] = [];
  const aborted: LifecycleRound["aborted"][number][] = [];
  for (const { Name: bucket } of Buckets) {
    const rules = (await rulesOf(aws, bucket)).filter(({ Status }) => Status === "Enabled");
    for (const rule of rules) checkRule(rule);
    if (rules.length === 0) continue;
    const run = { aws, bucket, rules };
    const doomed = (await isVersioned(run)) ? await doomedVersions(run) : await doomedObjects(run);
    for (const { Key, VersionId } of doomed) {
      await s3(aws, "DeleteObject", { Bucket: bucket, Key, VersionId });
      expired.push({ bucket, key: Key, versionId: VersionId });
    }
    aborted.push(...(await abortUploads(run)));
  }
  return { expired, aborted };
}

async function rulesOf(aws: Aws, Bucket: string): Promise<readonly LifecycleRule[]> {
  const record = lifecycleOf(aws, Bucket);
  if (record) return record.rules;
  const others = await unless("NoSuchLifecycleConfiguration", s3(aws, "GetBucketLifecycleConfiguration", { Bucket }));
  if (others) throw new Error(`the life-cycle rules of ${Bucket} were not put through the front`);
  return [];
}

async function isVersioned({ aws, bucket }: Run): Promise<boolean> {
  const { Status } = await s3<{ Status?: string }>(aws, "GetBucketVersioning", { Bucket: bucket });
  if (Status === "Suspended")
    throw new Error(`life cycles of ${bucket}, whose versioning is suspended, are not known here`);
  return Status === "Enabled";
}

async function doomedObjects(run: Run): Promise<{ Key: string; VersionId?: string }[]> {
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
  const tags = due.some((rule) => filterOf(rule).tags.length > 0) ? await tagsOf(run, Key, VersionId) : [];
  return due.some((rule) => passes(filterOf(rule), { key: Key, size: Size, tags }));
}

async function doomedVersions(run: Run): Promise<{ Key: string; VersionId?: string }[]> {
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
  const doomed: { Key: string; VersionId?: string }[] = [];
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

async function abortUploads({ aws, bucket, rules }: Run) {
  const aborted = [];
  for (const [uploadId, upload] of Object.entries(uploadsOf(aws)).filter(([, one]) => one.bucket === bucket)) {
    const due = rules.some((rule) => {
      const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
      if (days === undefined || midnightAfter(upload.initiated, days) > aws.now()) return false;
      return passes(filterOf(rule), { key: upload.key });
    });
    if (!due) continue;
    const UploadId = uploadId;
    await unless("NoSuchUpload", s3(aws, "AbortMultipartUpload", { Bucket: bucket, Key: upload.key, UploadId }));
    forgetUpload(aws, uploadId);
    aborted.push({ bucket, key: upload.key, uploadId });
  }
  return aborted;
}

function s3<Output = object>(aws: Aws, action: string, input: object): Promise<Output> {
  return aws.moto<Output>({ service: "s3", action, region }, input);
}

async function unless<Value>(code: string, answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsError && error.code === code) return undefined;
    throw error;
  }
}
