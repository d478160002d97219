/**
 * Builds that keep their layers in a bucket, as BuildKit's S3 backend does (cache/remotecache/s3/s3.go of v0.34.2). An import reads manifests alone;
 * a layer's bytes are read if a step on top of it has to run. An export looks at each layer of its result: it writes what is not there, touches what
 * is older than a day, and then writes its manifest.
 */
import type { Bucket } from "./buckets";
import { ENTRY } from "./emitted";

/** BuildKit's `touch_refresh`, 24 hours. */
const TOUCH_MILLISECONDS = 86_400_000;

/** A layer of a result. */
interface Layer {
  /** What BuildKit knows a step by: equal if it and all before it are. */
  readonly step: string;
  readonly blob: string;
  /** True if its bytes can be had without the cache: it was made in this build, or belongs to the base image. */
  readonly isAtHand: boolean;
}

/** A build to come. */
export interface Build {
  /** Name in the cache that is written, such as `branches/shop/x`. */
  readonly own: string;
  /** Names that are imported, in this order. */
  readonly imports: readonly string[];
  /** Steps, each on top of the one before. The first is the base image. */
  readonly steps: readonly string[];
  /** True if a step makes the same bytes whenever it runs, as COPY does. */
  isReproducible(step: string): boolean;
}

/** How a build ended. */
export type End =
  | "exported"
  /** A layer that a step needs is gone: BuildKit fails the build. */
  | "failed"
  /** A layer of the result is gone, and cannot be written: `ignore-error` keeps the build. */
  | "not exported";

const manifestKey = (name: string) => `${ENTRY}/manifests/${name}`;
const blobKey = (blob: string) => `${ENTRY}/blobs/${blob}`;

let made = 0;

/** Builds; time may pass at each `yield`, which comes before each request. */
export async function* build(bucket: Bucket, asked: Build, now: () => Date): AsyncGenerator<void, End> {
  const known = new Map<string, string>();
  for (const name of asked.imports) {
    yield;
    for (const { step, blob } of layersIn(await bucket.read(manifestKey(name))))
      if (step !== undefined && !known.has(step)) known.set(step, blob);
  }
  const layers: Layer[] = [];
  for (const [index, step] of asked.steps.entries()) {
    const cached = known.get(step);
    if (index > 0 && cached === undefined) {
      yield;
      if (!(await hasBytes(bucket, layers))) return "failed";
    }
    layers.push({ step, blob: cached ?? blobOf(asked, step, index), isAtHand: index === 0 || cached === undefined });
  }
  return yield* exportTo(bucket, asked.own, layers, now);
}

/** The bytes of a new layer: a step that is no copy makes others each time. */
function blobOf({ isReproducible }: Build, step: string, index: number): string {
  return index === 0 || isReproducible(step) ? `sha256:of-${step}` : `sha256:${step}-run-${++made}`;
}

/** A step runs on top of all layers before it. */
async function hasBytes(bucket: Bucket, layers: readonly Layer[]): Promise<boolean> {
  for (const { isAtHand, blob } of layers)
    if (!isAtHand && (await bucket.modified(blobKey(blob))) === undefined) return false;
  return true;
}

async function* exportTo(
  bucket: Bucket,
  name: string,
  layers: readonly Layer[],
  now: () => Date,
): AsyncGenerator<void, End> {
  for (const { blob, isAtHand } of layers) {
    yield;
    const modified = await bucket.modified(blobKey(blob));
    if (modified === undefined) {
      if (!isAtHand) return "not exported";
      yield;
      await bucket.write(blobKey(blob), blob);
    } else if (now().getTime() - modified.getTime() > TOUCH_MILLISECONDS) {
      yield;
      if (!(await bucket.touch(blobKey(blob)))) return "not exported";
    }
  }
  yield;
  await bucket.write(manifestKey(name), JSON.stringify({ layers: layers.map(({ step, blob }) => ({ step, blob })) }));
  return "exported";
}

function layersIn(manifest: string | undefined): readonly { readonly step?: string; readonly blob: string }[] {
  return manifest === undefined ? [] : JSON.parse(manifest).layers;
}

/** What is wrong in a bucket: `manifest KEY names BLOB, which is gone`. Manifests of BuildKit itself are read alike. */
export async function goneBlobs(bucket: Bucket): Promise<string[]> {
  const keys = new Set(await bucket.keys());
  const gone: string[] = [];
  for (const key of [...keys].filter((one) => one.startsWith(manifestKey(""))))
    for (const { blob } of layersIn(await bucket.read(key)))
      if (!keys.has(blobKey(blob))) gone.push(`manifest ${key} names ${blob}, which is gone`);
  return gone;
}
