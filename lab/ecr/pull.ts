/** Pulls: manifests are moto's, layers the registry's behind. */
import { expectStatus } from "./backend";
import { findImage, isAvailable, type Manifest, repositoryOf, tagsOf } from "./images";
import type { LayerLinks } from "./layers";
import { type Exchange, nameBehind } from "./push";
import { blobUnknown, manifestUnknown } from "./registry-error";

/** Sends a manifest, or what HEAD shows of it. @throws RegistryError 404 */
export async function sendManifest(exchange: Exchange, reference: string): Promise<void> {
  const { caller, repository, request, response } = exchange;
  repositoryOf(caller, repository);
  const manifest = await findImage(caller, repository, reference);
  if (!manifest) throw manifestUnknown();
  response.writeHead(200, headersOf(manifest));
  response.end(request.method === "HEAD" ? undefined : manifest.text);
}

function headersOf({ digest, mediaType, text }: Manifest): Record<string, string | number> {
  return { "content-type": mediaType, "content-length": Buffer.byteLength(text), "docker-content-digest": digest };
}

/** Says where a layer is to be had, or with HEAD that it is there. @throws RegistryError 404 */
export async function sendLayer(exchange: Exchange, digest: string, links: LayerLinks): Promise<void> {
  const { caller, repository, backend, request, response } = exchange;
  if (!(await isAvailable(caller, repository, digest))) throw blobUnknown(digest);
  const path = `/v2/${nameBehind(exchange)}/blobs/${digest}`;
  if (request.method !== "HEAD") {
    response.writeHead(307, { location: links.sign(caller, path), "content-length": 0 }).end();
    return;
  }
  const answer = await backend.send({ method: "HEAD", path });
  await expectStatus(answer, `HEAD of ${digest}`, 200);
  answer.resume();
  const length = answer.headers["content-length"];
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    ...(length !== undefined && { "content-length": length }),
  });
  response.end();
}

/** Sends the list of tags. */
export async function sendTags({ caller, repository, response }: Exchange): Promise<void> {
  repositoryOf(caller, repository);
  const body = JSON.stringify({ name: repository, tags: await tagsOf(caller, repository) });
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}
