/**
 * S3's demands for each operation, by the API reference ("Permissions" of each operation) and the Service Authorization Reference. KMS's are
 * in kms.ts.
 */
import type { CopySource } from "../../aws/s3-names";
import type { Facts } from "../context";
import type { Asked, Demand } from "../demand";
import type { Input } from "../input";
import type { Policy } from "../policy";
import { bucketPolicyOf } from "../resource-policy";
import { ON_BUCKETS, ON_OBJECTS } from "./actions";
import { headerKeys, S3_KEYS } from "./keys";
import { kmsDemands } from "./kms";
import { absenceDemands, objectOf, ofObject, sourceDemands, textOf } from "./objects";

const WRITES = new Set(["CopyObject", "CreateMultipartUpload", "PutObject"]);

/**
 * Returns the demands of a call of S3, each with the policy of its bucket.
 *
 * @throws Error if it is not known what S3 asks
 */
export async function s3Demands(asked: Asked): Promise<readonly Demand[]> {
  const { aws, call } = asked;
  const demands = await plainDemands(asked);
  if (!demands) throw new Error(`what AWS demands for ${call.action} of S3 is not known here: add it to lab/iam`);
  const policies = new Map<string, Promise<Policy | undefined>>();
  const policyOf = (bucket: string) => {
    const policy = policies.get(bucket) ?? bucketPolicyOf(aws, call.region, bucket);
    policies.set(bucket, policy);
    return policy;
  };
  // The lab's endpoints are TLS for machines; what reaches the loopback address stands for it.
  const all = { ...S3_KEYS, "aws:SecureTransport": "true" };
  const owner = { "s3:ResourceAccount": aws.accountId, "aws:ResourceAccount": aws.accountId };
  const ofS3 = await Promise.all(
    demands.map(async (one) => {
      const bucket = /^arn:[^:]+:s3:::([^/]+)/.exec(one.resource)?.[1];
      const resourcePolicy = bucket === undefined ? undefined : await policyOf(bucket);
      return { ...one, keys: { ...all, ...owner, ...one.keys }, resourcePolicy };
    }),
  );
  return [...ofS3, ...(await kmsDemands(asked))];
}

async function plainDemands(asked: Asked): Promise<readonly Demand[] | undefined> {
  const { action, input } = asked.call;
  if (action === "ListBuckets") return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
  if (action === "CreateBucket") return creation(asked);
  if (action === "DeleteObjects") return deletions(asked);
  const onBucket = ON_BUCKETS[action];
  if (onBucket) return [{ action: `s3:${onBucket}`, resource: bucketArn(asked), keys: listKeys(onBucket, input) }];
  const onObject = ON_OBJECTS[action];
  if (!onObject) return undefined;
  const own = onObject.map((name) => ofObject(asked, name, objectOf(input)));
  return [...own, ...companions(asked), ...(await sourceDemands(asked)), ...(await absenceDemands(asked))];
}

/** What a new bucket takes beside its creation, as the API reference says of CreateBucket. */
function creation(asked: Asked): Demand[] {
  const { input } = asked.call;
  const resource = bucketArn(asked);
  const { Tags = [], LocationConstraint } = (input.CreateBucketConfiguration ?? {}) as {
    readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
    readonly LocationConstraint?: string;
  };
  const requestTags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  const keys = { ...headerKeys("CreateBucket", input), "s3:locationconstraint": LocationConstraint };
  const more = [
    ...((input.ACL ?? "private") !== "private" || grants(input) ? ["PutBucketAcl"] : []),
    ...(input.ObjectLockEnabledForBucket === "true" ? ["PutBucketObjectLockConfiguration", "PutBucketVersioning"] : []),
    ...(input.ObjectOwnership === undefined ? [] : ["PutBucketOwnershipControls"]),
  ];
  return [
    { action: "s3:CreateBucket", resource, keys, requestTags },
    ...more.map((name) => ({ action: `s3:${name}`, resource })),
    ...(Tags.length > 0 ? [{ action: "s3:TagResource", resource, requestTags }] : []),
  ];
}

/** Each object by itself; the server asks again for each if not all of them may be deleted. */
function deletions(asked: Asked): Demand[] {
  const { Objects = [] } = (asked.call.input.Delete ?? {}) as { readonly Objects?: readonly Input[] };
  return Objects.flatMap(({ Key, VersionId }) => {
    const object = { bucket: String(asked.call.input.Bucket), key: String(Key), versionId: textOf(VersionId) };
    return [ofObject(asked, "DeleteObject", object), ...bypass(asked, object)];
  });
}

/** What a call takes beside its own action, by its headers. */
function companions(asked: Asked): Demand[] {
  const { action, input } = asked.call;
  const object = objectOf(input);
  if (action === "DeleteObject" || action === "PutObjectRetention") return bypass(asked, object);
  if (!WRITES.has(action)) return [];
  const names = [
    ...(input.ACL !== undefined || grants(input) ? ["PutObjectAcl"] : []),
    ...(input.Tagging === undefined ? [] : ["PutObjectTagging"]),
    ...(input.ObjectLockMode === undefined && input.ObjectLockRetainUntilDate === undefined
      ? []
      : ["PutObjectRetention"]),
    ...(input.ObjectLockLegalHoldStatus === undefined ? [] : ["PutObjectLegalHold"]),
  ];
  return names.map((name) => ofObject(asked, name, object));
}

function bypass(asked: Asked, object: CopySource): Demand[] {
  const asks = asked.call.input.BypassGovernanceRetention === "true";
  return asks ? [ofObject(asked, "BypassGovernanceRetention", object)] : [];
}

function bucketArn({ aws, call }: Asked): string {
  return `arn:${aws.partition}:s3:::${call.input.Bucket}`;
}

/** What a list asks for; other calls that take the same action ask for nothing. */
function listKeys(action: string, { Prefix, Delimiter, MaxKeys }: Input): Facts["keys"] {
  if (action !== "ListBucket" && action !== "ListBucketVersions") return {};
  return { "s3:prefix": textOf(Prefix), "s3:delimiter": textOf(Delimiter), "s3:max-keys": textOf(MaxKeys) };
}

function grants(input: Input): boolean {
  return Object.keys(input).some((name) => name.startsWith("Grant"));
}
