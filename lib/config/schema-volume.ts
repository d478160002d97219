/** The cache volume, on builders and on workers. */
import { z } from "zod";

/** What a worker's cache volume has over the builder's, in GiB, where its size is not given. */
export const WORKER_ROOM_GIB = 50;

/** Types that a cache volume can have; bounds that depend on the type are checked in check-volumes.ts. */
export const volumeType = z.enum(["gp3", "gp2", "io2", "io1"]);

const performance = {
  type: volumeType.default("gp3").describe("EBS volume type."),
  iops: z
    .int()
    .min(100)
    .max(256000)
    .nullable()
    .default(null)
    .describe(
      "Provisioned IOPS. gp3: 3,000 to 80,000 and at most 500 per GiB, null for its baseline of 3,000; io1 and io2 need a number; gp2 takes none.",
    ),
  throughput_mibps: z
    .int()
    .min(125)
    .max(2000)
    .nullable()
    .default(null)
    .describe(
      "Provisioned throughput in MiB/s, gp3 only: at most a quarter of the IOPS. null: its baseline of 125. AWS provider 5.100 accepts at most 1,000; later ones more.",
    ),
};

/** `caches.<c>.volume`: the volume that builds write and snapshots are taken of. */
export const builderVolume = z.strictObject({
  size_gib: z
    .int()
    .min(4)
    .max(65536)
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
    .max(65536)
    .nullable()
    .default(null)
    .describe(
      `Size in GiB, at least the builder's. null: the builder's plus ${WORKER_ROOM_GIB} GiB of room for containers and layers of the worker's own.`,
    ),
  ...performance,
});
