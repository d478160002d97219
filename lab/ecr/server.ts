/** ECR's registry: whose request it is, whether that role may make it, and what then happens. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Aws } from "../aws/handler";
import type { Backend } from "./backend";
import { actionsOf, callOf, type RepositoryCall } from "./call";
import { authorize, callerOf } from "./caller";
import { createLinks, LAYER_HOST, type LayerLinks } from "./layers";
import { sendLayer, sendManifest, sendTags } from "./pull";
import type { PullThrough } from "./pull-through";
import { continueUpload, type Exchange, putManifest, startUpload } from "./push";
import { denied, errorBody, RegistryError, unsupported } from "./registry-error";

/** A registry's host name. */
export const ECR_HOST = /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com$/;

/** What the server works with. */
export interface ServerParts {
  readonly aws: Aws;
  readonly backend: Backend;
  readonly pullThrough: PullThrough;
}

/** Answers for registries and for the buckets of their layers, by the request's host name. */
export function ecrListener(parts: ServerParts): RequestListener {
  const links = createLinks(parts.backend);
  return (request, response) => {
    const host = request.headers.host ?? "";
    const answered = LAYER_HOST.test(host)
      ? links.serve(parts.aws.now(), request, response)
      : answer(parts, links, request, response);
    answered.catch((error: Error) => fail(request, response, error));
  };
}

async function answer(
  { aws, backend, pullThrough }: ServerParts,
  links: LayerLinks,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { account, region = "" } = ECR_HOST.exec(request.headers.host ?? "")?.groups ?? {};
  const caller = callerOf({ aws, region }, request.headers.authorization);
  response.setHeader("docker-distribution-api-version", "registry/2.0");
  if (!caller) return refuseLogin(request, response);
  const { method = "GET", url = "/" } = request;
  const call = callOf(url.split("?")[0] ?? "/");
  if (!call) throw new RegistryError(404, "UNSUPPORTED", `There is nothing at ${url}`);
  if (call.kind === "version") return void response.writeHead(200, { "content-length": 0 }).end();
  if (account !== aws.accountId) throw denied(`User is not authorized to access the registry with id '${account}'`);
  const actions = actionsOf(method, call, hasBody(request));
  if (!actions) throw unsupported(`${method} ${url}`);
  for (const action of actions) await authorize(caller, action, call.repository);
  const exchange = { caller, backend, repository: call.repository, request, response };
  await carryOut(exchange, call, { links, pullThrough });
}

async function carryOut(
  exchange: Exchange,
  call: RepositoryCall,
  { links, pullThrough }: { readonly links: LayerLinks; readonly pullThrough: PullThrough },
): Promise<void> {
  switch (call.kind) {
    case "manifest":
      if (exchange.request.method === "PUT") return putManifest(exchange, call.reference);
      await pullThrough.prepare(exchange, call.reference);
      return sendManifest(exchange, call.reference);
    case "blob":
      return sendLayer(exchange, call.digest, links);
    case "uploads":
      return startUpload(exchange);
    case "upload":
      return continueUpload(exchange, call.upload);
    case "tags":
      return sendTags(exchange);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** ECR wants Basic logins, and names no place to get a token at. */
function refuseLogin(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const realm = `Basic realm="https://${request.headers.host}/",service="ecr.amazonaws.com"`;
  response.writeHead(401, { "www-authenticate": realm, "content-type": "text/plain" }).end("Not Authorized\n");
}

function fail(request: IncomingMessage, response: ServerResponse, error: Error): void {
  request.resume();
  if (response.headersSent) return void response.destroy(error);
  const known =
    error instanceof RegistryError ? error : new RegistryError(500, "UNKNOWN", error.stack ?? error.message);
  const body = errorBody(known);
  const headers = { "content-type": "application/json; charset=utf-8", "content-length": Buffer.byteLength(body) };
  response.writeHead(known.status, headers).end(request.method === "HEAD" ? undefined : body);
}
