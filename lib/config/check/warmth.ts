/** Checks of how workers' volumes get warm, and that nothing is paid for in vain. */

import { ARCHITECTURES } from "../../contract";
import { regionalOf, regionalPath, regionsOf } from "../resolve/regional";
import type { Config } from "../schema/schema";
import type { CacheCheck, ConfigCheck, Finding } from "../text/problem";

/** Volume initialization of a region at a time, for the whole account ("Amazon EBS endpoints and quotas"). */
const REGION_RATE_MIBPS = 5000;

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

/** A number of launches for `warmth: rate`, and for nothing else. */
export const checkLaunches: CacheCheck = (config, cache) => {
  const { warmth, max_simultaneous_launches: launches } = config.caches[cache]!.worker;
  if (warmth === "rate" || launches === null) return [];
  const path = ["caches", cache, "worker", "max_simultaneous_launches"];
  const expected = `nothing, as \`warmth\` is ${warmth}`;
  return [{ path, found: String(launches), expected, fix: "remove it: only `warmth: rate` has a quota" }];
};

interface Launches {
  readonly cache: string;
  readonly rate: number;
  /** Of all architectures. */
  readonly launches: number;
}

/** Launches that a region's caches declare, with their rates. */
function launchesIn(config: Config, region: string): Launches[] {
  return Object.entries(config.caches).flatMap(([cache, { worker, architectures }]) => {
    const { initialization_rate_mibps: rate, max_simultaneous_launches: declared } = worker;
    if (rate === null || declared === null || !regionsOf(config, cache).includes(region)) return [];
    const launches = declared * ARCHITECTURES.filter((name) => architectures[name]).length;
    return [{ cache, rate, launches }];
  });
}

/** The launches that all caches of a region declare initialize their volumes within the region's quota. */
export const checkRegionRates: ConfigCheck = (config) =>
  Object.keys(config.regions).flatMap((region): Finding[] => {
    const all = launchesIn(config, region);
    const total = all.reduce((sum, { rate, launches }) => sum + rate * launches, 0);
    const [most] = [...all].sort((a, b) => b.rate * b.launches - a.rate * a.launches);
    if (most === undefined || total <= REGION_RATE_MIBPS) return [];
    const parts = all.map(({ cache, rate, launches }) => `${launches} of ${cache} at ${rate}`).join(", ");
    return [
      {
        path: ["caches", most.cache, "worker", "max_simultaneous_launches"],
        found: `${total} MiB/s in ${region}: ${parts}`,
        expected: `at most ${REGION_RATE_MIBPS} MiB/s, a region's quota, beyond which launches fail`,
        fix: "launch fewer at a time, lower initialization_rate_mibps, or take `warmth: lazy`",
      },
    ];
  });

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
