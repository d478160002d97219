/** From a valid configuration to what is deployed: one cell per region, cache and architecture, all literals, frozen, sorted by name. */
import { ARCHITECTURES, type Architecture } from "../../contract";
import { pullThroughMap } from "../../pull-through";
import {
  type Cell,
  type CompanionSettings,
  type Deployment,
  isCiImages,
  isPullThrough,
  type Region,
  type StateBackend,
} from "../cell";
import type { Companion } from "../companion";
import type { Config } from "../schema/schema";
import { resolveBuilder } from "./builder";
import type { Place } from "./common";
import { companionsIn } from "./entries";
import { regionalOf, regionsOf } from "./regional";
import { resolveRotation } from "./rotation";
import { deepFreeze, sortedRecord } from "./stable";
import { resolveWorker } from "./worker";

/** Returns the deployment of a configuration without problems, with these companions' entries. The same configuration gives the same bytes. */
export function resolveWith(config: Config, companions: readonly Companion[]): Deployment {
  return deepFreeze({
    project: config.project,
    tags: sortedRecord(config.tags),
    state: state(config.state),
    awsProviderVersion: config.aws_provider_version,
    regions: Object.keys(config.regions)
      .sort()
      .map((name) => region(config, name, companionsIn(config, name, companions))),
  });
}

function region(config: Config, name: string, companions: readonly CompanionSettings[]): Region {
  const { notifications, kms_key_arn } = config.regions[name]!;
  const pullThrough = pullThroughMap(companions.filter(isPullThrough).flatMap(({ rules }) => rules));
  const ciImages = Object.fromEntries(companions.filter(isCiImages).map((entry) => [entry.name, entry.repository]));
  const caches = Object.keys(config.caches).filter((cache) => regionsOf(config, cache).includes(name));
  return {
    name,
    notifications: { email: notifications.email, topicArn: notifications.topic_arn },
    kmsKeyArn: kms_key_arn,
    cells: caches
      .sort()
      .flatMap((cache) =>
        ARCHITECTURES.filter((architecture) => config.caches[cache]!.architectures[architecture]).map((architecture) =>
          resolveCell(config, name, cache, architecture, { pullThrough, ciImages }),
        ),
      ),
    companions,
  };
}

/** One cache in one region for one architecture; the region must have a part in the cache. */
function resolveCell(
  config: Config,
  region: string,
  name: string,
  architecture: Architecture,
  ofRegion: Pick<Place, "pullThrough" | "ciImages">,
): Cell {
  const regional = regionalOf(config, name, region);
  const place = { config, region, cache: config.caches[name]!, regional, architecture, name, ...ofRegion };
  return {
    region,
    cache: name,
    architecture,
    builder: regional.copy_from === null ? resolveBuilder(place) : null,
    rotation: resolveRotation(place),
    worker: resolveWorker(place),
  };
}

function state(given: Config["state"]): StateBackend {
  if (given.backend === "local") return given;
  const { backend, bucket, region } = given;
  return { backend, bucket, region, keyPrefix: given.key_prefix, kmsKeyArn: given.kms_key_arn };
}
