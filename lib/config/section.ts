/** The schema of the whole file with the companions' sections, which each noun brings itself. */
import { z } from "zod";
import { type Companion, sectionKey } from "./companion";
import { cache, caches } from "./schema/cache";
import { cacheName, regionName } from "./schema/fields";
import { configSchema } from "./schema/schema";

const { permissions_boundary_arn, role_path, log_retention_days } = cache.shape;

const common = {
  regions: z.array(regionName).min(1).optional().describe("Regions that it is in. Not given: all of `regions`."),
  permissions_boundary_arn,
  role_path,
};

function entryOf({ fields, jobFields, logs }: Companion): z.ZodObject {
  return z.strictObject({ ...fields, ...jobFields, ...common, ...(logs && { log_retention_days }) });
}

function sectionOf(companion: Companion): z.ZodType {
  const entry = entryOf(companion);
  return (companion.entries === "named" ? z.record(cacheName, entry) : entry)
    .optional()
    .describe(companion.description);
}

/** Returns {@link configSchema} with these companions' sections. A configuration may do without caches, if it has one of these. */
export function configSchemaWith(companions: readonly Companion[]): typeof configSchema {
  const sections = companions.map((companion) => [sectionKey(companion), sectionOf(companion)]);
  const optional = { caches: caches.default({}).describe(caches.description!), ...Object.fromEntries(sections) };
  return configSchema.extend(optional) as unknown as typeof configSchema;
}
