/** Condition keys of S3 that are read from the headers of a request. */
import type { Facts } from "../context";
import type { Input } from "../input";

/** Members of calls by the key that shows them. */
const MEMBERS: Readonly<Record<string, string>> = {
  "s3:if-match": "IfMatch",
  "s3:if-none-match": "IfNoneMatch",
  "s3:x-amz-acl": "ACL",
  "s3:x-amz-copy-source": "CopySource",
  "s3:x-amz-grant-full-control": "GrantFullControl",
  "s3:x-amz-grant-read": "GrantRead",
  "s3:x-amz-grant-read-acp": "GrantReadACP",
  "s3:x-amz-grant-write": "GrantWrite",
  "s3:x-amz-grant-write-acp": "GrantWriteACP",
  "s3:x-amz-metadata-directive": "MetadataDirective",
  "s3:x-amz-object-ownership": "ObjectOwnership",
  "s3:x-amz-server-side-encryption": "ServerSideEncryption",
  "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
  "s3:x-amz-storage-class": "StorageClass",
};

const GRANTS = Object.keys(MEMBERS).filter((key) => key.startsWith("s3:x-amz-grant-"));

/** The keys that an action knows. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  CreateBucket: ["s3:x-amz-acl", "s3:x-amz-object-ownership", ...GRANTS],
  DeleteObject: ["s3:if-match"],
  PutObject: Object.keys(MEMBERS).filter((key) => key !== "s3:x-amz-object-ownership"),
  PutObjectAcl: ["s3:x-amz-acl", ...GRANTS],
};

/** Calls that make an object, and not only a part of one. */
const CREATING = new Set(["CompleteMultipartUpload", "CopyObject", "PutObject"]);

/** Every key of S3 that is known here, for calls that lack it. */
export const S3_KEYS: Facts["keys"] = Object.fromEntries(
  ["s3:prefix", "s3:delimiter", "s3:max-keys", "s3:locationconstraint", "s3:ObjectCreationOperation"]
    .concat(Object.keys(MEMBERS))
    .map((key) => [key, undefined]),
);

/** What the headers of a call say to an action that it takes. */
export function headerKeys(action: string, input: Input, operation?: string): Facts["keys"] {
  const keys = (KNOWN[action] ?? []).map((key): [string, string | undefined] => {
    const value = input[MEMBERS[key] ?? ""];
    return [key, value === undefined ? undefined : String(value)];
  });
  const creates = { "s3:ObjectCreationOperation": String(CREATING.has(operation ?? "")) };
  return { ...Object.fromEntries(keys), ...(action === "PutObject" ? creates : {}) };
}
