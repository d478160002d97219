import { createHash, randomBytes } from "node:crypto";

/** Temporary credentials of an instance role, as `iam/security-credentials/<role>` gives them. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
  /** ISO 8601, seconds. */
  readonly expiration: string;
}

/** Answers of the metadata service to a machine. Read again at each request: the caller's changes to the object (tags, say) are seen at once. */
export interface MachineMetadata {
  /** `i-` and 17 hexadecimal digits. */
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
  /** `x86_64` or `arm64`. */
  readonly architecture: string;
  readonly accountId: string;
  readonly region: string;
  readonly availabilityZone: string;
  /** Default: `aws`. */
  readonly partition?: string;
  /** DNS suffix. Default: `amazonaws.com`. */
  readonly servicesDomain?: string;
  readonly localIpv4: string;
  readonly mac: string;
  /** Private host name. */
  readonly hostname: string;
  /** Device name by mapping key: `ami`, `root`, `ebs1` ...: what was mapped at launch or at the last start. */
  readonly blockDeviceMapping: Readonly<Record<string, string>>;
  /** Tags shown under `tags/instance`; undefined if the launch did not enable them. */
  tags?: Readonly<Record<string, string>>;
  /** Name of the role and its credentials, fetched at each request. Undefined: no instance profile. */
  role?: { readonly name: string; readonly credentials: () => RoleCredentials };
  /** User data as cloud-init gets it: decoded bytes. */
  readonly userData?: Buffer;
  /** `optional` answers IMDSv1 too. Default: `required`. */
  httpTokens?: "required" | "optional";
  /** IP time-to-live of the answer that carries a token. Default: 1. */
  hopLimit?: number;
  /** Further paths below `/latest/`, such as `meta-data/spot/instance-action`. */
  extra?: Readonly<Record<string, string>>;
}

/** A request to the metadata service, and from whom. */
export interface MetadataRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Its answer. */
export interface MetadataAnswer {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** IP time-to-live of the packets of this answer. Default: the system's. */
  readonly hopLimit?: number;
}

/** Session tokens of one machine and when they end, in ms since the epoch. */
export type TokenStore = Map<string, number>;

const tokenHeader = "x-aws-ec2-metadata-token";
const ttlHeader = "x-aws-ec2-metadata-token-ttl-seconds";
const longestTtlSeconds = 21_600;

/** Answers one request as EC2's metadata service (IMDSv2) does. */
export function answerMetadata(
  metadata: MachineMetadata,
  tokens: TokenStore,
  request: MetadataRequest,
  now: number,
): MetadataAnswer {
  const path = request.path.replace(/\/+/g, "/");
  if (request.method === "PUT")
    return path === "/latest/api/token" ? issueToken(metadata, tokens, request, now) : failure(405);
  if (request.method !== "GET" && request.method !== "HEAD") return failure(405);
  const token = request.headers[tokenHeader];
  if (token === undefined && (metadata.httpTokens ?? "required") === "required") return failure(401);
  if (token !== undefined && (tokens.get(String(token)) ?? 0) <= now) return failure(401);
  return lookUp(metadata, path);
}

function issueToken(
  metadata: MachineMetadata,
  tokens: TokenStore,
  request: MetadataRequest,
  now: number,
): MetadataAnswer {
  if (request.headers["x-forwarded-for"] !== undefined) return failure(403);
  const ttl = Number(request.headers[ttlHeader]);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > longestTtlSeconds) return failure(400);
  const token = randomBytes(40).toString("base64url");
  tokens.set(token, now + ttl * 1000);
  return { status: 200, body: token, headers: { [ttlHeader]: String(ttl) }, hopLimit: metadata.hopLimit ?? 1 };
}

function lookUp(metadata: MachineMetadata, path: string): MetadataAnswer {
  // `latest` or a dated version: they differ in nothing that we serve.
  const wanted = /^\/(?:latest|\d{4}-\d{2}-\d{2}|1\.0)(?:\/(.*))?$/.exec(path);
  if (!wanted) return path === "/" ? { status: 200, body: "1.0\nlatest" } : failure(404);
  const name = (wanted[1] ?? "").replace(/\/$/, "");
  if (name === "user-data") return metadata.userData?.length ? { status: 200, body: metadata.userData } : failure(404);
  const tree = metadataTree(metadata);
  const value = tree[name];
  if (value !== undefined) return { status: 200, body: value };
  const entries = entriesBelow(tree, name === "" ? "" : `${name}/`);
  return entries.length > 0 ? { status: 200, body: entries.join("\n") } : failure(404);
}

function entriesBelow(tree: Readonly<Record<string, string>>, prefix: string): string[] {
  const entries = new Set<string>();
  for (const path of Object.keys(tree)) {
    if (!path.startsWith(prefix)) continue;
    const [head, ...rest] = path.slice(prefix.length).split("/");
    entries.add(rest.length > 0 ? `${head}/` : head!);
  }
  return [...entries].sort();
}

function metadataTree(m: MachineMetadata): Record<string, string> {
  const interfacePath = `meta-data/network/interfaces/macs/${m.mac}`;
  return {
    "meta-data/ami-id": m.imageId,
    "meta-data/ami-launch-index": "0",
    "meta-data/hostname": m.hostname,
    "meta-data/instance-id": m.instanceId,
    "meta-data/instance-life-cycle": "on-demand",
    "meta-data/instance-type": m.instanceType,
    "meta-data/local-hostname": m.hostname,
    "meta-data/local-ipv4": m.localIpv4,
    "meta-data/mac": m.mac,
    [`${interfacePath}/device-number`]: "0",
    [`${interfacePath}/local-ipv4s`]: m.localIpv4,
    [`${interfacePath}/mac`]: m.mac,
    "meta-data/placement/availability-zone": m.availabilityZone,
    "meta-data/placement/region": m.region,
    "meta-data/reservation-id": `r-${idDigits(m.instanceId)}`,
    "meta-data/services/domain": m.servicesDomain ?? "amazonaws.com",
    "meta-data/services/partition": m.partition ?? "aws",
    ...prefixed("meta-data/block-device-mapping/", m.blockDeviceMapping),
    ...prefixed("meta-data/tags/instance/", m.tags ?? {}),
    ...(m.role && roleEntries(m, m.role)),
    "dynamic/instance-identity/document": identityDocument(m),
    ...m.extra,
  };
}

function roleEntries(m: MachineMetadata, role: NonNullable<MachineMetadata["role"]>): Record<string, string> {
  const { accessKeyId, secretAccessKey, token, expiration } = role.credentials();
  const profileArn = `arn:${m.partition ?? "aws"}:iam::${m.accountId}:instance-profile/${role.name}`;
  const head = { Code: "Success", LastUpdated: new Date().toISOString().replace(/\.\d+Z$/, "Z") };
  return {
    "meta-data/iam/info": json({
      ...head,
      InstanceProfileArn: profileArn,
      InstanceProfileId: `AIPA${idDigits(m.instanceId).toUpperCase()}`,
    }),
    [`meta-data/iam/security-credentials/${role.name}`]: json({
      ...head,
      Type: "AWS-HMAC",
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: token,
      Expiration: expiration,
    }),
  };
}

function identityDocument(m: MachineMetadata): string {
  return json({
    accountId: m.accountId,
    architecture: m.architecture,
    availabilityZone: m.availabilityZone,
    imageId: m.imageId,
    instanceId: m.instanceId,
    instanceType: m.instanceType,
    privateIp: m.localIpv4,
    region: m.region,
    version: "2017-09-30",
  });
}

function idDigits(instanceId: string): string {
  return createHash("sha256").update(instanceId).digest("hex").slice(0, 17);
}

function prefixed(prefix: string, entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [prefix + key, value]));
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function failure(status: number): MetadataAnswer {
  const titles: Readonly<Record<number, string>> = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Not Allowed",
  };
  const body = `<?xml version="1.0" encoding="iso-8859-1"?>\n<html><head><title>${status} - ${titles[status]}</title></head></html>\n`;
  return { status, body, headers: { "content-type": "text/html" } };
}
