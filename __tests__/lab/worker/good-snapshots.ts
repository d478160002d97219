/**
 * One good cache volume of each generation of Docker, built by a real builder. The first test file that needs them builds them and keeps them
 * (../volume/kept-snapshot.ts); the others, and later runs, copy them, until something changes that they are made from.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { startEmulatedAws } from "../../../lab/aws/server/start";
import { startCloud, stopCloud } from "../../../lab/cloud/cloud";
import type { Cloud } from "../../../lab/cloud/types";
import { startRegistry } from "../../../lab/registry/lab-registry";
import { type LabRun, labDirectory } from "../../../lab/run/run";
import type { Snapshot } from "../../../lab/volume/snapshot";
import type { Generation } from "../../level";
import { newId } from "../lab-harness";
import { writeSmallImage } from "../registry/small-image";
import { copyKept, isKept, keepSnapshot, keyOf, takeTurns } from "../volume/kept-snapshot";
import { buildCache, builderUserData, type CacheSpec, createBuilderProfile, REGION } from "./cache-build";

/** Builds for each generation. Between them they have both image stores and both file systems. */
export const GENERATIONS = {
  bookworm: { imageStore: "overlay2", fileSystem: "xfs" },
  trixie: { imageStore: "overlay2", fileSystem: "ext4" },
  forky: { imageStore: "containerd", fileSystem: "xfs" },
} as const satisfies Record<Generation, object>;

/** An image that every cache holds, what it says, and the size of the volume. */
export const CACHED_IMAGE = "registry.lab/small:1";
export const CACHED_IMAGE_SAYS = "hello from small 1\n";
export const CACHE_GIB = 3;

/** Digests of the images that every cache holds. */
interface Digests {
  readonly small: string;
  readonly pinned: string;
}

/** Writes the images that every cache holds into a registry's storage. */
async function writeImages(storage: string): Promise<Digests> {
  return {
    small: await writeSmallImage(storage, { name: "small", seed: "1" }),
    pinned: await writeSmallImage(storage, { name: "pinned", seed: "2" }),
  };
}

function specOf(name: Generation, { pinned }: Digests): CacheSpec {
  const images = [CACHED_IMAGE, `registry.lab/pinned:1@${pinned}`];
  return { ...GENERATIONS[name], name, machineImage: `${name}-aws`, sizeGib: CACHE_GIB, images };
}

/** Names and texts of all files in a folder, and in those below it. */
function sourcesIn(folder: string): string {
  const files = (readdirSync(folder, { recursive: true }) as string[]).sort();
  const texts = files.map((file) => [file, join(folder, file)] as const).filter(([, path]) => statSync(path).isFile());
  return JSON.stringify(texts.map(([file, path]) => [file, readFileSync(path, "utf8")]));
}

/** Key of the snapshot: all that goes into it. What differs from build to build, such as the volume's id, is left out. */
function keyFor(name: Generation, digests: Digests): string {
  const { images, sizeGib, machineImage } = specOf(name, digests);
  const machine = join(labDirectory, "images", `${machineImage}.img`);
  const { mtimeMs, ino } = statSync(machine);
  return keyOf({
    userData: builderUserData(specOf(name, digests), "vol-0"),
    images: images.join(" "),
    digests: Object.values(digests).join(" "),
    sizeGib,
    // Of what the machine was made; and which of two of the same recipe it is, for they may have other versions of packages.
    recipe: readFileSync(join(labDirectory, "images", `${name}.recipe`), "utf8"),
    machine: `${ino} ${mtimeMs}`,
    kernel: release(),
    // How it is handed to the builder, and how volumes and snapshots are made and kept.
    lab: sourcesIn(join(__dirname, "../../../lab")),
    build: readFileSync(join(__dirname, "cache-build.ts"), "utf8"),
    kept: sourcesIn(join(__dirname, "../volume")),
  });
}

/** Snapshots for a run; those that nobody has built yet are built, all at once. */
export async function goodSnapshots(
  run: LabRun,
  generations: readonly Generation[],
): Promise<Record<Generation, Snapshot>> {
  const digests = await writeImages(join(run.directory, "images"));
  const wanted = generations.map((name) => ({ name, key: keyFor(name, digests) }));
  return takeTurns(async () => {
    const missing = wanted.filter(({ key }) => !isKept(key));
    if (missing.length > 0) await buildAll(missing);
    const copied = await Promise.all(
      wanted.map(async ({ name, key }) => [name, await copyKept(run, key, newId("snap"))] as const),
    );
    return Object.fromEntries(copied) as Record<Generation, Snapshot>;
  });
}

/** Builds caches in a cloud of their own, which ends with them. */
async function buildAll(wanted: readonly { readonly name: Generation; readonly key: string }[]): Promise<void> {
  const images: Record<string, string> = {};
  const aws = await startEmulatedAws();
  let cloud: Cloud | undefined;
  try {
    cloud = await startCloud(aws, { regions: [REGION], images });
    const { run } = cloud.lab;
    const digests = await writeImages((await startRegistry(run)).storage);
    await createBuilderProfile(cloud);
    const build = async ({ name, key }: (typeof wanted)[number], inCloud: Cloud) =>
      keepSnapshot(run, key, await buildCache(inCloud, images, specOf(name, digests)));
    await Promise.all(wanted.map((one) => build(one, cloud as Cloud)));
  } finally {
    if (cloud) await stopCloud(cloud);
    await aws.stop();
  }
}
