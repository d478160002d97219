/** The HTTP server that the product talks to: answers what it has a handler for, hands everything else to moto. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AwsError } from "./aws-error";
import { decodeJson, encodeJson } from "./codec-json";
import { decodeForm, encodeXml, encodeXmlError } from "./codec-query";
import type { Aws, Handlers, Target } from "./handler";
import { isXml, type Models, type Operation, type ServiceModel } from "./model";
import { type RawAnswer, sendRaw } from "./moto-client";
import { actionOf, formOf, operationOf, type RawRequest, type Scope, scopeOf } from "./recognise";

/** What the front needs: the models, the handlers, moto's port, and how a handled call is carried out. */
export interface FrontParts {
  readonly models: Models;
  readonly handlers: Handlers;
  readonly motoPort: number;
  readonly aws: Aws;
  /** Told of each call: time, service, action, region, status, milliseconds, and whether moto alone answered. */
  log(line: string): void;
  /** Called when a client asks moto to forget everything. */
  reset(): void;
}

/** Starts the server on a loopback port. */
export async function startFront(parts: FrontParts, port: number): Promise<Server> {
  const services = new Set(Object.keys(parts.handlers).map((key) => key.split(":")[0]));
  const server = createServer((incoming, outgoing) => {
    readRequest(incoming)
      .then((request) => respond(parts, services, request))
      .then((answer) => write(outgoing, answer))
      .catch((error: Error) => write(outgoing, plainError(error)));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

async function respond(parts: FrontParts, services: Set<string | undefined>, request: RawRequest): Promise<RawAnswer> {
  if (request.url.startsWith("/moto-api/reset")) parts.reset();
  const scope = scopeOf(request);
  const model = scope && services.has(scope.service) ? parts.models(scope.service) : undefined;
  const operation = model && operationOf(model, request);
  const start = performance.now();
  const own = scope && operation && parts.handlers[`${scope.service}:${operation.name}`];
  const answer = own ? await handled(parts, model, operation, scope, request) : await sendRaw(parts.motoPort, request);
  parts.log(logLine(request, scope, operation, answer.status, performance.now() - start, own ? "front" : "moto"));
  return answer;
}

function logLine(
  request: RawRequest,
  scope: Scope | undefined,
  operation: Operation | undefined,
  status: number,
  milliseconds: number,
  by: string,
): string {
  const action = operation?.name ?? actionOf(request);
  const where = `${scope?.service ?? "-"}:${action} ${scope?.region ?? "-"}`;
  return `${new Date().toISOString()} ${where} ${status} ${Math.round(milliseconds)}ms ${by}`;
}

/** Decodes the input, carries the call out, and encodes its output or its error, all in the service's protocol. */
async function handled(
  parts: FrontParts,
  model: ServiceModel,
  operation: Operation,
  scope: Scope,
  request: RawRequest,
): Promise<RawAnswer> {
  const requestId = randomUUID();
  try {
    const target: Target = { ...scope, action: operation.name };
    const output = await parts.aws.call(target, decodeInput(model, operation, request));
    const body = isXml(model)
      ? encodeXml(model, operation.name, operation.output, output, requestId)
      : encodeJson(model, operation, output);
    return {
      status: operation.http.responseCode ?? 200,
      headers: answerHeaders(model, requestId),
      body: Buffer.from(body),
    };
  } catch (error) {
    return errorAnswer(model, error as Error, requestId);
  }
}

function decodeInput(model: ServiceModel, operation: Operation, request: RawRequest): Record<string, unknown> {
  if (!isXml(model)) {
    const [path = "/", query = ""] = request.url.split("?");
    const parts = { path, query: new URLSearchParams(query), headers: request.headers, body: request.body.toString() };
    return decodeJson(model, operation, parts);
  }
  const { input, unknown } = decodeForm(model, operation.input, formOf(request));
  if (unknown.length > 0) throw new AwsError("UnknownParameter", `The parameter ${unknown[0]} is not recognized`);
  return input;
}

function errorAnswer(model: ServiceModel, error: Error, requestId: string): RawAnswer {
  const known = error instanceof AwsError ? error : new AwsError("InternalError", error.stack ?? error.message, 500);
  const headers = answerHeaders(model, requestId);
  if (isXml(model)) {
    const body = encodeXmlError(model, known.code, known.message, requestId);
    return { status: known.status, headers, body: Buffer.from(body) };
  }
  const status = model.shapes[known.code]?.error?.httpStatusCode ?? known.status;
  // Services differ in the case of `message`; clients read either.
  const body = { __type: known.code, message: known.message, Message: known.message, ...known.fields };
  return { status, headers: { ...headers, "x-amzn-errortype": known.code }, body: Buffer.from(JSON.stringify(body)) };
}

function answerHeaders(model: ServiceModel, requestId: string): Record<string, string> {
  const json = `application/x-amz-json-${model.metadata.jsonVersion ?? "1.1"}`;
  return { "content-type": isXml(model) ? "text/xml;charset=UTF-8" : json, "x-amzn-requestid": requestId };
}

/** The answer where not even the protocol is known: moto is gone, or the request is no HTTP that it understands. */
function plainError(error: Error): RawAnswer {
  return {
    status: 502,
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

function write(outgoing: ServerResponse, answer: RawAnswer): void {
  outgoing.writeHead(answer.status, { ...answer.headers, "content-length": String(answer.body.length) });
  outgoing.end(answer.body);
}
