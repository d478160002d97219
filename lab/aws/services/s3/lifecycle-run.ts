/**
 * Carries out the life-cycle rules of buckets, when told that time has passed. AWS does so once a day and takes its time; here all that is due is
 * gone at once. Buckets whose versioning is suspended are not known here, nor are transitions.
 */
import { AwsError } from "../../aws-error";
import type { Aws } from "../../handler";
import type { LifecycleRule } from "../../s3-lifecycle";
import { doomedObjects, doomedVersions, type Run, s3 } from "./lifecycle-doomed";
import { checkRule, filterOf, midnightAfter, passes } from "./lifecycle-rules";
import { forgetUpload, lifecycleOf, uploadsOf } from "./memory";

/** What one round has removed. */
export interface LifecycleRound {
  /** With a version: for good. Without, in a bucket with versions: it has a delete marker now. */
  readonly expired: readonly { readonly bucket: string; readonly key: string; readonly versionId?: string }[];
  readonly aborted: readonly { readonly bucket: string; readonly key: string; readonly uploadId: string }[];
}

/** An object, or a version of one, that has expired. */
type Expired = LifecycleRound["expired"][number];

/**
 * Carries out every enabled rule of every bucket.
 *
 * @param isLate what of it stays until another round; default: nothing
 * @throws Error if a rule has an element that is not carried out here, or was not put through the front
 */
export async function runDueLifecycles(
  aws: Aws,
  isLate: (expired: Expired) => boolean = () => false,
): Promise<LifecycleRound> {
  const { Buckets = [] } = await s3<{ Buckets?: { Name: string }[] }>(aws, "ListBuckets", {});
  const expired: Expired[] = [];
  const aborted: LifecycleRound["aborted"][number][] = [];
  for (const { Name: bucket } of Buckets) {
    const rules = (await rulesOf(aws, bucket)).filter(({ Status }) => Status === "Enabled");
    for (const rule of rules) checkRule(rule);
    if (rules.length === 0) continue;
    const run = { aws, bucket, rules };
    const doomed = (await isVersioned(run)) ? await doomedVersions(run) : await doomedObjects(run);
    for (const { Key, VersionId } of doomed) {
      const one = { bucket, key: Key, versionId: VersionId };
      if (isLate(one)) continue;
      await s3(aws, "DeleteObject", { Bucket: bucket, Key, VersionId });
      expired.push(one);
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

async function unless<Value>(code: string, answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsError && error.code === code) return undefined;
    throw error;
  }
}
