/** One cache. */
import { z } from "zod";
import { ROTATION_DEFAULTS } from "../../contract";
import { build, pullThrough, registries, registry } from "./build";
import { cacheName, imageStore, policyArn, regionName, spelled, text } from "./fields";
import { architectures } from "./instance";
import { withoutDefaults } from "./override";
import { regional } from "./region";
import { retention, rotation } from "./retention";
import { builderVolume } from "./volume";
import { worker } from "./worker";

/** Days for which CloudWatch Logs can keep a group's events. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const reference = text("an image reference such as python:3.12-slim")
  .max(1024)
  .describe("Image by tag or digest, as `docker pull` takes it; workers find it under this name.");

/** A reference with more to say. */
export const imageEntry = z.strictObject({
  reference,
  optional: z
    .boolean()
    .default(false)
    .describe("A build goes on without this image if it cannot be pulled or does not run."),
  warm: z
    .enum(["start", "whole"])
    .default("start")
    .describe(
      "What workers read ahead of the image before the rest of the volume: what its proof touched, or every file of its layers.",
    ),
  smoke: spelled(/^[^\s].*$/, "one line")
    .max(1024)
    .nullable()
    .default(null)
    .describe("Command run in a container of the image as part of the proof. null: the container is only started."),
});

/** `caches.<c>.images[]`: a reference, or a reference with more to say. */
const image = z.union([reference, imageEntry]);

/** `caches.<c>.regions.<r>`: the fields of {@link RegionalConfig}, all optional, and two more. */
const override = withoutDefaults(regional).extend({
  enabled: z.boolean().default(true).describe("false: this region has no part in this cache."),
  registries: z
    .array(registry)
    .optional()
    .describe("In place of the cache's `registries`, where secrets or keys differ by region."),
}) as unknown as z.ZodType<Override, unknown>;

/** The settings of a region, defaults filled in. */
export type RegionalConfig = z.output<typeof regional>;
type Partially<T> = {
  [K in keyof T]?: T[K] extends readonly unknown[] | null | string | number | boolean ? T[K] : Partially<T[K]>;
};
/** Settings that a cache overrides in a region. */
export type Override = Partially<RegionalConfig> & { enabled: boolean; registries?: z.output<typeof registries> };

/** `caches.<c>` */
export const cache = z.strictObject({
  images: z.array(image).max(1000).default([]).describe("Images of the cache. Needed unless `images_from` names some."),
  images_from: z
    .array(cacheName)
    .max(50)
    .default([])
    .describe(
      "Entries of `ci_images` whose `latest-x86_64`, or `latest-aarch64` on arm64, is an optional image of the cache, from the registry of the builder's region.",
    ),
  architectures,
  image_store: imageStore
    .default(ROTATION_DEFAULTS.store)
    .describe("Docker's image store on builders and workers; containerd's needs Docker 24 or later and more space."),
  volume: builderVolume.prefault({}).describe("The cache volume."),
  build: build.prefault({}).describe("When and how the cache is built."),
  registries,
  pull_through: pullThrough,
  retention: retention.prefault({}).describe("Which snapshots are kept."),
  rotation: rotation.prefault({}).describe("The function that promotes and deletes snapshots."),
  worker: worker.prefault({}).describe("What workers do with the cache."),
  permissions_boundary_arn: policyArn
    .nullable()
    .default(null)
    .describe("Permissions boundary of all roles. null: none."),
  role_path: spelled(/^\/([A-Za-z0-9+=,.@_-]+\/)*$/, "an IAM path that begins and ends with /")
    .max(512)
    .default("/")
    .describe("IAM path of all roles."),
  log_retention_days: z.literal(LOG_RETENTION_DAYS).default(30).describe("Days that logs are kept."),
  regions: z
    .record(regionName, override)
    .default({})
    .describe(
      "What is different for this cache in a region; each key wins over the same key under `regions` at the top.",
    ),
});

export const caches = z
  .record(cacheName, cache)
  .describe("The caches by name. Each is built in, or copied to, every region unless its `regions` say otherwise.");
