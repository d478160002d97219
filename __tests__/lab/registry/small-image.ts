/** Small images that run, written at any time while a registry runs: what a test of many builds pulls. */
import { execFileSync } from "node:child_process";
import { createCipheriv, createHash } from "node:crypto";
import { copyFileSync, mkdirSync, realpathSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { layerOf } from "../../../lab/registry/image-layer";
import { type Layer, writeImage } from "../../../lab/registry/image-store";

export interface SmallImage {
  /** Repository, without the registry. */
  readonly name: string;
  /** Default: `1`. */
  readonly tag?: string;
  /** Sets the payload: another seed, other layers and another digest. */
  readonly seed: string;
  /** Bytes of the payload, in two layers. Default: 4 MiB. */
  readonly payloadBytes?: number;
  /** Times that a layer with 100 MiB of zeros is put on top. It travels once, in no time, and takes its room on a disk each time. Default: 0. */
  readonly zeroLayers?: number;
  /** Puts the image behind a list of platforms. Default: false. */
  readonly multiPlatform?: boolean;
  /** Words of its command. Default: a shell says `hello from NAME SEED`. */
  readonly command?: readonly string[];
}

const FILES_PER_LAYER = 16;

/** Writes an image with a shell and a payload below `/payload`, in files that are named by the sha256 of what they hold. Returns its digest. */
export async function writeSmallImage(storage: string, image: SmallImage): Promise<string> {
  const layers: Layer[] = [await layerOf(storage, writeShell)];
  for (const payload of payloadsOf(image))
    layers.push(await layerOf(storage, (folder) => writePayload(folder, payload)));
  if (image.zeroLayers) {
    const zeros = await layerOf(storage, writeZeros);
    for (let time = 0; time < image.zeroLayers; time++) layers.push(zeros);
  }
  const command = image.command ?? ["/bin/sh", "-c", `echo hello from ${image.name} ${image.seed}`];
  return writeImage(storage, {
    name: image.name,
    tag: image.tag ?? "1",
    layers,
    command,
    multiPlatform: image.multiPlatform,
  });
}

/** This machine's own shell and the libraries that it is linked to. */
function writeShell(folder: string): void {
  const libraries = execFileSync("ldd", ["/bin/sh"], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
  for (const path of ["/bin/sh", ...libraries]) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    copyFileSync(realpathSync(path), join(folder, path));
  }
}

/** Files of an image's payload, by name, layer by layer. */
export function payloadsOf({ seed, payloadBytes = 4 * 1024 * 1024 }: Omit<SmallImage, "name">): Map<string, Buffer>[] {
  const bytes = Math.ceil(payloadBytes / 2 / FILES_PER_LAYER);
  return ["a", "b"].map((part) => payload(`${seed} ${part}`, bytes));
}

/** Bytes that do not compress, the same for the same seed. */
function payload(seed: string, bytes: number): Map<string, Buffer> {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  const stream = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  const contents = Array.from({ length: FILES_PER_LAYER }, () => stream.update(Buffer.alloc(bytes)));
  return new Map(contents.map((content) => [createHash("sha256").update(content).digest("hex"), content]));
}

function writePayload(folder: string, files: ReadonlyMap<string, Buffer>): void {
  mkdirSync(join(folder, "payload"));
  for (const [name, content] of files) writeFileSync(join(folder, "payload", name), content);
}

function writeZeros(folder: string): void {
  writeFileSync(join(folder, "zeros"), "");
  truncateSync(join(folder, "zeros"), 100 * 1024 * 1024);
}
