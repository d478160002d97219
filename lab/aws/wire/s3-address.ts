/** Bucket and key of a request to S3: from its host name and path. */
import { AwsError } from "../aws-error";
import { decodeS3 } from "../s3-names";
import { formOf, type RawRequest, scopeOf } from "./recognise";

/** Where a request points. Neither bucket nor key: the service itself. */
export interface S3Address {
  readonly bucket?: string;
  /** Never empty. */
  readonly key?: string;
  /** Region that the host name says; undefined if it says none. */
  readonly region?: string;
}

/** A host name: S3's own (then buckets are in the path), a bucket's, this machine's, another of S3's, or no host of S3's. */
type Host =
  | { readonly kind: "path"; readonly region?: string }
  | { readonly kind: "bucket"; readonly bucket: string; readonly region?: string }
  | { readonly kind: "loopback" | "other S3" | "no S3" };

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;
const BUCKET = /^(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]$/;
/** UTF-8 bytes. */
const LONGEST_KEY = 1024;

/**
 * True if a request is one to S3: it has a host name of S3's, or is signed for it or for a kin of it, or nobody signed it and no other service takes
 * such. All that moto would carry out as S3 has to be among these: moto takes any name that begins with `s3`, and the unsigned at any host.
 */
export function isForS3(request: RawRequest): boolean {
  const { kind } = hostOf(request);
  if (kind !== "loopback" && kind !== "no S3") return true;
  const scope = scopeOf(request);
  return scope ? /^s3/i.test(scope.service) : isUnclaimed(request);
}

/** True if a request is one to S3 Control, which is signed for S3, too. */
export function isS3Control({ url, headers }: RawRequest): boolean {
  return url.startsWith("/v20180820/") && headers["x-amz-account-id"] !== undefined;
}

/** Reads bucket and key. @throws AwsError if the host or the path is none that is understood here */
export function addressOf(request: RawRequest): S3Address {
  const host = hostOf(request);
  const { url } = request;
  if (host.kind === "other S3" || host.kind === "no S3") {
    const name = request.headers.host;
    throw new AwsError("NotImplemented", `The host ${name} is none that the emulated S3 understands`, 501);
  }
  if (!url.startsWith("/") || url.includes("#")) throw invalidUri();
  const path = (url.split("?")[0] ?? "").slice(1);
  if (host.kind === "bucket") return checked({ bucket: host.bucket, key: path, region: host.region });
  const [bucket = "", ...key] = path.split("/");
  const region = host.kind === "path" ? host.region : undefined;
  if (bucket === "" && key.length > 0) throw invalidUri();
  return bucket === "" ? { region } : checked({ bucket: decodeS3(bucket), key: key.join("/"), region });
}

/** An address whose key is still encoded. */
function checked({ bucket, key: path, region }: { bucket: string; key: string; region?: string }): S3Address {
  if (!BUCKET.test(bucket)) throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400);
  const key = decodeS3(path);
  if (Buffer.byteLength(key) > LONGEST_KEY) throw new AwsError("KeyTooLongError", "Your key is too long", 400);
  return key === "" ? { bucket, region } : { bucket, key, region };
}

function invalidUri(): AwsError {
  return new AwsError("InvalidURI", "Couldn't parse the specified URI.", 400);
}

/**
 * Reads the host from its end, since a bucket's name may have dots and even the label `s3`. Regional and global names and dual-stack ones are
 * understood; those of acceleration, FIPS, access points, websites, and the old ones with a dash before the region are not.
 */
function hostOf({ headers }: RawRequest): Host {
  const name = (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
  if (/^(?:127(?:\.\d+){3}|localhost|\[::1\])$/.test(name)) return { kind: "loopback" };
  const below = /^(.+)\.amazonaws\.com(?:\.cn)?$/.exec(name)?.[1];
  if (below === undefined) return { kind: "no S3" };
  const labels = below.split(".");
  if (labels.at(-1) === "s3") return placed(labels.slice(0, -1));
  const region = labels.at(-1) ?? "";
  if (REGION.test(region)) {
    if (labels.at(-2) === "s3") return placed(labels.slice(0, -2), region);
    if (labels.at(-2) === "dualstack" && labels.at(-3) === "s3") return placed(labels.slice(0, -3), region);
  }
  return { kind: labels.some((label) => /^s3(?:-|$)/.test(label)) ? "other S3" : "no S3" };
}

function placed(bucket: readonly string[], region?: string): Host {
  return bucket.length === 0 ? { kind: "path", region } : { kind: "bucket", bucket: bucket.join("."), region };
}

/** True if an unsigned request is neither moto's own nor one of the calls of STS that nobody signs. */
function isUnclaimed(request: RawRequest): boolean {
  const { url, headers } = request;
  if (headers.authorization !== undefined) return true;
  const forSts = /^\/(?:\?|$)/.test(url) && /^AssumeRoleWith/.test(formOf(request).get("Action") ?? "");
  return !forSts && !/^\/(?:moto-api|latest)\//.test(url);
}
