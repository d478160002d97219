/** Layers as ECR hands them out: by a link to a bucket of its own, which knows nothing of logins and serves what is signed. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { HOUR_MILLISECONDS } from "../../lib/time";
import { type Backend, contentHeaders } from "./backend";
import type { Place } from "./caller";

/** Host names of the buckets, as interface endpoints' policies name them. */
export const LAYER_HOST = /^prod-(?<region>[a-z0-9-]+)-starport-layer-bucket\.s3\.\k<region>\.amazonaws\.com$/;

/** What a link is good for. */
interface Signed {
  readonly path: string;
  readonly expiresAt: Date;
}

/** Links to layers. */
export interface LayerLinks {
  /** A link to a blob of the registry behind. */
  sign(place: Place, path: string): string;
  /** Answers a request that follows one. */
  serve(now: Date, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function createLinks(backend: Backend): LayerLinks {
  const signed = new Map<string, Signed>();
  return {
    sign({ aws, region }, path) {
      const signature = randomBytes(32).toString("hex");
      signed.set(signature, { path, expiresAt: new Date(aws.now().getTime() + HOUR_MILLISECONDS) });
      const host = `prod-${region}-starport-layer-bucket.s3.${region}.amazonaws.com`;
      // By the layer's digest faults can tell one from another.
      return `https://${host}/${path.split("/").at(-1)}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=3600&X-Amz-Signature=${signature}`;
    },
    async serve(now, request, response) {
      const signature = new URL(request.url ?? "", "https://bucket").searchParams.get("X-Amz-Signature") ?? "";
      const link = signed.get(signature);
      if (request.headers.authorization !== undefined) return refuse(response, 400, "InvalidArgument", ONE_WAY);
      if (!link || link.expiresAt <= now) return refuse(response, 403, "AccessDenied", "Request has expired");
      const { method = "GET", headers } = request;
      const range = headers.range === undefined ? {} : { range: headers.range };
      const answer = await backend.send({ method, path: link.path, headers: range });
      response.writeHead(answer.statusCode ?? 502, contentHeaders(answer.headers));
      answer.pipe(response);
    },
  };
}

/** S3's answer to a client that takes its login for the registry along. */
const ONE_WAY = "Only one auth mechanism allowed";

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response
    .writeHead(status, { "content-type": "application/xml", "content-length": Buffer.byteLength(body) })
    .end(body);
}
