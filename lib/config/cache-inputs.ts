/**
 * The variables of the module `cache`, which calls builder, rotation and worker of one cache: those of the three, each once. They stand as in the
 * configuration: what the cache and its region have is a variable, and what one noun alone has is in the group of its name.
 */
import { z } from "zod";
import { type Fields, type Input, inputsOf, MODULE_INPUTS, NOUN_FIELDS } from "./inputs";
import { cache } from "./schema/cache";
import { region } from "./schema/region";
import { retention } from "./schema/retention";
import { WORKER_ROOM_GIB } from "./schema/volume";
import { worker } from "./schema/worker";

export { WORKER_ROOM_GIB };

type Called = keyof typeof NOUN_FIELDS;

const { builder, rotation } = NOUN_FIELDS;

/** Variables that more than one noun takes, or that the configuration has on the cache or its region. */
const SHARED: Fields = {
  name: builder.name.describe("Name of the cache."),
  architecture: builder.architecture,
  images: z
    .array(builder.images.element)
    .max(1000)
    .default([])
    .describe(`${builder.images.description!} Needed except with \`copy_from\`, and unused with it.`),
  image_store: cache.shape.image_store,
  volume: cache.shape.volume,
  build: cache.shape.build,
  registries: builder.registries,
  pull_through: builder.pull_through,
  copy_from: region.shape.copy_from,
  copy_to: builder.copy_to.describe("Regions that copy the cache from here; each is a call with `copy_from`."),
  retention: cache.shape.retention,
  fast_restore_zones: rotation.fast_restore_zones,
  notifications: rotation.notifications,
  proxy: region.shape.proxy,
  kms_key_arn: builder.kms_key_arn,
  tags: builder.tags,
  permissions_boundary_arn: builder.permissions_boundary_arn,
  role_path: builder.role_path,
  log_retention_days: builder.log_retention_days,
};

/** Variables of the nouns that stand in a group of the cache's. */
const GROUPED: Readonly<Record<string, string>> = {
  watchdog_minutes: "build.watchdog_minutes",
  copy_retention_days: "retention.copy_retention_days",
};

/** The worker has a volume of its own, beside the cache's. */
function isOwn(noun: Called, name: string): boolean {
  return noun === "worker" && name === "volume" ? true : !(name in SHARED || name in GROUPED);
}

/** What one noun alone takes, as its group. */
function group(noun: Called, meaning: string, others: Fields = {}) {
  const own = Object.entries(NOUN_FIELDS[noun] as Fields).filter(([name]) => isOwn(noun, name));
  return z
    .strictObject({ ...Object.fromEntries(own), ...others })
    .prefault({})
    .describe(meaning);
}

export const CACHE_INPUTS: readonly Input[] = inputsOf({
  ...SHARED,
  builder: group("builder", "What the builder alone has: its instances and their network."),
  rotation: group("rotation", "What rotation alone has.", {
    cadence_hours: rotation.cadence_hours
      .unwrap()
      .nullable()
      .default(null)
      .describe(
        "Longest time between two builds in hours; an alarm rises at twice this age. null: as `build` says, except with a cron() expression, which needs it.",
      ),
  }),
  create_worker: z.boolean().default(true).describe("Make the worker. false: workers have launch templates of yours."),
  worker: group("worker", "What the worker alone has: its instances, their network, and their use of the cache.", {
    volume: worker.shape.volume,
  }),
});

/** Path of the variable, or of the attribute in one, that a noun's variable is given by, e.g. `worker.hydrate`. */
export function pathInCache(noun: Called, name: string): string {
  return GROUPED[name] ?? (isOwn(noun, name) ? `${noun}.${name}` : name);
}

/** Attributes of `retention` that rotation has: the others are DLM's. */
export const ROTATION_RETENTION = Object.keys(retention.shape).filter((name) => !(name in GROUPED));

/** Names of the variables of a noun. */
export function inputNames(noun: Called): string[] {
  return MODULE_INPUTS[noun].map(({ name }) => name);
}
