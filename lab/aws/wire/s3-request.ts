/**
 * A request to S3, read: the operation, its input, and the same request as it is passed on. The latter has one form (bucket and key in the path, all
 * encoded alike, no parameter that the operation does not know), so that what was judged is what is carried out, however others read the original.
 */
import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "../aws-error";
import { copySourceOf, copySourceText, encodeS3 } from "../s3-names";
import { decodePayload, encodeRestXml } from "./codec-rest-xml";
import { type Operation, type ServiceModel, shapeOf } from "./model";
import type { RawRequest, Scope } from "./recognise";
import { addressOf, type S3Address } from "./s3-address";
import { membersIn, s3OperationOf } from "./s3-operation";

/** A request that was understood. */
export interface S3Request {
  readonly operation: Operation;
  /** Members by the model's names: `Bucket` and `Key` decoded, `CopySource` in its one encoding; what travels in the query or a header is text. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Region that the host name says; undefined if it says none. */
  readonly region?: string;
  readonly onward: RawRequest;
}

/** Parameters of a signature, in lower case. Other names that begin with `x-amz-` stand for headers, as presigned requests have them. */
const OF_SIGNATURES = new Set(
  ["algorithm", "content-sha256", "credential", "date", "expires", "security-token", "signature", "signedheaders"].map(
    (name) => `x-amz-${name}`,
  ),
);

/** Reads a request. @throws AwsError if it is not understood, as S3 answers it if that is known */
export function readS3(model: ServiceModel, request: RawRequest, scope: Scope): S3Request {
  const address = addressOf(request);
  const query = queryOf(request.url);
  const headers = withHoisted(request.headers, query);
  const level = address.key !== undefined ? "key" : address.bucket !== undefined ? "bucket" : "service";
  const given = new Set(Object.keys(headers));
  const operation = s3OperationOf(model, { method: request.method, level, query, headers: given });
  const input = inputOf(model, operation, { address, query, headers, body: request.body });
  return {
    operation,
    input,
    region: address.region,
    onward: onward(model, operation, { request, headers, input, scope }),
  };
}

/** Each name of the query once. */
function queryOf(url: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.split("?").slice(1).join("?"))) {
    if (query.has(name)) throw new AwsError("InvalidArgument", `The query parameter ${name} is there twice`, 400);
    query.set(name, value);
  }
  return query;
}

/** The headers, with those that a presigned request has in its query. */
function withHoisted(headers: IncomingHttpHeaders, query: ReadonlyMap<string, string>): IncomingHttpHeaders {
  const all = { ...headers };
  for (const [name, value] of query) {
    const header = name.toLowerCase();
    if (!header.startsWith("x-amz-") || OF_SIGNATURES.has(header)) continue;
    if ((all[header] ?? value) !== value) throw new AwsError("InvalidArgument", `${name} contradicts the header`, 400);
    all[header] = value;
  }
  return all;
}

interface Parts {
  readonly address: S3Address;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function inputOf(model: ServiceModel, operation: Operation, { address, query, headers, body }: Parts) {
  const input: Record<string, unknown> = {};
  if (address.bucket !== undefined) input.Bucket = address.bucket;
  if (address.key !== undefined) input.Key = address.key;
  for (const { name, wire } of membersIn(model, operation, "querystring")) {
    if (query.has(wire)) input[name] = query.get(wire);
  }
  for (const { name, wire } of membersIn(model, operation, "header")) {
    if (headers[wire.toLowerCase()] !== undefined) input[name] = String(headers[wire.toLowerCase()]);
  }
  if (typeof input.CopySource === "string") input.CopySource = copySourceText(copySourceOf(input.CopySource));
  const whole = { ...input, ...payloadOf(model, operation, headers, body) };
  checkVersions(whole);
  return whole;
}

/** An empty version would be judged as a version, and carried out as none. What S3 answers to one within a deletion is not documented. */
function checkVersions({ VersionId, Delete }: Readonly<Record<string, unknown>>): void {
  if (VersionId === "") throw new AwsError("InvalidArgument", "Version id cannot be the empty string", 400);
  const { Objects = [] } = (Delete ?? {}) as { readonly Objects?: readonly { readonly VersionId?: string }[] };
  if (Objects.some((one) => one.VersionId === ""))
    throw new AwsError("MalformedXML", "Version id cannot be the empty string", 400);
}

function payloadOf(model: ServiceModel, operation: Operation, headers: IncomingHttpHeaders, body: Buffer) {
  if (!isStructured(model, operation)) return {};
  if (String(headers["x-amz-content-sha256"]).startsWith("STREAMING-")) {
    throw new AwsError("NotImplemented", `A ${operation.name} in chunks is not understood here`, 501);
  }
  return decodePayload(model, operation, body);
}

function isStructured(model: ServiceModel, { input }: Operation): boolean {
  const { payload, members = {} } = input ? shapeOf(model, input) : {};
  const ref = payload === undefined ? undefined : members[payload];
  return ref !== undefined && shapeOf(model, ref).type === "structure";
}

interface Onward {
  readonly request: RawRequest;
  readonly headers: IncomingHttpHeaders;
  readonly input: Readonly<Record<string, unknown>>;
  readonly scope: Scope;
}

function onward(model: ServiceModel, operation: Operation, { request, headers, input, scope }: Onward): RawRequest {
  const { method, url, body } = encodeRestXml(model, operation, input);
  const { accessKeyId, region } = scope;
  const copySource = input.CopySource === undefined ? {} : { "x-amz-copy-source": String(input.CopySource) };
  return {
    method,
    url,
    headers: {
      ...headers,
      ...copySource,
      // moto takes buckets from paths at such a host, and the region from the signature.
      host: "127.0.0.1",
      authorization: `AWS4-HMAC-SHA256 Credential=${encodeS3(accessKeyId)}/20200101/${region}/s3/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: operation.name === "DeleteObjects" ? body : request.body,
  };
}
