/** Volumes: what EBS takes of each type, and that what is needed fits. */

import { volumeFaults } from "../../volume-types";
import type { CacheConfig } from "../schema/schema";
import { WORKER_ROOM_GIB } from "../schema/volume";
import type { CacheCheck, Finding, Path } from "../text/problem";

type Kind = Pick<CacheConfig["worker"]["volume"], "type" | "iops" | "throughput_mibps">;

/** The builder's volume is one that EBS makes. */
export const checkBuilderVolume: CacheCheck = (config, cache) => {
  const { volume } = config.caches[cache]!;
  return checkKind(["caches", cache, "volume"], volume, volume.size_gib);
};

/** The worker's is too, and holds what the snapshot holds. */
export const checkWorkerVolume: CacheCheck = (config, cache) => {
  const { volume, worker } = config.caches[cache]!;
  const path = ["caches", cache, "worker", "volume"];
  const size = worker.volume.size_gib ?? volume.size_gib + WORKER_ROOM_GIB;
  const findings = checkKind(path, worker.volume, size);
  if (size < volume.size_gib) {
    const expected = `at least the ${volume.size_gib} GiB of the cache volume, whose snapshots it is made from`;
    const fix = `set size_gib: ${volume.size_gib} or more, or remove it for the default, ${volume.size_gib + WORKER_ROOM_GIB}`;
    findings.push({ path: [...path, "size_gib"], found: `${size} GiB`, expected, fix });
  }
  return findings;
};

/** Room that must stay free can be free. */
export const checkMinFree: CacheCheck = (config, cache) => {
  const { volume, worker } = config.caches[cache]!;
  const size = worker.volume.size_gib ?? volume.size_gib + WORKER_ROOM_GIB;
  if (worker.min_free_gib < size) return [];
  const path = ["caches", cache, "worker", "min_free_gib"];
  const expected = `less than the ${size} GiB of the worker's cache volume`;
  return [{ path, found: `${worker.min_free_gib} GiB`, expected, fix: "lower it, or enlarge worker.volume.size_gib" }];
};

const KEYS = { sizeGib: "size_gib", iops: "iops", throughputMibps: "throughput_mibps" };

function checkKind(path: Path, { type, iops, throughput_mibps: throughputMibps }: Kind, sizeGib: number): Finding[] {
  return volumeFaults({ type, sizeGib, iops, throughputMibps }).map(({ what, ...rest }) => ({
    path: [...path, KEYS[what]],
    ...rest,
  }));
}
