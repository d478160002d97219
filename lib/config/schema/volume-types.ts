/** EBS volume types that a cache can have, and what EBS takes of each (Amazon EBS User Guide, volume types). */

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

/** A volume takes a MiB/s of throughput for so many of its IOPS. */
export const IOPS_PER_MIBPS = 4;

/** `3,000`, the same in every locale. */
const grouped = (count: number) => count.toLocaleString("en-US");

/** The IOPS of every type, in a sentence. */
export function describeIops(): string {
  return (Object.entries(VOLUME_TYPES) as [string, VolumeType][])
    .map(([name, { iops, iopsPerGib, baselineIops }]) => {
      if (iops === null) return `${name}: none can be given`;
      const otherwise = baselineIops === null ? "must be given" : `null for its baseline of ${grouped(baselineIops)}`;
      return `${name}: ${grouped(iops[0])} to ${grouped(iops[1])}, at most ${grouped(iopsPerGib)} per GiB, ${otherwise}`;
    })
    .join("; ");
}
