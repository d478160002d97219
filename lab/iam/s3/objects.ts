/** Demands on single objects: those that a call names, and the sources of copies. */
import { AwsError } from "../../aws/aws-error";
import { type CopySource, copySourceOf } from "../../aws/s3-names";
import type { Asked, Demand } from "../demand";
import type { Input } from "../input";
import { OF_VERSIONS } from "./actions";
import { headerKeys } from "./keys";

/** Operations that answer otherwise if the object is not there and the caller may not list the bucket. */
const READS = new Set(["GetObject", "GetObjectAttributes", "HeadObject"]);
const COPIES = new Set(["CopyObject", "UploadPartCopy"]);

/** A copy reads its source, and its tags, which go with it unless the call says otherwise. */
export async function sourceDemands(asked: Asked): Promise<Demand[]> {
  const { action, input } = asked.call;
  if (!COPIES.has(action)) return [];
  const source = copySourceOf(String(input.CopySource));
  const read = ofObject(asked, "GetObject", source);
  const found = await find(asked, source);
  if (found === "missing") return [read, listing(asked, source.bucket)];
  if (action !== "CopyObject" || input.TaggingDirective === "REPLACE" || found !== "tagged") return [read];
  return [read, ofObject(asked, "GetObjectTagging", source), ofObject(asked, "PutObjectTagging", objectOf(input))];
}

/**
 * Who may not list a bucket is not told that an object is missing: 403 instead of 404, says the API reference. Such a call has no prefix: a
 * permission to list that has a condition on `s3:prefix` is none for it, by the strict reading.
 */
export async function absenceDemands(asked: Asked): Promise<Demand[]> {
  const { action, input } = asked.call;
  if (!READS.has(action)) return [];
  const object = objectOf(input);
  return (await find(asked, object)) === "missing" ? [listing(asked, object.bucket)] : [];
}

/** Asks moto for an object. Of a bucket that is not there, nothing can be said: that is the call's own error. */
async function find({ aws, call }: Asked, { bucket, key, versionId }: CopySource) {
  const ask = <Output>(action: string, input: object) =>
    aws.moto<Output>({ service: "s3", action, region: call.region }, input);
  const here = { Bucket: bucket, Key: key, VersionId: versionId };
  try {
    const { TagSet = [] } = await ask<{ TagSet?: object[] }>("GetObjectTagging", here);
    return TagSet.length > 0 ? "tagged" : "there";
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === "NoSuchBucket") return "no bucket";
    return error.status === 404 ? "missing" : "there";
  }
}

/** The demand of an action on an object, by its other name if a version of it is meant. */
export function ofObject(asked: Asked, name: string, { bucket, key, versionId }: CopySource): Demand {
  const action = (versionId === undefined ? undefined : OF_VERSIONS[name]) ?? name;
  const resource = `arn:${asked.aws.partition}:s3:::${bucket}/${key}`;
  return { action: `s3:${action}`, resource, keys: headerKeys(action, asked.call.input, asked.call.action) };
}

function listing(asked: Asked, bucket: string): Demand {
  return { action: "s3:ListBucket", resource: `arn:${asked.aws.partition}:s3:::${bucket}` };
}

/** The object that a call names. */
export function objectOf({ Bucket, Key, VersionId }: Input): CopySource {
  return { bucket: String(Bucket), key: String(Key), versionId: textOf(VersionId) };
}

/** A value of a call as text. */
export function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
