/** One cache in one region for one architecture. */
import type { Architecture } from "../../contract";
import type { Cell, WorkerSettings } from "../cell";
import { defaultLambdaRuntime } from "../schema/lambda-runtime";
import type { Config } from "../schema/schema";
import { WORKER_ROOM_GIB } from "../schema/volume";
import { resolveBuilder } from "./builder";
import { COPY_HOURS, cadenceHours } from "./cadence";
import { common, instance, kind, network, type Place } from "./common";
import { regionalOf } from "./regional";

/** A cell of a configuration without problems; the region must have a part in the cache. */
export function resolveCell(config: Config, region: string, name: string, architecture: Architecture): Cell {
  const regional = regionalOf(config, name, region);
  const place = { config, region, cache: config.caches[name]!, regional, architecture, name };
  return {
    region,
    cache: name,
    architecture,
    builder: regional.copy_from === null ? resolveBuilder(place) : null,
    rotation: rotation(place),
    worker: worker(place),
  };
}

function rotation(place: Place): Cell["rotation"] {
  const { config, cache, regional } = place;
  const cadence = cadenceHours(cache.build);
  return {
    ...common(place),
    logRetentionDays: cache.log_retention_days,
    store: cache.image_store,
    maxEngine: cache.rotation.max_engine,
    copyFrom: regional.copy_from,
    copyProof: cache.rotation.copy_proof,
    cadenceHours: regional.copy_from === null ? cadence : Math.max(COPY_HOURS, cadence),
    keepLast: cache.retention.keep_last,
    keepWithinDays: cache.retention.keep_within_days,
    minKeep: cache.retention.min_keep,
    deletionGraceHours: cache.retention.deletion_grace_hours,
    maxDeletionsPerRun: cache.retention.max_deletions_per_run,
    fastRestoreZones: [...regional.fast_restore_zones].sort(),
    watchdogMinutes: cache.build.watchdog_minutes,
    reconcileMinutes: cache.rotation.reconcile_minutes,
    lambdaRuntime: cache.rotation.lambda_runtime ?? defaultLambdaRuntime(config.aws_provider_version),
    reservedConcurrency: cache.rotation.reserved_concurrency,
    recycleBinDays: cache.retention.recycle_bin_days,
  };
}

function worker(place: Place): WorkerSettings {
  const { worker, volume, image_store } = place.cache;
  return {
    ...common(place),
    store: image_store,
    instance: instance(place, "worker"),
    volume: { ...kind(worker.volume), sizeGib: worker.volume.size_gib ?? volume.size_gib + WORKER_ROOM_GIB },
    warmth: worker.warmth,
    initializationRateMibps: worker.initialization_rate_mibps,
    hydrate: worker.hydrate,
    hydrateRateMibps: worker.hydrate_rate_mibps,
    timeoutSeconds: worker.timeout_seconds,
    minFreeGib: worker.min_free_gib,
    network: network(place.regional, "worker"),
    metadataHopLimit: worker.metadata_hop_limit,
    instanceProfileName: worker.instance_profile_name,
    policyArns: [...worker.policy_arns].sort(),
    script: worker.script,
  };
}
