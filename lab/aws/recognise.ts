/** Which operation a request calls. */
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

/** The scope in the Authorization header, or in the query of a presigned request; undefined where there is none. */
export function scopeOf(request: RawRequest): Scope | undefined {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1];
  const query = new URLSearchParams(request.url.split("?")[1] ?? "").get("X-Amz-Credential");
  const [accessKeyId, , region, service] = (header ?? query ?? "").split("/");
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}

/** The operation called, by the protocol of the service. */
export function operationOf(model: ServiceModel, request: RawRequest): Operation | undefined {
  if (model.metadata.protocol === "rest-json")
    return routeRest(model, request.method, request.url.split("?")[0] ?? "/");
  if (model.metadata.protocol === "json") {
    return model.operations[
      String(request.headers["x-amz-target"] ?? "")
        .split(".")
        .at(-1) ?? ""
    ];
  }
  return model.operations[formOf(request).get("Action") ?? ""];
}

/** What a request calls, as far as can be told without the service's model; for logs. */
export function actionOf(request: RawRequest): string {
  const target = String(request.headers["x-amz-target"] ?? "")
    .split(".")
    .at(-1);
  return target || formOf(request).get("Action") || `${request.method} ${request.url.split("?")[0]}`;
}

/** The form of a request: its body, or its query where it was sent by GET. */
export function formOf(request: RawRequest): URLSearchParams {
  return new URLSearchParams(request.body.length > 0 ? request.body.toString() : (request.url.split("?")[1] ?? ""));
}
