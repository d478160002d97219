/** Finds the operation that a request calls. */
import type { IncomingHttpHeaders } from "node:http";
import { routeRest } from "./codec-json";
import type { Operation, ServiceModel } from "./model";

/** The credential scope that a request was signed for. */
export interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** A request as it came in. */
export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Returns the scope in the Authorization header or in the query of a presigned request, or undefined if there is none. */
export function scopeOf(request: RawRequest): Scope | undefined {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1];
  const query = new URLSearchParams(request.url.split("?")[1] ?? "").get("X-Amz-Credential");
  const [accessKeyId, , region, service] = (header ?? query ?? "").split("/");
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}

/** The operation called: by what the request looks like, since some services speak several protocols. */
export function operationOf(model: ServiceModel, request: RawRequest): Operation | undefined {
  const path = request.url.split("?")[0] ?? "/";
  const rpc = /^\/service\/[^/]+\/operation\/([A-Za-z0-9]+)$/.exec(path)?.[1];
  const name = targetOf(request) ?? rpc ?? formOf(request).get("Action") ?? undefined;
  return name ? model.operations[name] : routeRest(model, request.method, path);
}

/** True if a request's parameters travel as a form, so that its answer is XML. */
export function isForm(request: RawRequest): boolean {
  return targetOf(request) === undefined && formOf(request).has("Action");
}

/** The name in the header of the protocol `json`. */
function targetOf(request: RawRequest): string | undefined {
  const target = request.headers["x-amz-target"];
  return target === undefined ? undefined : String(target).split(".").at(-1);
}

/** Action of a request, as far as can be told without the service's model; for logs. */
export function actionOf(request: RawRequest): string {
  return targetOf(request) || formOf(request).get("Action") || `${request.method} ${request.url.split("?")[0]}`;
}

/** The form of a request: its body, or its query if it was sent by GET; empty if it has neither. */
export function formOf(request: RawRequest): URLSearchParams {
  const type = String(request.headers["content-type"] ?? "");
  if (request.method === "GET") return new URLSearchParams(request.url.split("?")[1] ?? "");
  return new URLSearchParams(type.startsWith("application/x-www-form-urlencoded") ? request.body.toString() : "");
}
