/** Checks of how workers' volumes get warm, and that nothing is paid for in vain. */

import { regionalOf, regionalPath, regionsOf } from "../resolve/regional";
import type { CacheCheck } from "../text/problem";

/** A rate for `warmth: rate`, and for nothing else. */
export const checkInitializationRate: CacheCheck = (config, cache) => {
  const { warmth, initialization_rate_mibps: rate } = config.caches[cache]!.worker;
  const path = ["caches", cache, "worker", "initialization_rate_mibps"];
  if (warmth === "rate" && rate === null) {
    const expected = "a rate in MiB/s, as `warmth` is rate";
    return [{ path, found: "nothing", expected, fix: "add initialization_rate_mibps: 200" }];
  }
  if (warmth === "rate" || rate === null) return [];
  const expected = `nothing, as \`warmth\` is ${warmth}`;
  return [{ path, found: `${rate} MiB/s`, expected, fix: "set warmth: rate, or remove it" }];
};

/** Fast snapshot restore has zones in every region. */
export const checkRestoreZones: CacheCheck = (config, cache) => {
  const { warmth } = config.caches[cache]!.worker;
  return regionsOf(config, cache).flatMap((region) => {
    const zones = regionalOf(config, cache, region).fast_restore_zones;
    const path = regionalPath(config, cache, region, "fast_restore_zones");
    if (warmth === "fsr" && zones.length === 0) {
      const expected = `the zones of ${region} for fast snapshot restore, as \`warmth\` of ${cache} is fsr`;
      return [{ path, found: "none", expected, fix: `add fast_restore_zones: [${region}a]` }];
    }
    if (warmth === "rate" && zones.length > 0) {
      const expected = `none, as \`warmth\` of ${cache} is rate, which takes the place of fast snapshot restore`;
      return [{ path, found: zones.join(", "), expected, fix: "remove the zones, or set warmth: fsr" }];
    }
    return [];
  });
};

/** Zones are of their region. */
export const checkZoneNames: CacheCheck = (config, cache) =>
  regionsOf(config, cache).flatMap((region) =>
    regionalOf(config, cache, region).fast_restore_zones.flatMap((zone, index) =>
      zone.slice(0, -1) === region
        ? []
        : [
            {
              path: [...regionalPath(config, cache, region, "fast_restore_zones"), index],
              found: zone,
              expected: `a zone of ${region}`,
              fix: `write ${region}${zone.slice(-1)}`,
            },
          ],
    ),
  );
