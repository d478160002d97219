/** The registries that a pull-through cache stands in front of, as ECR reaches them. */
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { UpstreamLogin } from "../aws/services/ecr/pull-through-rules";
import { textOf } from "./backend";
import { isDigest } from "./call";
import type { Manifest } from "./images";
import { readManifest } from "./push";

/** Failures of an import by the names that ECR's API has for them, without `Exception`. */
export type FailureCode =
  | "UnableToAccessSecret"
  | "UnableToGetUpstreamImage"
  | "UnableToGetUpstreamLayer"
  | "UnsupportedUpstreamRegistry"
  | "RepositoryCreation";

/** An import that failed. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  constructor(
    readonly failureCode: FailureCode,
    message: string,
    /** Status that the upstream registry answered; undefined if it gave no answer. */
    readonly upstreamStatus?: number,
  ) {
    super(message);
  }
}

/** The way to the upstream registries: a socket through which a TLS client reaches any of them by its name. */
export interface UpstreamRoute {
  readonly socketPath: string;
  /** Certificate of the authority that they are trusted by. */
  readonly authority: Buffer;
  /** An upstream registry that sends nothing for so long has failed. */
  timeoutMilliseconds(): number;
}

/** An upstream repository. */
export interface Upstream {
  /** @throws ImportError */
  manifest(reference: string): Promise<Manifest>;
  /** A layer's bytes, which may end early. @throws ImportError */
  layer(digest: string): Promise<IncomingMessage>;
}

const ACCEPTED = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** A repository of an upstream registry, by its host. */
export function upstreamAt(
  route: UpstreamRoute,
  host: string,
  repository: string,
  login: UpstreamLogin | undefined,
): Upstream {
  const authorization = login && `Basic ${Buffer.from(`${login.username}:${login.accessToken}`).toString("base64")}`;
  const get = async (path: string, failureCode: FailureCode, accept?: string) => {
    const headers = { host, ...(authorization && { authorization }), ...(accept && { accept }) };
    const answer = await send(route, host, `/v2/${repository}/${path}`, headers).catch((error: Error) => {
      throw new ImportError(failureCode, `${host} cannot be reached: ${error.message}`);
    });
    if (answer.statusCode === 200) return answer;
    answer.resume();
    const { statusCode } = answer;
    throw new ImportError(failureCode, `${host} answered ${statusCode} for ${repository}/${path}`, statusCode);
  };
  return {
    async manifest(reference) {
      const answer = await get(`manifests/${reference}`, "UnableToGetUpstreamImage", ACCEPTED);
      const text = await textOf(answer).catch((error: Error) => {
        throw new ImportError("UnableToGetUpstreamImage", `${host}: ${error.message}`);
      });
      const manifest = readManifest(text, answer.headers["content-type"]);
      if (!isDigest(reference) || manifest.digest === reference) return manifest;
      throw new ImportError("UnableToGetUpstreamImage", `${host} answered ${manifest.digest} for ${reference}`);
    },
    layer: (digest) => get(`blobs/${digest}`, "UnableToGetUpstreamLayer"),
  };
}

function send(
  { socketPath, authority, timeoutMilliseconds }: UpstreamRoute,
  host: string,
  path: string,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const createConnection = () =>
      connectTls({ socket: connect(socketPath), servername: host, ca: authority, ALPNProtocols: ["http/1.1"] });
    const sent = request({ createConnection, path, headers }, resolve);
    const limit = timeoutMilliseconds();
    sent.setTimeout(limit, () => sent.destroy(new Error(`nothing came for ${limit} ms`)));
    sent.on("error", reject);
    sent.end();
  });
}
