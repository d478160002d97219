import { readFileSync } from "node:fs";
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  request as sendRequest,
} from "node:http";
import { createServer } from "node:https";
import type { LabCertificate } from "../run/certificate";
import { listenAt } from "../run/listen";

/** What may happen to a request. */
export type RegistryFault =
  /** The connection is closed without an answer. */
  | { readonly kind: "hang-up" }
  /** No answer, ever. */
  | { readonly kind: "stall" }
  /** The answer begins, and after this many bytes of its body nothing more comes. */
  | { readonly kind: "stall-after"; readonly bytes: number }
  /** The connection is closed after this many bytes of the body. */
  | { readonly kind: "truncate"; readonly afterBytes: number }
  /** Another answer, such as 429 or 503, with the error's body unless another is given. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | string[]>>;
      readonly body?: string;
    };

/** A request, such as `{ method: "GET", path: "/v2/base/manifests/1", host: "registry.lab" }`. */
export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  /** `registry.lab`, or any name below it, by which a registry of other manners can be played. */
  readonly host: string;
  /** What the client logs in with. */
  readonly authorization?: string;
}

/** Decides about each request; undefined lets it through. */
export type RegistryFaults = (request: RegistryRequest) => RegistryFault | undefined;

/** Starts a TLS server at a Unix socket that passes requests on to the registry behind it, but for the faults. */
export function startFaultyFront(
  socketPath: string,
  certificate: LabCertificate,
  behind: string,
  faults: RegistryFaults,
): Promise<void> {
  const identity = { key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.certificateFile) };
  const server = createServer(identity, faultyListener(behind, faults));
  server.on("clientError", (_error, socket) => socket.destroy());
  return listenAt(server, socketPath);
}

/** Passes requests on to the registry at a Unix socket, but for the faults. */
export function faultyListener(behind: string, faults: RegistryFaults): RequestListener {
  return (request, response) => {
    const { host = "", authorization } = request.headers;
    const fault = faults({ method: request.method ?? "GET", path: request.url ?? "/", host, authorization });
    if (!fault) passOn(request, response, behind);
    else commit(fault, request, response, behind);
  };
}

/** Codes of the Distribution specification: clients believe them, not the status. */
const ERROR_CODES: Readonly<Record<number, string>> = {
  401: "UNAUTHORIZED",
  403: "DENIED",
  404: "MANIFEST_UNKNOWN",
  429: "TOOMANYREQUESTS",
};

const errorBody = (status: number) =>
  JSON.stringify({ errors: [{ code: ERROR_CODES[status] ?? "UNKNOWN", message: `the lab answers ${status}` }] });

function commit(fault: RegistryFault, request: IncomingMessage, response: ServerResponse, behind: string): void {
  switch (fault.kind) {
    case "hang-up":
      request.socket.destroy();
      break;
    case "stall":
      request.resume();
      break;
    case "status":
      request.resume();
      response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
      response.end(fault.body ?? errorBody(fault.status));
      break;
    case "stall-after":
      passOn(request, response, behind, { bytes: fault.bytes, whenSent: () => undefined });
      break;
    case "truncate":
      passOn(request, response, behind, { bytes: fault.afterBytes, whenSent: () => request.socket.destroy() });
      break;
  }
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  behind: string,
  limit?: { bytes: number; whenSent: () => void },
): void {
  // The registry behind speaks plain HTTP; what it links to must not.
  const headers = { ...request.headers, "x-forwarded-proto": "https" };
  const upstream: ClientRequest = sendRequest(
    { socketPath: behind, method: request.method, path: request.url, headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (!limit) answer.pipe(response);
      else passPart(answer, response, limit);
    },
  );
  upstream.on("error", () => request.socket.destroy());
  request.pipe(upstream);
}

function passPart(
  answer: IncomingMessage,
  response: ServerResponse,
  limit: { bytes: number; whenSent: () => void },
): void {
  let left = limit.bytes;
  answer.on("data", (chunk: Buffer) => {
    if (left <= 0) return;
    const part = chunk.subarray(0, left);
    left -= part.length;
    response.write(part, () => {
      if (left <= 0) limit.whenSent();
    });
  });
}
