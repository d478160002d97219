/** Fields of the snapshots' retention, and of the function that sees to it. */
import { z } from "zod";
import { ALARM_SETTINGS, COPY_PROOFS, DELETIONS_MAXIMUM, ROTATION_DEFAULTS, ROTATION_MINIMUM } from "../../contract";
import { FIRST_PROVIDER_OF_NODEJS24, LAMBDA_RUNTIMES } from "./lambda-runtime";

/** `caches.<c>.retention` */
export const retention = z.strictObject({
  keep_last: z
    .int()
    .min(ROTATION_MINIMUM.keepLast)
    .max(100)
    .default(ROTATION_DEFAULTS.keepLast)
    .describe("Newest healthy snapshots kept in each region."),
  keep_within_days: z
    .int()
    .min(ROTATION_MINIMUM.keepWithinDays)
    .max(365)
    .default(ROTATION_DEFAULTS.keepWithinDays)
    .describe("Healthy snapshots younger than this many days are kept too; 0: none."),
  min_keep: z
    .int()
    .min(ROTATION_MINIMUM.minKeep)
    .max(100)
    .default(ROTATION_DEFAULTS.minKeep)
    .describe("Never fewer healthy snapshots than this, whatever else says so."),
  deletion_grace_hours: z
    .int()
    .min(ROTATION_MINIMUM.deletionGraceHours)
    .max(720)
    .default(ROTATION_DEFAULTS.deletionGraceHours)
    .describe("Hours between marking a snapshot for deletion and deleting it."),
  max_deletions_per_run: z
    .int()
    .min(ROTATION_MINIMUM.maxDeletionsPerRun)
    .max(DELETIONS_MAXIMUM)
    .default(ROTATION_DEFAULTS.maxDeletionsPerRun)
    .describe(
      "Most snapshots that one rotation run deletes, two API calls each; the rest goes in later runs. Never more than two or a fifth of the cache's snapshots, whichever is more.",
    ),
  recycle_bin_days: z
    .int()
    .min(1)
    .max(365)
    .nullable()
    .default(null)
    .describe("Days that the Recycle Bin keeps deleted snapshots of the cache. null: no retention rule."),
  copy_retention_days: z
    .int()
    .min(1)
    .max(365)
    .default(14)
    .describe(
      "Days that DLM keeps its snapshots in the building region and its copies in the others; much longer than the time between builds.",
    ),
});

/** `caches.<c>.rotation` */
export const rotation = z.strictObject({
  reconcile_minutes: z
    .int()
    .min(5)
    .max(10)
    .default(ROTATION_DEFAULTS.reconcileMinutes)
    .describe("Minutes between the runs that rotation makes in any case; a new snapshot makes it run at once."),
  alarms: z
    .enum(ALARM_SETTINGS)
    .default(ROTATION_DEFAULTS.alarms)
    .describe(
      "Alarms, at about 0.40 USD each a month with its metric: `all`, or `essential`, the four that tell that workers get no cache, or an old one, or that a build or rotation itself has failed.",
    ),
  reserved_concurrency: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .default(1)
    .describe(
      "Reserved concurrency of the function. null: none, and none of the router's two, where the quota of a young account refuses it; nothing relies on it.",
    ),
  lambda_runtime: z
    .enum(LAMBDA_RUNTIMES)
    .nullable()
    .default(null)
    .describe(
      `Lambda runtime. null: nodejs24.x where \`aws_provider_version\` admits no AWS provider below ${FIRST_PROVIDER_OF_NODEJS24}, which is the first to take it, else nodejs22.x.`,
    ),
  copy_proof: z
    .enum(COPY_PROOFS)
    .default(ROTATION_DEFAULTS.copyProof)
    .describe(
      "How a copying region proves a copy: `dlm`, by a tag that only DLM can write, or `tags`, by ours, for accounts whose copies lack DLM's.",
    ),
  max_engine: z
    .int()
    .min(20)
    .max(999)
    .nullable()
    .default(ROTATION_DEFAULTS.maxEngine)
    .describe(
      "Highest Docker Engine major version whose snapshots are promoted, the oldest that workers run. null: any.",
    ),
});
