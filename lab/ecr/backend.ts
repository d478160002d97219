/** The Docker registry that keeps the bytes. Nobody but this emulation reaches it. */
import { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A request to the registry behind. */
export interface BackendRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** @default - none */
  readonly body?: Readable | string;
}

/** Sends requests to the registry behind. */
export interface Backend {
  /** Sends one; the answer's body is the caller's to read. */
  send(request: BackendRequest): Promise<IncomingMessage>;
}

/** The registry at a Unix socket. */
export function backendAt(socketPath: string): Backend {
  return {
    send: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const sent = request({ socketPath, method, path, headers: { ...headers, host: "registry" } }, resolve);
        sent.on("error", reject);
        if (body === undefined || typeof body === "string") sent.end(body);
        else pipeline(body, sent).catch(reject);
      }),
  };
}

/** An answer's body as text. */
export async function textOf(answer: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Throws unless an answer has one of these states; its body is read then. */
export async function expectStatus(answer: IncomingMessage, what: string, ...wanted: number[]): Promise<void> {
  if (wanted.includes(answer.statusCode ?? 0)) return;
  throw new Error(
    `the registry behind answered ${answer.statusCode} to ${what}: ${(await textOf(answer)).slice(0, 300)}`,
  );
}

/** Headers of a request or an answer that belong to its content. */
export function contentHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const names = ["content-type", "content-length", "content-range", "transfer-encoding", "range", "accept-ranges"];
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
}
