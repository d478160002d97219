/** The HTTP server that the product talks to: answers what it has a handler for, hands everything else to moto. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { AwsError } from "../aws-error";
import type { Aws, Handlers, Target } from "../handler";
import { type RawAnswer, sendRaw } from "../moto/client";
import { decodeJson, encodeJson } from "../wire/codec-json";
import { decodeForm, encodeXml, encodeXmlError } from "../wire/codec-query";
import { isXml, type Models, type Operation, type ServiceModel } from "../wire/model";
import { actionOf, formOf, isForm, operationOf, type RawRequest, type Scope, scopeOf } from "../wire/recognise";
import { isForS3 } from "../wire/s3-address";
import { respondS3 } from "./s3";
import { type S3Faults, withFaults } from "./s3-faults";

/** Parts of the front: the models, the handlers, moto's port, and the AWS that carries out a handled call. */
export interface FrontParts {
  readonly models: Models;
  readonly handlers: Handlers;
  readonly motoPort: number;
  readonly aws: Aws;
  /** Told of each call: time, service, action, region, status, milliseconds, and which of front and moto answered. */
  log(line: string): void;
  /** Called when a client asks moto to forget everything. */
  reset(): void;
  /** Returns who answers for a host name in the place of the front; undefined: the front. */
  listenerOf(host: string): RequestListener | undefined;
  /** Decides what goes wrong with a request to S3. */
  readonly s3Faults: S3Faults;
}

/** A request whose operation is known. */
interface Known {
  readonly model: ServiceModel;
  readonly operation: Operation;
  readonly scope: Scope;
  readonly request: RawRequest;
}

/** Starts the server on a loopback port. */
export async function startFront(parts: FrontParts, port: number): Promise<Server> {
  const services = new Set(Object.keys(parts.handlers).map((key) => key.split(":")[0]));
  const server = createServer((incoming, outgoing) => {
    const other = parts.listenerOf(incoming.headers.host ?? "");
    if (other) return other(incoming, outgoing);
    return readRequest(incoming)
      .then((request) => withFaults(parts.s3Faults, { request, outgoing }, () => respond(parts, services, request)))
      .then((answer) => answer && write(outgoing, answer, parts.aws.now()))
      .catch((error: Error) => write(outgoing, plainError(error), parts.aws.now()));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

async function respond(parts: FrontParts, services: Set<string | undefined>, request: RawRequest): Promise<RawAnswer> {
  if (isForS3(request)) return toS3(parts, request);
  if (request.url.startsWith("/moto-api/reset")) parts.reset();
  const scope = scopeOf(request);
  const watched = parts.aws.hooks.has("Request");
  const model = scope && (watched || services.has(scope.service)) ? modelOf(parts.models, scope.service) : undefined;
  const operation = model && operationOf(model, request);
  const known = scope && operation ? { model, operation, scope, request } : undefined;
  const start = performance.now();
  const own = known && parts.handlers[`${known.scope.service}:${known.operation.name}`];
  const answer = own ? await handled(parts, known) : await proxied(parts, request, known ?? scope);
  const action = operation?.name ?? actionOf(request);
  parts.log(logLine(scope, action, answer.status, performance.now() - start, own ? "front" : "moto"));
  return answer;
}

async function toS3(parts: FrontParts, request: RawRequest): Promise<RawAnswer> {
  const start = performance.now();
  const { answer, action = actionOf(request) } = await respondS3(parts, request);
  parts.log(logLine(scopeOf(request), action, answer.status, performance.now() - start, "moto"));
  return answer;
}

/** Returns the model of a service by the name that requests are signed for, or undefined if there is none. */
function modelOf(models: Models, service: string): ServiceModel | undefined {
  try {
    return models(service);
  } catch {
    return undefined;
  }
}

/** Hands a request to moto as it came, unless a listener refuses it. A call that is not understood is shown to them, too, by its path. */
async function proxied(parts: FrontParts, request: RawRequest, by: Known | Scope | undefined): Promise<RawAnswer> {
  const known = by && "operation" in by ? by : undefined;
  try {
    const call = known
      ? { ...known.scope, action: known.operation.name, input: decodeInput(known).input }
      : by && { ...(by as Scope), action: actionOf(request), input: {} };
    if (call && parts.aws.hooks.has("Request")) await parts.aws.hooks.raise("Request", call);
  } catch (error) {
    return known ? errorAnswer(known, error as Error, randomUUID()) : plainError(error as Error);
  }
  return sendRaw({ port: parts.motoPort, now: parts.aws.now }, request);
}

function logLine(scope: Scope | undefined, action: string, status: number, milliseconds: number, by: string): string {
  const where = `${scope?.service ?? "-"}:${action} ${scope?.region ?? "-"}`;
  return `${new Date().toISOString()} ${where} ${status} ${Math.round(milliseconds)}ms ${by}`;
}

/** Decodes the input, carries the call out, and encodes its output or its error, all in the service's protocol. */
async function handled(parts: FrontParts, known: Known): Promise<RawAnswer> {
  const { model, operation, scope } = known;
  const requestId = randomUUID();
  try {
    const target: Target = { ...scope, action: operation.name };
    const { input, unknown } = decodeInput(known);
    if (unknown.length > 0) throw new AwsError("UnknownParameter", `The parameter ${unknown[0]} is not recognized`);
    const output = await parts.aws.call(target, input);
    const body = isXml(model)
      ? encodeXml(model, operation.name, operation.output, output, requestId)
      : encodeJson(model, operation, output);
    const status = operation.http.responseCode ?? 200;
    return { status, headers: answerHeaders(known, requestId), body: Buffer.from(body) };
  } catch (error) {
    return errorAnswer(known, error as Error, requestId);
  }
}

/** A request's input, and the parameters that its operation does not know. What travels in neither form nor JSON is left out. */
function decodeInput({ model, operation, request }: Known): { input: Record<string, unknown>; unknown: string[] } {
  if (isForm(request)) return decodeForm(model, operation.input, formOf(request));
  const [path = "/", query = ""] = request.url.split("?");
  const json = model.metadata.protocol !== "rest-xml" && !String(request.headers["content-type"]).includes("cbor");
  const body = json ? request.body.toString() : "";
  const parts = { path, query: new URLSearchParams(query), headers: request.headers, body };
  return { input: decodeJson(model, operation, parts), unknown: [] };
}

function errorAnswer(known: Known, error: Error, requestId: string): RawAnswer {
  const { model, request } = known;
  const thrown = error instanceof AwsError ? error : new AwsError("InternalError", error.stack ?? error.message, 500);
  const headers = answerHeaders(known, requestId);
  if (isForm(request)) {
    const body = encodeXmlError(model, thrown.code, thrown.message, requestId);
    return { status: thrown.status, headers, body: Buffer.from(body) };
  }
  const status = model.shapes[thrown.code]?.error?.httpStatusCode ?? thrown.status;
  // Services differ in the case of `message`; clients read either.
  const body = { __type: thrown.code, message: thrown.message, Message: thrown.message, ...thrown.fields };
  return { status, headers: { ...headers, "x-amzn-errortype": thrown.code }, body: Buffer.from(JSON.stringify(body)) };
}

function answerHeaders({ model, request }: Known, requestId: string): Record<string, string> {
  const json = `application/x-amz-json-${model.metadata.jsonVersion ?? "1.1"}`;
  return { "content-type": isForm(request) ? "text/xml;charset=UTF-8" : json, "x-amzn-requestid": requestId };
}

/** The answer if not even the protocol is known: moto is gone, the request is no HTTP that it understands, or a call that nobody knows was refused. */
function plainError(error: Error): RawAnswer {
  return {
    status: error instanceof AwsError ? error.status : 502,
    headers: { "content-type": "text/plain" },
    body: Buffer.from(`emulated AWS: ${error.message}\n`),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "GET", url = "/", headers } = incoming;
  return { method, url, headers, body: Buffer.concat(chunks) };
}

/** Dated by the emulated clock: clients compare it with theirs, and try again what failed by a skew. */
function write(outgoing: ServerResponse, answer: RawAnswer, now: Date): void {
  // The answer to a HEAD says the length of what it leaves out.
  const length = answer.headers["content-length"] ?? String(answer.body.length);
  const headers = { ...answer.headers, date: now.toUTCString(), "content-length": length };
  outgoing.writeHead(answer.status, headers);
  outgoing.end(answer.body);
}
