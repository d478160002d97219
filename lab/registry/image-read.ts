import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blobPath, type Layer } from "./image-store";

/** The layers of an image that was written before, lowest first. */
export function layersOf(storage: string, name: string, tag: string): Layer[] {
  const read = (digest: string) => JSON.parse(readFileSync(blobPath(storage, digest), "utf8"));
  const link = join(storage, "docker/registry/v2/repositories", name, "_manifests/tags", tag, "current/link");
  const top = read(readFileSync(link, "utf8"));
  const manifest = top.manifests ? read(top.manifests[0].digest) : top;
  const diffIds = read(manifest.config.digest).rootfs.diff_ids as string[];
  return (manifest.layers as { digest: string; size: number }[]).map(({ digest, size }, index) => ({
    digest,
    diffId: diffIds[index] ?? "",
    sizeBytes: size,
  }));
}
