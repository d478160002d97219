/** Requests to S3 as they are on the wire: the path goes out as it stands, which no client of a library allows. */
import { type IncomingHttpHeaders, request } from "node:http";

/** A request. Its signature is none: the lab reads the scope alone. */
export interface Sent {
  /** `METHOD /path?query`. */
  readonly line: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Access key; null: nobody signs. @default test */
  readonly key?: string | null;
  readonly region?: string;
  /** @default s3 */
  readonly service?: string;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export const S3_REGION = "eu-west-1";

/** The header of a signature in a region's name. */
export function authorization(key = "test", region = S3_REGION, service = "s3"): string {
  return `AWS4-HMAC-SHA256 Credential=${key}/20261121/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

export function send(endpointUrl: string, { line, host, headers = {}, body = "", ...by }: Sent): Promise<Received> {
  const [method = "", path = ""] = line.split(/ (.*)/s);
  const { hostname, port } = new URL(endpointUrl);
  const signed = by.key === null ? {} : { authorization: authorization(by.key, by.region, by.service) };
  const all = { host: host ?? `${hostname}:${port}`, ...signed, "content-length": Buffer.byteLength(body), ...headers };
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: all }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The texts of an element, in the order of the answer. */
export function elements({ body }: Received, name: string): string[] {
  return [...body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text = ""]) => text);
}
