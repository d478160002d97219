/** The section `layer_cache` of the configuration file. */
import { isLayerCache, type LayerCacheSettings } from "../../lib/config/cell";
import { choosePlace, noSection, type Place, placesOf, type Section } from "../job/entries";
import type { Options } from "../options";
import { UsageError } from "../usage-error";

const SECTION: Section<LayerCacheSettings> = { key: "layer_cache", has: isLayerCache };

/** An entry in one region. */
export type LayerCachePlace = Place<LayerCacheSettings>;

function places({ entry }: Options, environment?: NodeJS.ProcessEnv): LayerCachePlace[] {
  const all = placesOf(SECTION, environment);
  return all.length > 0 ? all : noSection(SECTION.key, entry ?? "ci", environment);
}

/** True if the configuration has the section. */
export function hasLayerCaches(environment?: NodeJS.ProcessEnv): boolean {
  return placesOf(SECTION, environment).length > 0;
}

/** Returns the place that options or the environment choose. @throws UsageError if there is none, or they choose none or several */
export function chooseLayerCache(options: Options, environment?: NodeJS.ProcessEnv): LayerCachePlace {
  return choosePlace(SECTION, places(options, environment), options, environment);
}

/** Returns the places that options select, at least one. @throws UsageError if there is none */
export function selectLayerCaches(options: Options): LayerCachePlace[] {
  const all = places(options);
  const { entry, region } = options;
  const found = all.filter(
    (one) => (entry ?? one.settings.name) === one.settings.name && (region ?? one.region) === one.region,
  );
  if (found.length > 0) return found;
  const known = all.map((one) => `${one.settings.name} in ${one.region}`).join(", ");
  throw new UsageError(`layer_cache has nothing for these options; it has ${known}`);
}
