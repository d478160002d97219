/** Keys of S3 as they travel in paths and in the header of a copy's source. */
import { AwsError } from "./aws-error";

/** The object that a copy reads. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/**
 * Decodes a path, or part of one, as S3 does. `+` is a space there, as in a form: S3's console writes keys with spaces so, and clients that leave a
 * `+` as it is miss their object (aws/aws-sdk-ruby#654, aws/aws-cli#614). Nothing is normalised: dots and empty segments belong to the key.
 *
 * @throws AwsError InvalidURI if the text is not percent-encoded UTF-8
 */
export function decodeS3(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.", 400);
  }
}

/** The one encoding of a key that every reader understands alike: all but letters, digits and `-._~`, slashes too. */
export function encodeS3(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Reads `x-amz-copy-source`: `bucket/key` with or without a slash in front, encoded or not, and the version after `?versionId=`. ARNs of access
 * points are not known here.
 *
 * @throws AwsError InvalidArgument if it is anything else
 */
export function copySourceOf(header: string): CopySource {
  const [source = "", version, ...rest] = header.split("?");
  const versionId = version === undefined ? undefined : /^versionId=([^&]+)$/.exec(version)?.[1];
  const [, bucket = "", key = ""] = /^\/?([^/:]+)\/(.+)$/s.exec(decodeS3(source)) ?? [];
  const readable = bucket !== "" && rest.length === 0 && (version === undefined || versionId !== undefined);
  if (!readable) throw new AwsError("InvalidArgument", "Invalid copy source object key", 400);
  return { bucket, key, versionId: versionId && decodeS3(versionId) };
}

/** A copy's source as `x-amz-copy-source` says it, in its one encoding. */
export function copySourceText({ bucket, key, versionId }: CopySource): string {
  return `${bucket}/${encodeS3(key)}${versionId === undefined ? "" : `?versionId=${encodeS3(versionId)}`}`;
}
