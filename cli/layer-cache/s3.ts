/** What a bucket is, read by S3's API: the one file of this folder that knows its SDK. Nothing is written. */
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule,
  S3Client,
  type S3ServiceException,
} from "@aws-sdk/client-s3";
import { limitClient } from "../limit";
import { limit, onceEach } from "../region-ports";

export type { LifecycleRule } from "@aws-sdk/client-s3";

/** Settings of a bucket that count. What may not be read is undefined. */
export interface BucketSettings {
  /** null: it has none. `retention`: new objects are locked by default. */
  readonly objectLock?: { readonly retention: boolean } | null;
  readonly rules?: readonly LifecycleRule[];
  /** null: it never had any. */
  readonly versioning?: "Enabled" | "Suspended" | null;
  /** Settings of the public access block that are off. */
  readonly openTo?: readonly string[];
}

/** A bucket as its reader finds it. */
export type BucketFacts =
  | { readonly state: "missing" }
  | { readonly state: "refused" }
  | { readonly state: "elsewhere"; readonly region: string }
  | {
      readonly state: "here";
      readonly settings: BucketSettings;
      /** What may not be read, in words. */
      readonly refused: readonly string[];
    };

const ATTEMPTS = 5;
const BLOCKS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] as const;

const s3Of = onceEach((region) => limitClient(new S3Client({ region, maxAttempts: ATTEMPTS }), limit));

/**
 * An answer to a HEAD has no body: its status counts, and the header that names the bucket's region, which stands beside redirections and refusals too
 * (S3's API reference, HeadBucket).
 */
async function find(client: S3Client, region: string, bucket: string): Promise<BucketFacts | "here"> {
  try {
    const { BucketRegion = region } = await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return BucketRegion === region ? "here" : { state: "elsewhere", region: BucketRegion };
  } catch (error) {
    const { $metadata, $response } = error as S3ServiceException;
    const named = $response?.headers["x-amz-bucket-region"];
    if (named !== undefined && named !== region) return { state: "elsewhere", region: named };
    if ($metadata?.httpStatusCode === 404) return { state: "missing" };
    if ($metadata?.httpStatusCode === 403) return { state: "refused" };
    throw error;
  }
}

/** What one setting is: its value, what S3 says in place of a value, or refused. */
async function setting<Value>(
  read: () => Promise<Value>,
  absent: { readonly code: string; readonly value: Value },
): Promise<{ readonly value: Value } | "refused"> {
  try {
    return { value: await read() };
  } catch (error) {
    const { name } = error as Error;
    if (name === absent.code) return { value: absent.value };
    if (name === "AccessDenied") return "refused";
    throw error;
  }
}

function readLock(client: S3Client, Bucket: string) {
  return setting<NonNullable<BucketSettings["objectLock"]> | null>(
    async () => {
      const { ObjectLockConfiguration: lock } = await client.send(new GetObjectLockConfigurationCommand({ Bucket }));
      return lock?.ObjectLockEnabled === "Enabled" ? { retention: lock.Rule?.DefaultRetention !== undefined } : null;
    },
    { code: "ObjectLockConfigurationNotFoundError", value: null },
  );
}

function readRules(client: S3Client, Bucket: string) {
  return setting<readonly LifecycleRule[]>(
    async () => (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules ?? [],
    { code: "NoSuchLifecycleConfiguration", value: [] },
  );
}

function readVersioning(client: S3Client, Bucket: string) {
  return setting<"Enabled" | "Suspended" | null>(
    async () => (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status ?? null,
    // A bucket that never had any answers without a status.
    { code: "", value: null },
  );
}

function readBlock(client: S3Client, Bucket: string) {
  return setting<readonly string[]>(
    async () => {
      const { PublicAccessBlockConfiguration: block } = await client.send(new GetPublicAccessBlockCommand({ Bucket }));
      return BLOCKS.filter((name) => block?.[name] !== true);
    },
    { code: "NoSuchPublicAccessBlockConfiguration", value: BLOCKS },
  );
}

/** Reads a bucket. @throws if S3 does not answer, or not as its API reference says */
export async function readBucket(region: string, bucket: string): Promise<BucketFacts> {
  const client = s3Of(region);
  const found = await find(client, region, bucket);
  if (found !== "here") return found;
  const [lock, rules, versioning, block] = await Promise.all([
    readLock(client, bucket),
    readRules(client, bucket),
    readVersioning(client, bucket),
    readBlock(client, bucket),
  ]);
  const all = { "object lock": lock, "its life cycle": rules, versioning, "the public access block": block };
  const known = <Value>(one: { readonly value: Value } | "refused") => (one === "refused" ? undefined : one.value);
  return {
    state: "here",
    settings: {
      objectLock: known(lock),
      rules: known(rules),
      versioning: known(versioning),
      openTo: known(block),
    },
    refused: Object.entries(all).flatMap(([what, one]) => (one === "refused" ? [what] : [])),
  };
}
