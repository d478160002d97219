/** Talking to moto: a request passed on as it came, or an operation called by name. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { AwsError } from "../aws-error";
import type { Target } from "../handler";
import { decodeJsonAnswer, encodeJsonRequest } from "../wire/codec-json";
import { decodeXml, decodeXmlError, encodeForm } from "../wire/codec-query";
import { decodeRestXml, encodeRestXml } from "../wire/codec-rest-xml";
import { isXml, type Models, type Operation, type ServiceModel } from "../wire/model";
import type { RawRequest } from "../wire/recognise";

/** An HTTP answer, whole. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders | Record<string, string>;
  readonly body: Buffer;
}

/** Hop-by-hop headers, which end at this server. */
const OWN_HEADERS = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"]);

/** Port of moto, and the lab's time, in which it lives (see server.py). */
export interface Moto {
  readonly port: number;
  readonly now: () => Date;
}

/** Passes a request on as it came, its Host header too, from which moto makes URLs such as those of queues. */
export function sendRaw({ port, now }: Moto, { method, url, headers, body }: RawRequest): Promise<RawAnswer> {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name)));
  const own = { "content-length": body.length, "x-lab-time": String(now().getTime()) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port, method, path: url, headers: { ...kept, ...own } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const isLength = (name: string) => method === "HEAD" && name === "content-length";
        const back = Object.entries(answer.headers).filter(([name]) => !OWN_HEADERS.has(name) || isLength(name));
        resolve({ status: answer.statusCode ?? 500, headers: Object.fromEntries(back), body: Buffer.concat(chunks) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Calls an operation of moto by name. An error that moto answers is thrown as the AwsError it is. */
export async function callMoto(models: Models, moto: Moto, target: Required<Target>, input: object): Promise<unknown> {
  const model = models(target.service);
  const operation = model.operations[target.action];
  if (!operation) throw new Error(`${target.service} has no operation ${target.action}`);
  const answer = await sendRaw(moto, encodeRequest(model, operation, target, input as Record<string, unknown>));
  const text = answer.body.toString();
  if (answer.status >= 300) throw motoError(model, answer, text);
  if (isRestXml(model)) return decodeRestXml(model, operation, answer);
  return isXml(model) ? decodeXml(model, operation.output, text) : decodeJsonAnswer(model, operation, text);
}

function encodeRequest(
  model: ServiceModel,
  operation: Operation,
  target: Required<Target>,
  input: Record<string, unknown>,
): RawRequest {
  const scope = `${target.accessKeyId}/20200101/${target.region}/${target.service}/aws4_request`;
  const headers: IncomingHttpHeaders = {
    host: `${target.service}.${target.region}.amazonaws.com`,
    // moto reads the scope and does not check the signature.
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
  };
  if (isXml(model)) {
    const form = encodeForm(model, operation.name, operation.input, input).toString();
    headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8";
    return { method: "POST", url: "/", headers, body: Buffer.from(form) };
  }
  if (isRestXml(model)) {
    const { method, url, headers: own, body } = encodeRestXml(model, operation, input);
    return { method, url, headers: { ...headers, ...own, host: "127.0.0.1" }, body };
  }
  const { method, path, body } = encodeJsonRequest(model, operation, input);
  headers["content-type"] = `application/x-amz-json-${model.metadata.jsonVersion ?? "1.1"}`;
  if (model.metadata.targetPrefix) headers["x-amz-target"] = `${model.metadata.targetPrefix}.${operation.name}`;
  return { method, url: path, headers, body: Buffer.from(body) };
}

/** True of S3. */
function isRestXml({ metadata }: ServiceModel): boolean {
  return metadata.protocol === "rest-xml";
}

function motoError(model: ServiceModel, answer: RawAnswer, text: string): AwsError {
  // To a HEAD no error has a body.
  if (isRestXml(model) && text === "")
    return new AwsError(answer.status === 404 ? "NotFound" : "Forbidden", "", answer.status);
  if (isXml(model) || isRestXml(model)) {
    const { code, message } = decodeXmlError(text);
    return new AwsError(code, message, answer.status);
  }
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return new AwsError("InternalError", text.slice(0, 500), answer.status);
  }
  const type = String(answer.headers["x-amzn-errortype"] ?? body.__type ?? body.code ?? "InternalError");
  const code = type.split(":")[0]?.split("#").at(-1) ?? type;
  return new AwsError(code, String(body.message ?? body.Message ?? text), answer.status);
}
