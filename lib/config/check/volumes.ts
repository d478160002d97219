/** Volumes: what EBS takes of each type, and that what is needed fits. */

import type { CacheConfig } from "../schema/schema";
import { WORKER_ROOM_GIB } from "../schema/volume";
import { IOPS_PER_MIBPS, VOLUME_TYPES, type VolumeType } from "../schema/volume-types";
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

function checkKind(path: Path, kind: Kind, sizeGib: number): Finding[] {
  return [...checkSize(path, kind, sizeGib), ...checkIops(path, kind, sizeGib), ...checkThroughput(path, kind)];
}

function checkSize(path: Path, { type }: Kind, sizeGib: number): Finding[] {
  const [minimum, maximum] = VOLUME_TYPES[type].sizeGib;
  if (sizeGib >= minimum && sizeGib <= maximum) return [];
  const expected = `${minimum} to ${maximum} GiB of type ${type}`;
  return [{ path: [...path, "size_gib"], found: `${sizeGib} GiB`, expected, fix: "change the size, or take type gp3" }];
}

function checkIops(path: Path, { type, iops }: Kind, sizeGib: number): Finding[] {
  const { iops: range, iopsPerGib, baselineIops }: VolumeType = VOLUME_TYPES[type];
  const problem = (found: string, expected: string, fix: string) => [{ path: [...path, "iops"], found, expected, fix }];
  if (iops === null) {
    const needed = baselineIops === null;
    return needed ? problem("nothing", `IOPS for a volume of type ${type}`, "add iops, or take type gp3") : [];
  }
  if (range === null) return problem(`${iops}`, `no IOPS, for ${type} takes none`, "remove it, or take type gp3");
  const bySize = Math.max(iopsPerGib * sizeGib, baselineIops ?? 0);
  const most = Math.min(range[1], bySize);
  if (iops >= range[0] && iops <= most) return [];
  const expected = `${range[0]} to ${most} IOPS for ${sizeGib} GiB of type ${type}`;
  return problem(`${iops}`, expected, bySize < range[1] ? "change it, or enlarge the volume" : "change it");
}

function checkThroughput(path: Path, { type, iops, throughput_mibps: throughput }: Kind): Finding[] {
  if (throughput === null) return [];
  const at = [...path, "throughput_mibps"];
  const { throughputMibps: range, baselineIops }: VolumeType = VOLUME_TYPES[type];
  if (range === null) {
    const expected = `no throughput, for ${type} takes none`;
    return [{ path: at, found: `${throughput} MiB/s`, expected, fix: "remove it, or take type gp3" }];
  }
  const available = iops ?? baselineIops!;
  const most = Math.floor(available / IOPS_PER_MIBPS);
  if (throughput <= most) return [];
  const fix = `set iops: ${throughput * IOPS_PER_MIBPS} or more, or lower it`;
  return [{ path: at, found: `${throughput} MiB/s`, expected: `at most ${most} MiB/s with ${available} IOPS`, fix }];
}
