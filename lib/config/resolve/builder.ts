/** The builder of one cache in one region for one architecture. */
import { latestTag } from "../../ci-images";
import { imageLine } from "../../image-reference";
import type { BuilderSettings } from "../cell";
import { defaultReplicateAt } from "./build-times";
import { common, instance, kind, network, type Place, pullThrough } from "./common";
import { copyingRegions, regionalOf } from "./regional";

export function resolveBuilder(place: Place): BuilderSettings {
  const { config, region, cache, name } = place;
  const { build, volume } = cache;
  const copyTo = copyingRegions(config, name, region).map((target) => {
    const { kms_key_arn, dlm_schedule } = regionalOf(config, name, target);
    return { region: target, kmsKeyArn: kms_key_arn, schedule: dlm_schedule };
  });
  return {
    ...common(place),
    logRetentionDays: cache.log_retention_days,
    images: cache.images.map(imageLine).sort(),
    imagesFrom: imagesFrom(place),
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
    pullThrough: pullThrough(place),
    parallelPulls: build.parallel_pulls,
    hotSetPercent: build.hot_set_percent,
  };
}

/** A check has seen that each entry is in this region. */
function imagesFrom({ cache, architecture, ciImages }: Place): string[] {
  return cache.images_from.map((name) => `${ciImages[name]}:${latestTag(architecture)}`).sort();
}

function registries({ config, cache, name, region }: Place): BuilderSettings["registries"] {
  return (config.caches[name]!.regions[region]?.registries ?? cache.registries)
    .map(({ host, secret_name, kms_key_arn }) => ({ host, secretName: secret_name, kmsKeyArn: kms_key_arn }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}
