/** What may go wrong between a client and S3. Refusals are a listener's to throw (the hook `Request`); here is what only the wire can do. */
import type { ServerResponse } from "node:http";
import { AwsError } from "../aws-error";
import type { RawAnswer } from "../moto/client";
import type { RawRequest } from "../wire/recognise";
import { addressOf, isForS3, type S3Address } from "../wire/s3-address";
import { s3Error } from "./s3";

/** What may happen to a request to S3. */
export type S3Fault =
  /** The connection is closed without an answer. */
  | { readonly kind: "hang-up" }
  /** So long nothing happens, and then the request is carried out. Default: nothing happens, ever. */
  | { readonly kind: "stall"; readonly milliseconds?: number }
  /** Not carried out, and answered by this error, as S3 writes it. */
  | { readonly kind: "error"; readonly status: number; readonly code: string }
  /** Carried out; the connection is closed after this many bytes of the answer's body. */
  | { readonly kind: "truncate"; readonly afterBytes: number }
  /** Carried out; one bit of the body's byte at this offset is another. Nothing but the content tells. */
  | { readonly kind: "change"; readonly offset: number }
  /** Carried out; the object's date is so much later, to a client whose clock is ahead of the lab's by that. */
  | { readonly kind: "redate"; readonly milliseconds: number };

/** A request to S3, such as `{ method: "GET", bucket: "ours", key: "ci/blobs/sha256:…" }`. */
export interface S3Seen extends S3Address {
  readonly method: string;
}

/** Decides about each request to S3 before anybody judges it; undefined lets it through. */
export type S3Faults = (request: S3Seen) => S3Fault | undefined;

/** Nothing goes wrong. */
export const noS3Faults: S3Faults = () => undefined;

/** Answers a request, unless a fault does. @returns the answer to write; undefined if there is none */
export function withFaults(
  faults: S3Faults,
  { request, outgoing }: { readonly request: RawRequest; readonly outgoing: ServerResponse },
  answer: () => Promise<RawAnswer>,
): Promise<RawAnswer | undefined> {
  const seen = seenIn(request);
  const fault = seen && faults(seen);
  return fault ? commit(fault, request, outgoing, answer) : answer();
}

/** Undefined: none to S3, or one that names nothing. */
function seenIn(request: RawRequest): S3Seen | undefined {
  if (!isForS3(request)) return undefined;
  try {
    return { method: request.method, ...addressOf(request) };
  } catch {
    return undefined;
  }
}

async function commit(
  fault: S3Fault,
  request: RawRequest,
  outgoing: ServerResponse,
  answer: () => Promise<RawAnswer>,
): Promise<RawAnswer | undefined> {
  const { socket } = outgoing;
  switch (fault.kind) {
    case "hang-up":
      socket?.destroy();
      return undefined;
    case "stall":
      if (fault.milliseconds === undefined) return undefined;
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds).unref());
      return answer();
    case "error":
      return s3Error(request, new AwsError(fault.code, `the lab answers ${fault.status}`, fault.status));
    case "truncate": {
      const whole = await answer();
      outgoing.once("finish", () => socket?.destroySoon());
      const headers = { "content-length": String(whole.body.length), ...whole.headers };
      return { ...whole, headers, body: whole.body.subarray(0, fault.afterBytes) };
    }
    case "change":
      return changed(await answer(), fault.offset);
    case "redate":
      return redated(await answer(), fault.milliseconds);
  }
}

function changed(answer: RawAnswer, offset: number): RawAnswer {
  const body = Buffer.from(answer.body);
  if (offset < body.length) body[offset] = (body[offset] ?? 0) ^ 1;
  return { ...answer, body };
}

function redated(answer: RawAnswer, milliseconds: number): RawAnswer {
  const date = answer.headers["last-modified"];
  if (date === undefined) return answer;
  const moved = new Date(new Date(String(date)).getTime() + milliseconds).toUTCString();
  return { ...answer, headers: { ...answer.headers, "last-modified": moved } };
}
