/** ECR without a deployment: its registries in front of an emulated AWS, and clients in the name of roles. */
import { createHash } from "node:crypto";
import { request } from "node:http";
import type { AwsEvent } from "../../../lab/aws/hooks";
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/server/start";
import { assumeRole } from "../../../lab/aws/services/assume-role";
import { type LabEcr, startEcr } from "../../../lab/ecr/start";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import { startEndpoints } from "../../../lab/machine/lab-endpoints";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { createClock, type LabClock } from "../../../lab/product/clock";
import { type LabRegistry, startRegistry } from "../../../lab/registry/lab-registry";
import type { RegistryFaults, RegistryRequest } from "../../../lab/registry/registry-faults";

export const REGION = "eu-west-1";
export const ACCOUNT = "123456789012";
export const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export interface EcrLab {
  readonly lab: Lab;
  readonly aws: EmulatedAws;
  readonly clock: LabClock;
  readonly ecr: LabEcr;
  /** Plays the upstream registries. */
  readonly registry: LabRegistry;
  readonly permissions: Permissions;
  /** Requests that the upstream registries have seen. */
  readonly upstreamSeen: RegistryRequest[];
  /** May be set: faults of the upstream registries. */
  upstreamFaults: RegistryFaults;
  /** ECR's events. */
  readonly events: AwsEvent[];
}

export async function startEcrLab(): Promise<EcrLab> {
  const clock = createClock();
  const [lab, aws] = await Promise.all([startLab(), startEmulatedAws({ now: clock.now })]);
  const upstreamSeen: RegistryRequest[] = [];
  const faults: RegistryFaults = (seen) => {
    upstreamSeen.push(seen);
    return whole.upstreamFaults(seen);
  };
  const registry = await startRegistry(lab.run, faults);
  const ecr = await startEcr(lab.run, aws);
  await startEndpoints(lab.run, { url: aws.endpointUrl, regions: [REGION] });
  const events: AwsEvent[] = [];
  aws.hooks.on("Event", (event) => void (event.source === "aws.ecr" && events.push(event)));
  const permissions = enforcePermissions(aws);
  const none: RegistryFaults = () => undefined;
  const whole: EcrLab = { lab, aws, clock, ecr, registry, permissions, upstreamSeen, upstreamFaults: none, events };
  return whole;
}

export async function stopEcrLab({ ecr, aws, lab }: EcrLab): Promise<void> {
  await ecr.stop();
  await aws.stop();
  await stopLab(lab);
}

/** A call of ECR's API by the account's own key. */
export function ecrApi<Output = Record<string, unknown>>(
  { aws }: EcrLab,
  action: string,
  input: object,
): Promise<Output> {
  return aws.aws.call<Output>({ service: "ecr", action, region: REGION }, input);
}

/** A call of any service by the account's own key. */
export function api<Output>({ aws }: EcrLab, service: string, action: string, input: object): Promise<Output> {
  return aws.aws.call<Output>({ service, action, region: REGION }, input);
}

export const allow = (Action: string | string[], repository = "*") => ({
  Effect: "Allow",
  Action,
  Resource: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repository}`,
});
const LOGIN = { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" };

/** Makes a role. @returns its ARN */
export async function makeRole(lab: EcrLab, RoleName: string, statements: object[], service = "ec2"): Promise<string> {
  const document = (Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  const principal = { Effect: "Allow", Principal: { Service: `${service}.amazonaws.com` }, Action: "sts:AssumeRole" };
  await api(lab, "iam", "CreateRole", { RoleName, AssumeRolePolicyDocument: document([principal]) });
  await api(lab, "iam", "PutRolePolicy", { RoleName, PolicyName: "own", PolicyDocument: document(statements) });
  return `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Code and message of the error. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** Sends a request as a Docker client does, by whatever host name. */
export function send(
  { aws }: EcrLab,
  method: string,
  path: string,
  { host = HOST, body, headers = {} }: { host?: string; body?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(aws.endpointUrl);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { ...headers, host } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const { errors: [error] = [] } = text.startsWith("{") ? JSON.parse(text) : {};
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text, error });
      });
    });
    sent.on("error", reject).end(body);
  });
}

/** A client that has logged in. */
export interface Client {
  readonly authorization: string;
  send(method: string, path: string, options?: Parameters<typeof send>[3]): Promise<Answer>;
  /** Pushes a layer in two parts. Returns its digest. */
  pushLayer(repository: string, content: string): Promise<string>;
  /** Pushes an image of one layer under a tag. Returns its digest. */
  pushImage(repository: string, tag: string, content: string): Promise<string>;
  /** Fetches a layer as a client does, by the link. */
  pullLayer(repository: string, digest: string): Promise<Answer>;
}

/** Logs in as a role that may do what the statements say; without any: with the account's own key. */
export async function logIn(lab: EcrLab, name?: string, statements: object[] = []): Promise<Client> {
  let accessKeyId: string | undefined;
  if (name) {
    const roleArn = await makeRole(lab, name, [LOGIN, ...statements]);
    accessKeyId = (await assumeRole(lab.aws.aws, REGION, { roleArn, service: "ec2" })).AccessKeyId;
  }
  return clientOf(lab, await tokenOf(lab, accessKeyId));
}

/** Lets a machine's Docker log in as a client. */
export async function logInOn(machine: Machine, { authorization }: Client): Promise<void> {
  const [, password] = Buffer.from(authorization.replace("Basic ", ""), "base64").toString().split(":");
  await shellIn(machine, `docker login --username AWS --password-stdin ${HOST} <<<'${password}' 2>/dev/null`);
}

async function tokenOf({ aws }: EcrLab, accessKeyId?: string): Promise<string> {
  type Output = { authorizationData: { authorizationToken: string }[] };
  const target = { service: "ecr", action: "GetAuthorizationToken", region: REGION, accessKeyId };
  return (await aws.aws.call<Output>(target, {})).authorizationData[0]?.authorizationToken ?? "";
}

export const digestOf = (content: string | Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

function clientOf(lab: EcrLab, token: string): Client {
  const authorization = `Basic ${token}`;
  const own: Client["send"] = (method, path, options = {}) =>
    send(lab, method, path, { ...options, headers: { ...options.headers, authorization } });
  const client: Client = {
    authorization,
    send: own,
    async pushLayer(repository, content) {
      const begun = checked(await own("POST", `/v2/${repository}/blobs/uploads/`), 202);
      const half = Math.floor(content.length / 2);
      const part = { body: content.slice(0, half), headers: { "content-type": "application/octet-stream" } };
      const sent = checked(await own("PATCH", String(begun.headers.location), part), 202);
      const digest = digestOf(content);
      const end = { ...part, body: content.slice(half) };
      checked(await own("PUT", `${sent.headers.location}&digest=${digest}`, end), 201);
      return digest;
    },
    async pushImage(repository, tag, content) {
      const config = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } });
      const layers = [await client.pushLayer(repository, content)];
      const manifest = manifestOf({ digest: await client.pushLayer(repository, config), size: config.length }, layers);
      const put = { body: manifest, headers: { "content-type": MANIFEST } };
      const answer = checked(await own("PUT", `/v2/${repository}/manifests/${tag}`, put), 201);
      return String(answer.headers["docker-content-digest"]);
    },
    async pullLayer(repository, digest) {
      const link = checked(await own("GET", `/v2/${repository}/blobs/${digest}`), 307);
      const { host, pathname, search } = new URL(String(link.headers.location));
      return send(lab, "GET", pathname + search, { host });
    },
  };
  return client;
}

/** An OCI manifest. */
export function manifestOf(config: { digest: string; size: number }, layers: readonly string[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: layers.map((digest) => ({ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: 1 })),
  });
}

function checked(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, got ${answer.status}: ${answer.body}`);
}
