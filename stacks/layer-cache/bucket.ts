/** The bucket of a layer cache: private, encrypted, without versions, and its objects expire. A bucket of the user's gets nothing of this. */
import { BLOB_DAYS, prefixes } from "../../lib/layer-cache";
import { keepName } from "../parts/keep-name";
import { policyDocument } from "../parts/policy";
import {
  S3Bucket,
  S3BucketLifecycleConfiguration,
  S3BucketOwnershipControls,
  S3BucketPolicy,
  S3BucketPublicAccessBlock,
  S3BucketServerSideEncryptionConfigurationA,
  Token,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, num, str } from "../terraform/expression";
import { attributeOf, isAbsent, isMaybe, isNull, mayBeAbsent, mayBeOneOf } from "../terraform/maybe";
import type { LayerCacheProps, LayerCacheScope } from "./scope";

/** Days after which S3 deletes the parts of an upload that nobody has finished. */
const PART_DAYS = 1;

/** What belongs to the bucket: its name, and the count of all that is made for it. */
interface Made {
  readonly bucket: string;
  readonly count: number | undefined;
}

/** @returns undefined if no bucket is made, as far as TypeScript knows */
export function createBucket(entry: LayerCacheScope): S3Bucket | undefined {
  const { scope, props, identity, tags, bucket: name } = entry;
  if (!mayBeOneOf(props.backend, ["s3"]) || !mayBeAbsent(props.bucket)) return undefined;
  const count = countOfBucket(props);
  const bucket = new S3Bucket(scope, "layers.bucket", {
    bucket: name,
    forceDestroy: true,
    tags: tags(),
    count,
    lifecycle: keepName(identity, "bucket"),
  });
  comment(bucket, "Every layer can be built again.", "force_destroy");
  const made = { bucket: attributeOf(bucket, "id"), count };
  createEncryption(entry, made);
  createAccess(entry, made);
  createExpiry(entry, made);
  return bucket;
}

/** Ours is made if layers are kept in S3, and in no bucket of the user's. */
function countOfBucket({ backend, bucket }: LayerCacheProps): number | undefined {
  return Token.isUnresolved(backend) ? num`${backend} == "s3" && ${isNull(bucket)} ? 1 : 0` : undefined;
}

function createEncryption({ scope, props }: LayerCacheScope, made: Made): void {
  const { kmsKeyArn: key } = props;
  const algorithm = isMaybe(key) ? str`${isNull(key)} ? "AES256" : "aws:kms"` : isAbsent(key) ? "AES256" : "aws:kms";
  const encryption = new S3BucketServerSideEncryptionConfigurationA(scope, "layers.encryption", {
    ...made,
    rule: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: algorithm, kmsMasterKeyId: key ?? undefined },
        bucketKeyEnabled: isMaybe(key) ? hcl`${key} != null` : !isAbsent(key),
      },
    ],
  });
  comment(encryption, "The bucket's own key spares KMS a request for each layer.");
}

/** Nobody reads by an object's own rules, nor without TLS, whatever other policies say. */
function createAccess({ scope, current, bucket: name }: LayerCacheScope, { bucket, count }: Made): void {
  new S3BucketOwnershipControls(scope, "layers.ownership", {
    bucket,
    count,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  const block = new S3BucketPublicAccessBlock(scope, "layers.public-access", {
    bucket,
    count,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  const arn = current.arn("s3", name, { region: null, account: null });
  new S3BucketPolicy(scope, "layers.policy", {
    bucket,
    count,
    policy: policyDocument(
      scope,
      "bucket.document",
      [
        {
          sid: "OnlyTls",
          effect: "Deny",
          everybody: true,
          actions: ["s3:*"],
          resources: [arn, `${arn}/*`],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
      count,
    ),
    // S3 refuses two changes of a bucket's access at once.
    dependsOn: [block],
  });
}

function createExpiry({ scope, props }: LayerCacheScope, made: Made): void {
  const { manifests, blobs } = prefixes(props.name);
  const expiry = (id: string, prefix: string, days: number) => ({
    id,
    status: "Enabled",
    filter: [{ prefix }],
    expiration: [{ days }],
  });
  const lifecycle = new S3BucketLifecycleConfiguration(scope, "layers.lifecycle", {
    ...made,
    rule: [
      expiry("manifests", manifests, props.expireAfterDays),
      expiry("blobs", blobs, later(props.expireAfterDays)),
      {
        id: "uploads",
        status: "Enabled",
        filter: [{ prefix: "" }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: PART_DAYS }],
      },
    ],
  });
  comment(
    lifecycle,
    "Two rules, not one: a build fails if a blob is gone that a manifest names. An export touches blobs that are older than a day, so they outlive manifests.",
  );
}

function later(days: number): number {
  return Token.isUnresolved(days) ? num`${days} + ${BLOB_DAYS}` : days + BLOB_DAYS;
}
