/** Requests to S3: read, judged by listeners, and handed to moto in their one form. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import type { Aws } from "../handler";
import { type RawAnswer, sendRaw } from "../moto/client";
import { checkUpload, correct } from "../services/s3/memory";
import { escapeXml } from "../wire/codec-query";
import { encodeRestXml } from "../wire/codec-rest-xml";
import type { Models } from "../wire/model";
import { type RawRequest, type Scope, scopeOf } from "../wire/recognise";
import { isS3Control } from "../wire/s3-address";
import { readS3, type S3Request } from "../wire/s3-request";
import { sparedOf, withErrors, withoutSpared } from "./s3-deletions";

/** What the answering takes. */
export interface S3Parts {
  readonly models: Models;
  readonly motoPort: number;
  readonly aws: Aws;
}

/** An answer, and the name of the operation that was called, if it was understood. */
export interface S3Answer {
  readonly answer: RawAnswer;
  readonly action?: string;
}

/** Answers a request to S3. Errors are S3's XML, and to a HEAD without a body. */
export async function respondS3(parts: S3Parts, request: RawRequest): Promise<S3Answer> {
  let action: string | undefined;
  try {
    const scope = signedFor(request);
    if (isS3Control(request)) return { answer: await throughS3Control(parts, request, scope) };
    const read = readS3(parts.models("s3"), request, scope);
    action = read.operation.name;
    checkRegion(read, scope);
    return { action, answer: await judged(parts, read, scope) };
  } catch (error) {
    return { action, answer: s3Error(request, error as Error) };
  }
}

/** Asks the listeners, and carries out what they let pass. */
async function judged(parts: S3Parts, read: S3Request, scope: Scope): Promise<RawAnswer> {
  const { operation } = read;
  const ask = (input: S3Request["input"]) =>
    parts.aws.hooks.raise("Request", { ...scope, action: operation.name, input });
  const spared = await sparedOf(read, ask);
  if (spared.length === 0) return carriedOut(parts, read, scope);
  const input = withoutSpared(read.input, spared);
  if (!input) return withErrors(undefined, spared);
  const { body } = encodeRestXml(parts.models("s3"), operation, input);
  return withErrors(await carriedOut(parts, { ...read, input, onward: { ...read.onward, body } }, scope), spared);
}

async function carriedOut({ aws, motoPort }: S3Parts, { operation, input, onward }: S3Request, scope: Scope) {
  checkUpload(aws, input);
  const answer = await sendRaw({ port: motoPort, now: aws.now }, onward);
  const call = { action: operation.name, region: scope.region, input, body: onward.body };
  return { ...answer, body: correct(aws, call, answer) };
}

/** S3 Control is moto's alone. What its calls take of a role is not known here: the name is none of IAM's. */
async function throughS3Control({ aws, motoPort }: S3Parts, request: RawRequest, scope: Scope): Promise<RawAnswer> {
  await aws.hooks.raise("Request", { ...scope, action: "S3Control", input: {} });
  return sendRaw({ port: motoPort, now: aws.now }, request);
}

/**
 * The scope that a request was signed for. Who does not sign gets nothing, not even from a bucket whose policy or ACL is for everyone: the public
 * access block, which every new bucket has, forbids it, and it is not known here whether it was taken off.
 */
function signedFor(request: RawRequest): Scope {
  const scope = scopeOf(request);
  if (scope && scope.service !== "s3") {
    const words = `The authorization header is malformed; incorrect service "${scope.service}". This endpoint belongs to "s3".`;
    throw new AwsError("AuthorizationHeaderMalformed", words, 400);
  }
  if (scope) return scope;
  if (request.headers.authorization === undefined) throw new AwsError("AccessDenied", "Access Denied", 403);
  const words = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
  throw new AwsError("InvalidRequest", words, 400);
}

function checkRegion({ region }: S3Request, scope: Scope): void {
  if (region === undefined || region === scope.region) return;
  const words = `The authorization header is malformed; the region '${scope.region}' is wrong; expecting '${region}'`;
  throw new AwsError("AuthorizationHeaderMalformed", words, 400);
}

/** An error as S3 answers it: in XML, and to a HEAD without a body. */
export function s3Error({ method }: Pick<RawRequest, "method">, error: Error): RawAnswer {
  const thrown = error instanceof AwsError ? error : new AwsError("InternalError", error.stack ?? error.message, 500);
  const id = randomUUID();
  const said = `<Code>${escapeXml(thrown.code)}</Code><Message>${escapeXml(thrown.message)}</Message>`;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${said}<RequestId>${id}</RequestId><HostId>lab</HostId></Error>`;
  const headers = { "content-type": "application/xml", "x-amz-request-id": id };
  return { status: thrown.status, headers, body: Buffer.from(method === "HEAD" ? "" : body) };
}
