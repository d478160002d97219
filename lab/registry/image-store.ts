import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A layer as it lies in a registry: a gzipped tar archive. */
export interface Layer {
  /** sha256 of the gzipped archive. */
  readonly digest: string;
  /** sha256 of the archive itself. */
  readonly diffId: string;
  readonly sizeBytes: number;
}

/** An image to be written. */
export interface ImageSpec {
  /** Repository, without the registry. */
  readonly name: string;
  readonly tag: string;
  readonly layers: readonly Layer[];
  readonly environment?: readonly string[];
  /** What a container runs, with `command` as its arguments. Default: none, `command` is run itself. */
  readonly entrypoint?: readonly string[];
  readonly command: readonly string[];
  /** Puts the image behind a list of platforms, as most public images are. Default: false. */
  readonly multiPlatform?: boolean;
  /** Whose media types it has. Default: Docker's (schema 2). */
  readonly format?: keyof typeof MEDIA_TYPES;
}

const MEDIA_TYPES = {
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    list: "application/vnd.docker.distribution.manifest.list.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    list: "application/vnd.oci.image.index.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
} as const;

/** Where a blob lies in the registry's file system storage. */
export function blobPath(storage: string, digest: string): string {
  const hex = digest.replace("sha256:", "");
  return join(storage, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
}

/**
 * Writes an image straight into the storage of a Docker registry (its file system driver), where the registry sees it at once; returns the digest
 * that the tag then points to. The same image gives the same bytes.
 */
export function writeImage(storage: string, image: ImageSpec): string {
  const types = MEDIA_TYPES[image.format ?? "docker"];
  const config = writeBlob(storage, {
    architecture: "amd64",
    config: {
      Cmd: image.command,
      Entrypoint: image.entrypoint,
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...(image.environment ?? [])],
    },
    created: "1970-01-01T00:00:00Z",
    history: image.layers.map(() => ({ created: "1970-01-01T00:00:00Z", created_by: "lab" })),
    os: "linux",
    rootfs: { diff_ids: image.layers.map(({ diffId }) => diffId), type: "layers" },
  });
  const layers = image.layers.map(({ digest, sizeBytes }) => ({ digest, mediaType: types.layer, size: sizeBytes }));
  const manifest = writeBlob(storage, {
    config: { ...config, mediaType: types.config },
    layers,
    mediaType: types.manifest,
    schemaVersion: 2,
  });
  const repository = join(storage, "docker/registry/v2/repositories", image.name);
  for (const { digest } of [config, ...layers]) writeLink(join(repository, "_layers", linkName(digest)), digest);
  writeLink(join(repository, "_manifests/revisions", linkName(manifest.digest)), manifest.digest);
  const top = image.multiPlatform ? writeList(storage, repository, manifest, types) : manifest.digest;
  writeLink(join(repository, "_manifests/tags", image.tag, "current/link"), top);
  writeLink(join(repository, "_manifests/tags", image.tag, "index", linkName(top)), top);
  return top;
}

type MediaTypes = (typeof MEDIA_TYPES)[keyof typeof MEDIA_TYPES];

interface Blob {
  readonly digest: string;
  readonly size: number;
}

function writeList(storage: string, repository: string, manifest: Blob, types: MediaTypes): string {
  const platform = { architecture: "amd64", os: "linux" };
  const list = writeBlob(storage, {
    manifests: [{ ...manifest, mediaType: types.manifest, platform }],
    mediaType: types.list,
    schemaVersion: 2,
  });
  writeLink(join(repository, "_manifests/revisions", linkName(list.digest)), list.digest);
  return list.digest;
}

function writeBlob(storage: string, content: object): Blob {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  writeWhole(blobPath(storage, digest), bytes);
  return { digest, size: bytes.length };
}

function linkName(digest: string): string {
  return join("sha256", digest.replace("sha256:", ""), "link");
}

function writeLink(path: string, digest: string): void {
  writeWhole(path, Buffer.from(digest));
}

/** The registry may be reading: a file appears whole or not at all. */
function writeWhole(path: string, bytes: Buffer): void {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}
