/** One cache in one region for one architecture. */
import type { Architecture } from "../contract";
import { imageLine } from "../image-reference";
import { defaultReplicateAt } from "./build-times";
import { COPY_HOURS, cadenceHours } from "./cadence";
import type { BuilderSettings, Cell, Common, Instance, Network, WorkerSettings } from "./cell";
import { copyingRegions, regionalOf } from "./regional";
import type { CacheConfig, Config } from "./schema";
import type { RegionalConfig } from "./schema-cache";
import { WORKER_ROOM_GIB } from "./schema-volume";
import { sortedRecord } from "./stable";

/** What the parts of one cell are made from. */
interface Place {
  readonly config: Config;
  readonly region: string;
  readonly cache: CacheConfig;
  readonly regional: RegionalConfig;
  readonly architecture: Architecture;
  readonly name: string;
}

export function resolveCell(config: Config, region: string, name: string, architecture: Architecture): Cell {
  const regional = regionalOf(config, name, region);
  const place = { config, region, cache: config.caches[name]!, regional, architecture, name };
  return {
    region,
    cache: name,
    architecture,
    builder: regional.copy_from === null ? builder(place) : null,
    rotation: rotation(place),
    worker: worker(place),
  };
}

function common({ config, cache, regional, architecture, name }: Place): Common {
  return {
    name,
    architecture,
    tags: sortedRecord(config.tags),
    permissionsBoundaryArn: cache.permissions_boundary_arn,
    rolePath: cache.role_path,
    kmsKeyArn: regional.kms_key_arn,
    logRetentionDays: cache.log_retention_days,
  };
}

function builder(place: Place): BuilderSettings {
  const { config, region, cache, name } = place;
  const { build, volume } = cache;
  const copyTo = copyingRegions(config, name, region).map((target) => {
    const { kms_key_arn, dlm_schedule } = regionalOf(config, name, target);
    return { region: target, kmsKeyArn: kms_key_arn, schedule: dlm_schedule };
  });
  return {
    ...common(place),
    images: cache.images.map(imageLine).sort(),
    store: cache.image_store,
    instance: instance(place, "builder"),
    volume: {
      ...kind(volume),
      sizeGib: volume.size_gib,
      fileSystem: volume.file_system,
      generation: volume.generation,
    },
    buildAt: [...build.at].sort(),
    scheduleExpression: build.expression,
    timeZone: build.time_zone,
    launchRetryMinutes: build.launch_retry_minutes,
    watchdogMinutes: build.watchdog_minutes,
    replicateAt: copyTo.length === 0 ? null : (build.replicate_at ?? defaultReplicateAt(build)!),
    copyTo,
    copyRetentionDays: cache.retention.copy_retention_days,
    network: network(place.regional, "builder"),
    registries: registries(place),
    pullThrough: sortedRecord(cache.pull_through),
    parallelPulls: build.parallel_pulls,
  };
}

function registries({ config, cache, name, region }: Place): BuilderSettings["registries"] {
  return (config.caches[name]!.regions[region]?.registries ?? cache.registries)
    .map(({ host, secret_name, kms_key_arn }) => ({ host, secretName: secret_name, kmsKeyArn: kms_key_arn }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}

function rotation(place: Place): Cell["rotation"] {
  const { cache, regional } = place;
  const cadence = cadenceHours(cache.build);
  return {
    ...common(place),
    store: cache.image_store,
    maxEngine: cache.rotation.max_engine,
    copyFrom: regional.copy_from,
    copyProof: cache.rotation.copy_proof,
    cadenceHours: regional.copy_from === null ? cadence : Math.max(COPY_HOURS, cadence),
    keepLast: cache.retention.keep_last,
    keepWithinDays: cache.retention.keep_within_days,
    minKeep: cache.retention.min_keep,
    deletionGraceHours: cache.retention.deletion_grace_hours,
    maxDeletionsPercent: cache.retention.max_deletions_percent,
    fastRestoreZones: [...regional.fast_restore_zones].sort(),
    watchdogMinutes: cache.build.watchdog_minutes,
    reconcileMinutes: cache.rotation.reconcile_minutes,
    lambdaRuntime: cache.rotation.lambda_runtime,
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

function kind({
  type,
  iops,
  throughput_mibps,
}: {
  type: string;
  iops: number | null;
  throughput_mibps: number | null;
}) {
  return { type, iops, throughputMibps: throughput_mibps };
}

function instance({ cache, architecture }: Place, noun: "builder" | "worker"): Instance {
  const given = cache.architectures[architecture]![noun];
  return {
    imageId: given.image_id,
    instanceType: given.instance_type,
    rootDeviceName: given.root_device_name,
    rootVolumeSizeGib: given.root_volume_size_gib,
  };
}

function network(regional: RegionalConfig, noun: "builder" | "worker"): Network {
  const given = regional[noun];
  return {
    subnetId: given.subnet_id,
    associatePublicIpAddress: given.subnet_id === null ? null : (given.associate_public_ip_address ?? false),
    securityGroupIds: [...given.security_group_ids].sort(),
    proxy: { ...regional.proxy },
  };
}
