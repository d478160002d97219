/** What became of the look at one entry in one region. */
import { bucketName, LAYER_CACHE, repositories } from "../../lib/layer-cache";
import { readRepository } from "./ecr";
import type { Fault } from "./fault";
import { bucketFaults } from "./judge-bucket";
import { repositoryFaults } from "./judge-repository";
import { readBucket } from "./s3";
import type { LayerCachePlace } from "./section";

/** An entry in one region. */
export interface Checked {
  readonly region: string;
  readonly entry: string;
  readonly backend: "s3" | "ecr";
  /** Names of the bucket or the repositories; none if they are not known. */
  readonly names: readonly string[];
  readonly faults: readonly Fault[];
}

/** Looks at the bucket or the repositories of a place. `accountIn` tells the account, which names our bucket. */
export async function checkPlace(
  { region, settings, project }: LayerCachePlace,
  accountIn: (region: string) => Promise<string>,
): Promise<Checked> {
  const { name: entry, backend } = settings;
  const stack = `${project}-${LAYER_CACHE}-${region}`;
  if (backend === "s3") {
    const bucket = settings.bucket ?? bucketName(entry, await accountIn(region), region);
    const place = { bucket, region, entry, stack: settings.bucket === null ? stack : null };
    return { region, entry, backend, names: [bucket], faults: bucketFaults(await readBucket(region, bucket), place) };
  }
  const names = Object.values(repositories(entry));
  const faults = names.map(async (name) => repositoryFaults(name, await readRepository(region, name), stack));
  return { region, entry, backend, names, faults: (await Promise.all(faults)).flat() };
}

/** A place that could not be looked at. */
export function failedCheck({ region, settings }: LayerCachePlace, { message }: Error): Checked {
  const fix = "see whether the region answers, and attach docs/policies/command-layer-cache.json to who runs this";
  const { name: entry, backend } = settings;
  return { region, entry, backend, names: [], faults: [{ found: message, fix }] };
}

/** The lines for a person. */
export function linesOf({ region, entry, backend, names, faults }: Checked): string[] {
  const what = names.length > 0 ? `${backend} ${names.join(", ")}` : backend;
  return [
    `${region} ${entry} (${what}): ${faults.length === 0 ? "in order" : "not in order"}`,
    ...faults.flatMap(({ found, fix }) => [`  fault: ${found}`, `    fix: ${fix}`]),
  ];
}
