/** Regions of a cache, and their settings: `regions.<r>`, overridden key by key by `caches.<c>.regions.<r>`. */

import { isObject } from "../../is-object";
import type { RegionalConfig } from "../schema/cache";
import type { Config } from "../schema/schema";
import type { Path } from "../text/problem";

/** Names of the regions that have a part in a cache, sorted. */
export function regionsOf(config: Config, cache: string): string[] {
  const overrides = config.caches[cache]!.regions;
  return Object.keys(config.regions)
    .filter((region) => overrides[region]?.enabled !== false)
    .sort();
}

/** Settings of a cache in a region. */
export function regionalOf(config: Config, cache: string, region: string): RegionalConfig {
  return overlay(config.regions[region]!, config.caches[cache]!.regions[region]) as RegionalConfig;
}

/** Path of a regional key's value: in the cache's override if it is there, else in the region. */
export function regionalPath(config: Config, cache: string, region: string, ...keys: string[]): Path {
  let given: unknown = config.caches[cache]!.regions[region];
  for (const key of keys) given = (given as Record<string, unknown> | undefined)?.[key];
  return given === undefined ? ["regions", region, ...keys] : ["caches", cache, "regions", region, ...keys];
}

/** Regions that build the cache themselves, sorted. */
export function buildingRegions(config: Config, cache: string): string[] {
  return regionsOf(config, cache).filter((region) => regionalOf(config, cache, region).copy_from === null);
}

/** Regions that copy the cache from `source`, sorted. */
export function copyingRegions(config: Config, cache: string, source: string): string[] {
  return regionsOf(config, cache).filter((region) => regionalOf(config, cache, region).copy_from === source);
}

/**
 * Lays one group of settings over another, key by key; anything but a group replaces what was there. A key is looked up when it is read, so
 * that a check of a faulty configuration sees no more of it than it needs.
 */
function overlay(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isObject(base) || !isObject(over)) return over;
  const getters = Object.keys(base).map((key) => [key, { get: () => overlay(base[key], over[key]), enumerable: true }]);
  return Object.defineProperties({}, Object.fromEntries(getters));
}

/** Returns true if any region copies the cache. */
export function isCopied(config: Config, cache: string): boolean {
  return regionsOf(config, cache).some((region) => regionalOf(config, cache, region).copy_from !== null);
}
