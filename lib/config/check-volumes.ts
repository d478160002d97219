/** Volumes: what EBS takes of each type, and that what is needed fits. */
import type { CacheCheck, Finding } from "./problem";
import type { Path } from "./regional";
import type { CacheConfig } from "./schema";
import { WORKER_ROOM_GIB } from "./schema-volume";

type Range = readonly [minimum: number, maximum: number];
type Kind = Pick<CacheConfig["worker"]["volume"], "type" | "iops" | "throughput_mibps">;

/** EBS volume types (Amazon EBS User Guide, volume types). `iops` null: none can be given; `iopsNeeded`: some must be. */
const TYPES: Readonly<
  Record<Kind["type"], { sizeGib: Range; iops: Range | null; iopsPerGib: number; iopsNeeded: boolean }>
> = {
  gp3: { sizeGib: [1, 65536], iops: [3000, 80000], iopsPerGib: 500, iopsNeeded: false },
  gp2: { sizeGib: [1, 16384], iops: null, iopsPerGib: 0, iopsNeeded: false },
  io2: { sizeGib: [4, 65536], iops: [100, 256000], iopsPerGib: 1000, iopsNeeded: true },
  io1: { sizeGib: [4, 16384], iops: [100, 64000], iopsPerGib: 50, iopsNeeded: true },
};
/** What every gp3 volume has, whatever its size. */
const GP3_BASELINE_IOPS = 3000;
/** A gp3 volume takes a quarter of a MiB/s for each of its IOPS. */
const GP3_IOPS_PER_MIBPS = 4;

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

/** What must stay free can be free. */
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
  const [minimum, maximum] = TYPES[type].sizeGib;
  if (sizeGib >= minimum && sizeGib <= maximum) return [];
  const expected = `${minimum} to ${maximum} GiB of type ${type}`;
  return [{ path: [...path, "size_gib"], found: `${sizeGib} GiB`, expected, fix: "change the size, or take type gp3" }];
}

function checkIops(path: Path, { type, iops }: Kind, sizeGib: number): Finding[] {
  const { iops: range, iopsPerGib, iopsNeeded } = TYPES[type];
  const problem = (found: string, expected: string, fix: string) => [{ path: [...path, "iops"], found, expected, fix }];
  if (iops === null) {
    return iopsNeeded ? problem("nothing", `IOPS for a volume of type ${type}`, "add iops, or take type gp3") : [];
  }
  if (range === null) return problem(`${iops}`, `no IOPS, for ${type} takes none`, "remove it, or take type gp3");
  const most = Math.min(range[1], Math.max(iopsPerGib * sizeGib, type === "gp3" ? GP3_BASELINE_IOPS : 0));
  if (iops >= range[0] && iops <= most) return [];
  const ratio = `, ${iopsPerGib} per GiB`;
  return problem(
    `${iops}`,
    `${range[0]} to ${most} IOPS for ${sizeGib} GiB of type ${type}${most < range[1] ? ratio : ""}`,
    most < range[1] ? "change it, or enlarge the volume" : "change it",
  );
}

function checkThroughput(path: Path, { type, iops, throughput_mibps: throughput }: Kind): Finding[] {
  if (throughput === null) return [];
  const at = [...path, "throughput_mibps"];
  if (type !== "gp3") {
    const expected = `no throughput, for only gp3 takes one, and this is ${type}`;
    return [{ path: at, found: `${throughput} MiB/s`, expected, fix: "remove it, or take type gp3" }];
  }
  const available = iops ?? GP3_BASELINE_IOPS;
  const most = Math.floor(available / GP3_IOPS_PER_MIBPS);
  if (throughput <= most) return [];
  const fix = `set iops: ${throughput * GP3_IOPS_PER_MIBPS} or more, or lower it`;
  return [{ path: at, found: `${throughput} MiB/s`, expected: `at most ${most} MiB/s with ${available} IOPS`, fix }];
}
