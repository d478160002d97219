/** The workers of one cache in one region for one architecture. */
import type { WorkerSettings } from "../cell";
import { WORKER_ROOM_GIB } from "../schema/volume";
import { common, instance, kind, network, type Place, pullThrough } from "./common";

export function resolveWorker(place: Place): WorkerSettings {
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
    start: worker.start,
    timeoutSeconds: worker.timeout_seconds,
    minFreeGib: worker.min_free_gib,
    network: network(place.regional, "worker"),
    metadataHopLimit: worker.metadata_hop_limit,
    instanceProfileName: worker.instance_profile_name,
    pullThrough: worker.pull_through_access ? pullThrough(place) : {},
    policyArns: [...worker.policy_arns].sort(),
    script: worker.script,
  };
}
