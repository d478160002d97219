/** A server between Terraform and the emulated AWS that notes which operations are called. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Models, Operation } from "../../../lab/aws/wire/model";
import { operationOf, type RawRequest, type Scope, scopeOf } from "../../../lab/aws/wire/recognise";
import { readS3 } from "../../../lab/aws/wire/s3-request";
import { iamAction } from "../../../lab/iam/demands";

export interface Recorder {
  readonly endpointUrl: string;
  /** Operations called since it was last asked, as IAM names them, e.g. `ec2:CreateVolume`. */
  take(): string[];
  stop(): Promise<void>;
}

/** The name of the model, if it is not the name that requests are signed for. */
const SERVICES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** The operation as IAM names it; a request that cannot be read is named as it is, which no policy allows. */
function nameOf(request: RawRequest, models: Models): string {
  const scope = scopeOf(request);
  const operation = scope && called(request, scope, models);
  return operation
    ? iamAction({ service: scope.service, action: operation.name })
    : `? ${request.method} ${request.url}`;
}

/** S3's operations differ by more than their paths. */
function called(request: RawRequest, scope: Scope, models: Models): Operation | undefined {
  if (scope.service === "s3") return readS3(models("s3"), request, scope).operation;
  return operationOf(models(SERVICES[scope.service] ?? scope.service), request);
}

export async function startRecorder(target: string, models: Models): Promise<Recorder> {
  const actions = new Set<string>();
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "GET", url = "/", headers } = incoming;
      const raw = { method, url, headers, body: Buffer.concat(chunks) };
      actions.add(nameOf(raw, models));
      const forwarded = request({ hostname, port, method, path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on("error", (error) => outgoing.destroy(error));
      forwarded.end(raw.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = [...actions].sort();
      actions.clear();
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
