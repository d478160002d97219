/**
 * Judges a snapshot that a build made, by what is on it and without any of the product's code. It must be a complete, clean cache, and only that.
 * Problems are told as lines. If there are none, it may be promoted.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { LabRun } from "../../../lab/run/run";
import type { Snapshot } from "../../../lab/volume/snapshot";
import { type Manifest, TAG } from "../../../lib/contract";
import { fileSystemProblems, withMounted } from "../volume/look-inside";

type Tags = Readonly<Record<string, string | undefined>>;

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");
const list = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
const hex = (digest: string) => digest.replace("sha256:", "");

/** The manifest of a snapshot, as it lies there. */
export function manifestOf(run: LabRun, snapshot: Snapshot): Promise<Manifest> {
  return withMounted(run, snapshot, (folder) =>
    JSON.parse(readFileSync(join(folder, ".docker-cache/manifest.json"), "utf8")),
  );
}

/** Everything that is wrong with a snapshot that bears these tags. */
export async function incompleteness(run: LabRun, snapshot: Snapshot, tags: Tags): Promise<string[]> {
  const unclean = await fileSystemProblems(run, snapshot);
  if (unclean) return [unclean];
  return withMounted(run, snapshot, (folder) => {
    const path = join(folder, ".docker-cache/manifest.json");
    if (!existsSync(path)) return ["there is no manifest"];
    const text = readFileSync(path);
    const manifest = JSON.parse(text.toString()) as Manifest;
    const store = manifest.store.startsWith("containerd/") ? containerdStore(folder) : overlay2Store(folder);
    return [
      ...tagProblems(tags, manifest, sha256(text)),
      ...strangers(folder, manifest),
      ...manifest.images.flatMap(({ reference, digest, id }) => store(reference, digest, id)),
      ...brokenPayloads(folder),
      ...factsProblems(folder, manifest),
      ...hotSetProblems(folder, manifest),
    ];
  });
}

/** The facts say what the manifest says, which names them by their hash. */
function factsProblems(folder: string, manifest: Manifest): string[] {
  const bytes = readFileSync(join(folder, manifest.facts.path));
  const { version, name, architecture, store, buildId, content, images } = manifest;
  const expected = [[version, name, architecture, ...store.split("/"), buildId, content].join(" ")]
    .concat(images.map(({ reference }) => reference))
    .map((line) => `${line}\n`)
    .join("");
  return [
    ...(sha256(bytes) === manifest.facts.sha256 ? [] : ["the facts are not those that the manifest names"]),
    ...(bytes.toString() === expected ? [] : [`the facts say ${bytes}, the manifest ${expected}`]),
  ];
}

const HOT_BLOCK_BYTES = 512 * 1024;

/** The hot set has its sections in order, each block once, and with the rest at least as much as the file system uses. */
function hotSetProblems(folder: string, { hotSet, images }: Manifest): string[] {
  const bytes = readFileSync(join(folder, ".docker-cache/hot-set"));
  const titles: string[] = [];
  const blocks: number[] = [];
  let hot = 0;
  for (const line of bytes.toString().trimEnd().split("\n")) {
    const [, first, count] = /^(\d+) (\d+)$/.exec(line) ?? [];
    if (line.startsWith("# ")) titles.push(line.slice(2));
    else if (first === undefined) return [`the hot set has the line ${line}`];
    for (let index = 0; index < Number(count ?? 0); index++) blocks.push(Number(first) + index);
    if (titles.at(-1) !== "rest") hot = blocks.length;
  }
  const expected = ["engine", ...images.map(({ reference }) => `image ${reference}`), "files", "rest"];
  const { bsize, blocks: all, bfree } = statfsSync(folder);
  const used = (all - bfree) * bsize;
  return [
    ...(sha256(bytes) === hotSet.sha256 ? [] : ["the hot set is not the one that the manifest names"]),
    ...(titles.join() === expected.join() ? [] : [`the hot set has the sections ${titles}`]),
    ...(new Set(blocks).size === blocks.length ? [] : ["the hot set names blocks twice"]),
    ...(hot > 0 && hot * HOT_BLOCK_BYTES === hotSet.bytes ? [] : [`${hot} blocks are hot, not ${hotSet.bytes} bytes`]),
    ...(hotSet.source === "traced" ? [] : [`the hot set is ${hotSet.source}`]),
    ...(blocks.length * HOT_BLOCK_BYTES >= used ? [] : [`${blocks.length} blocks are named, ${used} bytes are used`]),
  ];
}

function tagProblems(tags: Tags, manifest: Manifest, sha: string): string[] {
  const expected: Tags = {
    [TAG.state]: "ready",
    [TAG.manifest]: sha,
    [TAG.store]: manifest.store,
    [TAG.buildId]: manifest.buildId,
    [TAG.content]: manifest.content,
  };
  return Object.entries(expected)
    .filter(([key, value]) => tags[key] !== value)
    .map(([key, value]) => `the tag ${key} says ${tags[key]}, on the volume is ${value}`);
}

/** Returns what must not be cloned, and all else that is not known to be part of a cache. */
function strangers(folder: string, { store }: Manifest): string[] {
  const allowed: Readonly<Record<string, readonly string[]>> = store.startsWith("containerd/")
    ? {
        "": [".docker-cache", "containerd", "docker", "lost+found"],
        docker: [],
        containerd: [
          "io.containerd.content.v1.content",
          "io.containerd.metadata.v1.bolt",
          "io.containerd.snapshotter.v1.overlayfs",
        ],
      }
    : {
        "": [".docker-cache", "docker", "lost+found"],
        docker: ["image", "overlay2"],
        "docker/image": ["overlay2"],
        "docker/image/overlay2": ["distribution", "imagedb", "layerdb", "repositories.json"],
      };
  const found = Object.entries({
    ...allowed,
    ".docker-cache": ["asked", "facts", "hot-set", "manifest.json", "store"],
  });
  return found.flatMap(([below, names]) =>
    list(join(folder, below))
      .filter((name) => !names.includes(name))
      .map((name) => `${join("/", below, name)} does not belong on a cache`),
  );
}

/** Docker's own store: name, configuration and every layer of an image. */
function overlay2Store(folder: string) {
  const image = join(folder, "docker/image/overlay2");
  type Repositories = { Repositories?: Record<string, Record<string, string>> };
  const names: Record<string, string> = {};
  const { Repositories = {} } = JSON.parse(readFileSync(join(image, "repositories.json"), "utf8")) as Repositories;
  for (const references of Object.values(Repositories)) Object.assign(names, references);
  return (reference: string, digest: string, id: string): string[] => {
    const named = Object.entries(names).some(([one, target]) => one.endsWith(`@${digest}`) && target === id);
    // A tag beside a digest is no part of the name.
    const name = reference.replace(/:[^:/@]+@/, "@");
    const config = join(image, "imagedb/content/sha256", hex(id));
    if (!existsSync(config)) return [`${reference}: no image ${id}`];
    const bytes = readFileSync(config);
    return [
      ...(named ? [] : [`${reference}: no image is known by ${digest}`]),
      ...(names[name] === id ? [] : [`${reference} names ${names[name]}, not ${id}`]),
      ...(sha256(bytes) === hex(id) ? [] : [`${reference}: the configuration is not what ${id} says`]),
      ...layerProblems(folder, reference, (JSON.parse(bytes.toString()) as ImageConfig).rootfs.diff_ids),
    ];
  };
}

interface ImageConfig {
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

function layerProblems(folder: string, reference: string, diffIds: readonly string[]): string[] {
  const problems: string[] = [];
  let chain = "";
  for (const diffId of diffIds) {
    chain = chain ? `sha256:${sha256(Buffer.from(`${chain} ${diffId}`))}` : diffId;
    const cacheId = join(folder, "docker/image/overlay2/layerdb/sha256", hex(chain), "cache-id");
    const place = existsSync(cacheId) ? join(folder, "docker/overlay2", readFileSync(cacheId, "utf8")) : undefined;
    if (!place || !existsSync(join(place, "diff")) || !existsSync(join(place, "link")))
      problems.push(`${reference}: no layer ${diffId}`);
  }
  return problems;
}

/** containerd's store: every blob is what its name says, and all that an image is made of is there. */
function containerdStore(folder: string) {
  const blobs = join(folder, "containerd/io.containerd.content.v1.content/blobs/sha256");
  const broken = list(blobs)
    .filter((name) => sha256(readFileSync(join(blobs, name))) !== name)
    .map((name) => `the blob ${name} holds something else`);
  return (reference: string, digest: string): string[] => [...broken, ...missingBlobs(blobs, reference, digest)];
}

interface Document {
  readonly manifests?: readonly { readonly digest: string; readonly platform?: { readonly architecture: string } }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
}

function missingBlobs(blobs: string, reference: string, digest: string): string[] {
  const path = join(blobs, hex(digest));
  if (!existsSync(path)) return [`${reference}: no blob ${digest}`];
  const { manifests = [], config, layers = [] } = JSON.parse(readFileSync(path, "utf8")) as Document;
  const parts = [...(config ? [config] : []), ...layers].filter((part) => !existsSync(join(blobs, hex(part.digest))));
  const ours = manifests.filter(({ platform }) => platform?.architecture === "amd64");
  return [
    ...parts.map((part) => `${reference}: no blob ${part.digest}`),
    ...ours.flatMap((one) => missingBlobs(blobs, reference, one.digest)),
  ];
}

/** The folders of small images' payloads, which exist in both stores (see ../registry/small-image.ts). */
function payloadFolders(folder: string): string[] {
  return [
    ...list(join(folder, "docker/overlay2")).map((name) => join("docker/overlay2", name, "diff/payload")),
    ...list(join(folder, "containerd/io.containerd.snapshotter.v1.overlayfs/snapshots")).map((name) =>
      join("containerd/io.containerd.snapshotter.v1.overlayfs/snapshots", name, "fs/payload"),
    ),
  ];
}

/** Names of all files of small images' payloads on a snapshot, the good ones and the broken. */
export function payloadNames(run: LabRun, snapshot: Snapshot): Promise<string[]> {
  return withMounted(run, snapshot, (folder) => payloadFolders(folder).flatMap((layer) => list(join(folder, layer))));
}

/** The files of payloads are named by their content: after a power cut, layers may have holes. */
function brokenPayloads(folder: string): string[] {
  return payloadFolders(folder).flatMap((layer) =>
    list(join(folder, layer))
      .filter((name) => sha256(readFileSync(join(folder, layer, name))) !== name)
      .map((name) => `/${layer}/${name} does not hold what was pulled`),
  );
}
