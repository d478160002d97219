/** Checks of the regions: from which region each gets a cache. */

import { buildingRegions, copyingRegions, regionalOf, regionalPath, regionsOf } from "../resolve/regional";
import { nearestTo } from "../text/nearest";
import type { CacheCheck, Finding, Path } from "../text/problem";

/** Regions that one DLM schedule copies to (AWS's quota of cross-region copy rules). */
const REGIONS_PER_SCHEDULE = 3;

/** Overrides are of regions that exist. */
export const checkOverrides: CacheCheck = (config, cache) => {
  const known = Object.keys(config.regions);
  return Object.keys(config.caches[cache]!.regions).flatMap((region) =>
    unknownRegion(["caches", cache, "regions", region], region, known),
  );
};

/** Returns the problem with a region that is none of those known; none if it is one. */
export function unknownRegion(path: Path, region: string, known: readonly string[]): Finding[] {
  if (known.includes(region)) return [];
  const nearest = nearestTo(region, known);
  const fix = nearest ? `write ${nearest}` : `add ${region} to \`regions\` at the top, or remove it here`;
  return [{ path, found: region, expected: `one of the regions at the top: ${known.join(", ")}`, fix }];
}

/** A cache has a region. */
export const checkAnyRegion: CacheCheck = (config, cache) =>
  regionsOf(config, cache).length > 0
    ? []
    : [
        {
          path: ["caches", cache, "regions"],
          found: "every region disabled",
          expected: "at least one region that has a part in the cache",
          fix: "remove an `enabled: false`, or the cache",
        },
      ];

/** Copies come from a region of the same partition that builds the cache itself. */
export const checkSources: CacheCheck = (config, cache) =>
  regionsOf(config, cache).flatMap((region) => {
    const source = regionalOf(config, cache, region).copy_from;
    if (source === null) return [];
    const problem = sourceProblem(region, source, regionsOf(config, cache), buildingRegions(config, cache));
    if (problem === undefined) return [];
    const builders = buildingRegions(config, cache).filter((other) => partitionOf(other) === partitionOf(region));
    const others = builders.length === 0 ? "" : `copy from ${builders.join(" or ")}, or `;
    return [
      {
        path: regionalPath(config, cache, region, "copy_from"),
        found: `${source}, ${problem}`,
        expected: `a region that builds ${cache} itself`,
        fix: `${others}let ${region} build it: copy_from: null`,
      },
    ];
  });

function sourceProblem(
  region: string,
  source: string,
  taking: readonly string[],
  building: readonly string[],
): string | undefined {
  if (source === region) return "the region itself";
  if (!taking.includes(source)) return "which has no part in the cache";
  if (!building.includes(source)) return "which copies the cache itself: there are no chains";
  return partitionOf(source) === partitionOf(region) ? undefined : "which is of another AWS partition";
}

/** AWS's partitions do not copy to one another; their regions are known by the first letters. */
function partitionOf(region: string): string {
  return /^(cn|us-gov|us-isob?|us-isof|eu-isoe|eusc)-/.exec(region)?.[1] ?? "aws";
}

/** DLM copies to at most three regions in one schedule. */
export const checkSchedules: CacheCheck = (config, cache) =>
  buildingRegions(config, cache).flatMap((source) => {
    const bySchedule = new Map<number, string[]>();
    for (const region of copyingRegions(config, cache, source)) {
      const { dlm_schedule } = regionalOf(config, cache, region);
      bySchedule.set(dlm_schedule, [...(bySchedule.get(dlm_schedule) ?? []), region]);
    }
    return [...bySchedule]
      .filter(([, regions]) => regions.length > REGIONS_PER_SCHEDULE)
      .map(([schedule, regions]): Finding => {
        const last = regions.at(-1)!;
        return {
          path: regionalPath(config, cache, last, "dlm_schedule"),
          found: `DLM schedule ${schedule} of ${cache} in ${source} for ${regions.length} regions: ${regions.join(", ")}`,
          expected: `at most ${REGIONS_PER_SCHEDULE} regions to a schedule, 4 schedules`,
          fix: "set `dlm_schedule` of the region added last to another of 1 to 4; those deployed keep theirs",
        };
      });
  });
