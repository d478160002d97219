/** The cache volume, on builders and on workers. */
import { z } from "zod";
import { IOPS_PER_MIBPS, VOLUME_TYPE_NAMES, VOLUME_TYPES, type VolumeType } from "../../volume-types";

/** Room of a worker's cache volume over the builder's, in GiB, if its size is not given. */
export const WORKER_ROOM_GIB = 50;

const IOPS = Object.values(VOLUME_TYPES).flatMap(({ iops }) => iops ?? []);
const MAXIMUM_SIZE_GIB = VOLUME_TYPES.gp3.sizeGib[1];
const { throughputMibps: THROUGHPUT } = VOLUME_TYPES.gp3;

/** `3,000`, the same in every locale. */
const grouped = (count: number) => count.toLocaleString("en-US");

/** The IOPS of every type, in a sentence. */
function describeIops(): string {
  return (Object.entries(VOLUME_TYPES) as [string, VolumeType][])
    .map(([name, { iops, iopsPerGib, baselineIops }]) => {
      if (iops === null) return `${name}: none can be given`;
      const otherwise = baselineIops === null ? "must be given" : `null for its baseline of ${grouped(baselineIops)}`;
      return `${name}: ${grouped(iops[0])} to ${grouped(iops[1])}, at most ${grouped(iopsPerGib)} per GiB, ${otherwise}`;
    })
    .join("; ");
}

/** Bounds that depend on the type are checked in lib/config/check/volumes.ts. */
const performance = {
  type: z.enum(VOLUME_TYPE_NAMES).default("gp3").describe("EBS volume type."),
  iops: z
    .int()
    .min(Math.min(...IOPS))
    .max(Math.max(...IOPS))
    .nullable()
    .default(null)
    .describe(`Provisioned IOPS. ${describeIops()}.`),
  throughput_mibps: z
    .int()
    .min(THROUGHPUT[0])
    .max(THROUGHPUT[1])
    .nullable()
    .default(null)
    .describe(
      `Provisioned throughput in MiB/s, gp3 only, at most one for ${IOPS_PER_MIBPS} IOPS. null: its baseline of ${THROUGHPUT[0]}. AWS provider 5.100 accepts at most 1,000; later ones more.`,
    ),
};

/** `caches.<c>.volume`: the volume that builds write and snapshots are taken of. */
export const builderVolume = z.strictObject({
  size_gib: z
    .int()
    .min(4)
    .max(MAXIMUM_SIZE_GIB)
    .default(100)
    .describe(
      "Size in GiB. A larger size grows volume and file system in place; a smaller one needs a new `generation`.",
    ),
  ...performance,
  file_system: z
    .enum(["xfs", "ext4"])
    .default("xfs")
    .describe("File system on the volume, made so that the oldest supported worker kernel can mount it."),
  generation: z
    .int()
    .min(1)
    .max(9999)
    .default(1)
    .describe(
      "Raise by one to replace the volume by a new, empty one, when its snapshots have grown too large. Pointer, snapshots and copies stay.",
    ),
});

/** `caches.<c>.worker.volume`: the volume that each worker gets from the snapshot. */
export const workerVolume = z.strictObject({
  size_gib: z
    .int()
    .min(4)
    .max(MAXIMUM_SIZE_GIB)
    .nullable()
    .default(null)
    .describe(
      `Size in GiB, at least the builder's. null: the builder's plus ${WORKER_ROOM_GIB} GiB of room for containers and layers of the worker's own.`,
    ),
  ...performance,
});
