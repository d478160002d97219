/** The rotation of one cache in one region for one architecture. */
import type { Cell } from "../cell";
import { defaultLambdaRuntime } from "../schema/lambda-runtime";
import { COPY_HOURS, cadenceHours } from "./cadence";
import { common, type Place } from "./common";

export function resolveRotation(place: Place): Cell["rotation"] {
  const { config, cache, regional } = place;
  const cadence = cadenceHours(cache.build);
  return {
    ...common(place),
    logRetentionDays: cache.log_retention_days,
    store: cache.image_store,
    maxEngine: cache.rotation.max_engine,
    copyFrom: regional.copy_from,
    copyProof: cache.rotation.copy_proof,
    copyRetentionDays: cache.retention.copy_retention_days,
    cadenceHours: regional.copy_from === null ? cadence : Math.max(COPY_HOURS, cadence),
    keepLast: cache.retention.keep_last,
    keepWithinDays: cache.retention.keep_within_days,
    minKeep: cache.retention.min_keep,
    deletionGraceHours: cache.retention.deletion_grace_hours,
    maxDeletionsPerRun: cache.retention.max_deletions_per_run,
    fastRestoreZones: [...regional.fast_restore_zones].sort(),
    watchdogMinutes: cache.build.watchdog_minutes,
    reconcileMinutes: cache.rotation.reconcile_minutes,
    alarms: cache.rotation.alarms,
    lambdaRuntime: cache.rotation.lambda_runtime ?? defaultLambdaRuntime(config.aws_provider_version),
    reservedConcurrency: cache.rotation.reserved_concurrency,
    recycleBinDays: cache.retention.recycle_bin_days,
  };
}
