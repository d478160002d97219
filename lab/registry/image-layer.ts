import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { blobPath, type Layer } from "./image-store";

/** Stores as a layer what `write` puts into an empty folder. */
export async function layerOf(storage: string, write: (folder: string) => void): Promise<Layer> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-lab-layer-"));
  try {
    write(folder);
    return await layerOfFolder(storage, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Stores a folder as a layer: sorted, owned by root, without times, so that the same files give the same bytes. */
export async function layerOfFolder(storage: string, folder: string): Promise<Layer> {
  const flags = [
    "--sort=name",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--format=gnu",
    "--mode=u+rw,go=rX",
  ];
  const tar = spawn("tar", ["--create", ...flags, "--directory", folder, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => tar.once("exit", resolve));
  const layer = await storeLayer(storage, tar.stdout);
  const status = await ended;
  if (status !== 0) throw new Error(`tar of ${folder} ended with status ${status}`);
  return layer;
}

/** Stores a tar archive as a layer. */
export function layerOfArchive(storage: string, archive: string): Promise<Layer> {
  return storeLayer(storage, createReadStream(archive));
}

async function storeLayer(storage: string, archive: Readable): Promise<Layer> {
  const passing = join(storage, `.layer-${randomBytes(4).toString("hex")}`);
  mkdirSync(storage, { recursive: true });
  const [diff, packed] = [meter(), meter()];
  await pipeline(archive, diff.stream, createGzip({ level: 1 }), packed.stream, createWriteStream(passing));
  const layer = { digest: packed.digest(), diffId: diff.digest(), sizeBytes: packed.sizeBytes() };
  mkdirSync(dirname(blobPath(storage, layer.digest)), { recursive: true });
  renameSync(passing, blobPath(storage, layer.digest));
  return layer;
}

/** Counts and hashes what passes. */
function meter() {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest("hex")}`, sizeBytes: () => size };
}
