/** A client of services that have no SDK here: AWS's protocol `json`, over HTTP. */
import { type Emulated, REGION } from "./emulated";

/** Calls one operation. Throws an error whose `name` is AWS's code. */
export type JsonClient = <Output = Record<string, never>>(operation: string, input: object) => Promise<Output>;

/**
 * @param targetPrefix what stands before the operation in the header `x-amz-target`
 * @param region that requests are signed for
 */
export function jsonClient(aws: Emulated, service: string, targetPrefix: string, region = REGION): JsonClient {
  return async <Output>(operation: string, input: object) => {
    const answer = await fetch(aws.endpointUrl, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, Signature=0`,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `${targetPrefix}.${operation}`,
      },
      body: JSON.stringify(input),
    });
    const body = (await answer.json()) as { __type?: string; message?: string };
    if (!answer.ok) throw Object.assign(new Error(body.message), { name: body.__type });
    return body as Output;
  };
}
