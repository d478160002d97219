/** Pushes: layers go to the registry behind as they come, a manifest becomes an image of moto's. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Backend, contentHeaders, textOf } from "./backend";
import { isDigest } from "./call";
import type { Caller } from "./caller";
import { checkComplete, type Manifest, namedBy, putImage, repositoryOf } from "./images";
import { RegistryError } from "./registry-error";

/** A request about one repository, which is there. */
export interface Exchange {
  readonly caller: Caller;
  readonly backend: Backend;
  readonly repository: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Name of a repository in the registry behind. A new repository never sees what a former one of its name held. */
export function nameBehind({ caller, repository }: Pick<Exchange, "caller" | "repository">): string {
  return `${caller.region}/${repositoryOf(caller, repository).incarnation}`;
}

/** Begins an upload to the registry behind. Returns its answer. */
export function beginUpload(to: Pick<Exchange, "backend" | "caller" | "repository">): Promise<IncomingMessage> {
  const path = `/v2/${nameBehind(to)}/blobs/uploads/`;
  return to.backend.send({ method: "POST", path, headers: { "content-length": 0 } });
}

/** Begins an upload. What the client proposes is passed over: layers are not mounted across repositories unless the account asks for it. */
export async function startUpload(exchange: Exchange): Promise<void> {
  exchange.request.resume();
  passBack(exchange, await beginUpload(exchange));
}

/** Takes a part of a layer, tells how much there is, or completes it. */
export async function continueUpload(exchange: Exchange, upload: string): Promise<void> {
  const { request, backend, caller, repository } = exchange;
  const query = new URL(request.url ?? "", "http://ecr").search;
  const path = `/v2/${nameBehind(exchange)}/blobs/uploads/${upload}${query}`;
  const { method = "GET", headers } = request;
  const answer = await backend.send({ method, path, headers: contentHeaders(headers), body: request });
  const digest = new URLSearchParams(query).get("digest");
  if (method === "PUT" && answer.statusCode === 201 && digest) repositoryOf(caller, repository).uploaded.add(digest);
  passBack(exchange, answer);
}

/** Makes an image of a manifest. @throws RegistryError if the repository lacks what it names, or the tag cannot be moved */
export async function putManifest(
  { caller, request, response, repository }: Exchange,
  reference: string,
): Promise<void> {
  const text = await textOf(request);
  const manifest = readManifest(text, request.headers["content-type"]);
  if (isDigest(reference) && reference !== manifest.digest)
    throw new RegistryError(400, "DIGEST_INVALID", `The manifest's digest is ${manifest.digest}`);
  await checkComplete(caller, repository, namedBy(manifest.text));
  await putImage(caller, repository, manifest, isDigest(reference) ? undefined : reference);
  const location = `/v2/${repository}/manifests/${manifest.digest}`;
  response.writeHead(201, { location, "docker-content-digest": manifest.digest, "content-length": 0 }).end();
}

/** @throws RegistryError 400 if it is none */
export function readManifest(text: string, contentType: string | undefined): Manifest {
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  try {
    const { schemaVersion, mediaType = contentType } = JSON.parse(text) as {
      schemaVersion?: number;
      mediaType?: string;
    };
    // Reading what it names tells whether it names anything in the form that it has to have.
    if (schemaVersion === 2 && mediaType !== undefined && namedBy(text)) return { digest, mediaType, text };
  } catch {
    // Answered below.
  }
  throw new RegistryError(400, "MANIFEST_INVALID", "The manifest is no JSON of schema version 2 with a media type");
}

/** Passes the registry's answer on, under the repository's own name. */
function passBack({ caller, repository, response }: Exchange, answer: IncomingMessage): void {
  const names = ["docker-upload-uuid", "docker-content-digest", "range", "content-type", "content-length"];
  const headers = Object.fromEntries(
    names.flatMap((name) => (answer.headers[name] ? [[name, answer.headers[name]]] : [])),
  );
  const location = answer.headers.location?.replace(nameBehind({ caller, repository }), repository);
  response.writeHead(answer.statusCode ?? 502, { ...headers, ...(location && { location }) });
  answer.pipe(response);
}
