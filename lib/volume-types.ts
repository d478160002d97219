/**
 * EBS volume types that a cache can have, and what EBS takes of each (Amazon EBS User Guide, volume types). The configuration and the tag
 * `docker-cache:mapping` are held to this one table.
 */

type Range = readonly [minimum: number, maximum: number];

/** Bounds of what can be provisioned of a type. */
export interface VolumeType {
  readonly sizeGib: Range;
  /** null: none can be given. */
  readonly iops: Range | null;
  readonly iopsPerGib: number;
  /** IOPS that every volume has without being asked; null: some must be given. */
  readonly baselineIops: number | null;
  /** null: none can be given. */
  readonly throughputMibps: Range | null;
}

export const VOLUME_TYPES = {
  gp3: { sizeGib: [1, 65536], iops: [3000, 80000], iopsPerGib: 500, baselineIops: 3000, throughputMibps: [125, 2000] },
  gp2: { sizeGib: [1, 16384], iops: null, iopsPerGib: 3, baselineIops: 100, throughputMibps: null },
  io2: { sizeGib: [4, 65536], iops: [100, 256000], iopsPerGib: 1000, baselineIops: null, throughputMibps: null },
  io1: { sizeGib: [4, 16384], iops: [100, 64000], iopsPerGib: 50, baselineIops: null, throughputMibps: null },
} as const satisfies Record<string, VolumeType>;

export type VolumeTypeName = keyof typeof VOLUME_TYPES;
export const VOLUME_TYPE_NAMES = Object.keys(VOLUME_TYPES) as VolumeTypeName[];

/** A volume takes a MiB/s of throughput for so many of its IOPS. */
export const IOPS_PER_MIBPS = 4;

/** Volume initialization rate in MiB/s, of any type made of a snapshot (EC2 API reference, EbsBlockDevice). */
export const INITIALIZATION_RATE_MIBPS: Range = [100, 300];

/** A volume as somebody asks for it. */
export interface VolumeWish {
  readonly type: VolumeTypeName;
  /** null: not known yet, so nothing is judged by it. */
  readonly sizeGib: number | null;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
}

/** What EC2 would refuse. */
export interface Fault {
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** The part of a wish that it is about. */
export interface VolumeFault extends Fault {
  readonly what: Exclude<keyof VolumeWish, "type">;
}

/** Returns all that EC2 would refuse of a wish. */
export function volumeFaults(wish: VolumeWish): VolumeFault[] {
  return [...sizeFaults(wish), ...iopsFaults(wish), ...throughputFaults(wish)];
}

/** Returns what EC2 would refuse of a volume initialization rate in MiB/s, or null if it takes it. */
export function rateFault(rate: number): Fault | null {
  if (isWithin(rate, INITIALIZATION_RATE_MIBPS)) return null;
  const [least, most] = INITIALIZATION_RATE_MIBPS;
  return { found: `${rate} MiB/s`, expected: `${least} to ${most} MiB/s`, fix: "change it, or remove it" };
}

const isWithin = (value: number, [minimum, maximum]: Range) => value >= minimum && value <= maximum;

function sizeFaults({ type, sizeGib }: VolumeWish): VolumeFault[] {
  const range: Range = VOLUME_TYPES[type].sizeGib;
  if (sizeGib === null || isWithin(sizeGib, range)) return [];
  const expected = `${range[0]} to ${range[1]} GiB of type ${type}`;
  return [{ what: "sizeGib", found: `${sizeGib} GiB`, expected, fix: "change the size, or take type gp3" }];
}

function iopsFaults({ type, sizeGib, iops }: VolumeWish): VolumeFault[] {
  const { iops: range, iopsPerGib, baselineIops }: VolumeType = VOLUME_TYPES[type];
  const fault = (found: string, expected: string, fix: string): VolumeFault[] => [
    { what: "iops", found, expected, fix },
  ];
  if (iops === null) {
    const needed = baselineIops === null;
    return needed ? fault("nothing", `IOPS for a volume of type ${type}`, "add iops, or take type gp3") : [];
  }
  if (range === null) return fault(`${iops}`, `no IOPS, for ${type} takes none`, "remove it, or take type gp3");
  const bySize = sizeGib === null ? range[1] : Math.max(iopsPerGib * sizeGib, baselineIops ?? 0);
  const most = Math.min(range[1], bySize);
  if (isWithin(iops, [range[0], most])) return [];
  const size = sizeGib === null ? "" : ` for ${sizeGib} GiB`;
  const expected = `${range[0]} to ${most} IOPS${size} of type ${type}`;
  return fault(`${iops}`, expected, bySize < range[1] ? "change it, or enlarge the volume" : "change it");
}

function throughputFaults({ type, iops, throughputMibps: throughput }: VolumeWish): VolumeFault[] {
  if (throughput === null) return [];
  const { throughputMibps: range, baselineIops }: VolumeType = VOLUME_TYPES[type];
  const fault = (expected: string, fix: string): VolumeFault[] => [
    { what: "throughputMibps", found: `${throughput} MiB/s`, expected, fix },
  ];
  if (range === null) return fault(`no throughput, for ${type} takes none`, "remove it, or take type gp3");
  if (!isWithin(throughput, range)) return fault(`${range[0]} to ${range[1]} MiB/s of type ${type}`, "change it");
  const available = iops ?? baselineIops!;
  const most = Math.floor(available / IOPS_PER_MIBPS);
  if (throughput <= most) return [];
  const fix = `ask for ${throughput * IOPS_PER_MIBPS} IOPS or more, or lower it`;
  return fault(`at most ${most} MiB/s with ${available} IOPS`, fix);
}
