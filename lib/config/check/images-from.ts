/** CI images that a cache holds: they are entries of the section `ci_images`, in each region that builds the cache. */
import { CI_IMAGES } from "../../ci-images";
import { sectionKey } from "../companion";
import { cadenceHours, expressionProblem } from "../resolve/cadence";
import { buildingRegions } from "../resolve/regional";
import type { Config } from "../schema/schema";
import { nearestTo } from "../text/nearest";
import type { CacheCheck, Finding } from "../text/problem";
import { present, unlessMissing } from "../text/prune";

const SECTION = sectionKey({ noun: CI_IMAGES });

/** Builds that an image lives to see at least: if one fails, the next still finds it. */
const BUILDS = 2;

/** Fields of entries, by name. The section is a companion's, of which this schema knows nothing. */
type Section = Readonly<
  Record<string, { readonly regions?: readonly string[] | undefined; readonly max_age_days: number }>
>;

function sectionOf(config: Config): Section {
  return (config as unknown as Readonly<Record<string, Section | undefined>>)[SECTION] ?? {};
}

/** Each name is that of an entry, and stands there once. */
export const checkImagesFrom: CacheCheck = (config, cache) => {
  const known = Object.keys(sectionOf(config));
  const names = present(config.caches[cache]!.images_from);
  return names.flatMap(([index, name], at): Finding[] => {
    const path = ["caches", cache, "images_from", index];
    if (names.findIndex(([, other]) => other === name) < at)
      return [{ path, found: `${name} again`, expected: "each entry once", fix: "remove it" }];
    if (known.includes(name)) return [];
    const expected =
      known.length === 0
        ? `an entry of ${SECTION}, of which there is none`
        : `an entry of ${SECTION}: ${known.join(", ")}`;
    const nearest = nearestTo(name, known);
    return [
      { path, found: name, expected, fix: nearest ? `write ${nearest}` : `add ${SECTION}.${name}, or remove it` },
    ];
  });
};

/** A builder pulls from its own region's registry: the entry is in every region that builds. */
export const checkImagesFromRegions: CacheCheck = (config, cache) => {
  const section = sectionOf(config);
  return present(config.caches[cache]!.images_from).flatMap(([index, name]): Finding[] => {
    const regions = section[name]?.regions;
    const missing = buildingRegions(config, cache).filter((region) => regions?.includes(region) === false);
    if (missing.length === 0) return [];
    return [
      {
        path: ["caches", cache, "images_from", index],
        found: `${name}, which is not in ${missing.join(", ")}, where ${cache} is built`,
        expected: "an entry that is in each region that builds the cache",
        fix: `add ${missing.join(", ")} to ${SECTION}.${name}.regions, or remove ${name} here`,
      },
    ];
  });
};

/** Builds find the image before it expires. Copies hold what was built. */
export const checkImagesFromAge: CacheCheck = (config, cache) => {
  const section = sectionOf(config);
  const { build, images_from } = config.caches[cache]!;
  const faulty = build.expression !== null && expressionProblem(build.expression) !== undefined;
  if (faulty || images_from.length === 0 || buildingRegions(config, cache).length === 0) return [];
  const hours = cadenceHours(build);
  const least = Math.ceil((BUILDS * hours) / 24);
  const names = present(images_from).map(([, name]) => name);
  const old = (name: string): Finding[] => {
    const days = section[name]?.max_age_days ?? least;
    if (days >= least) return [];
    return [
      {
        path: [SECTION, name, "max_age_days"],
        found: `${days} days, and up to ${hours} hours between two builds of ${cache}, which has ${name} in images_from`,
        expected: `at least ${least} days, twice as long as between builds`,
        fix: `set max_age_days: ${least} or more, or build ${cache} more often`,
      },
    ];
  };
  return [...new Set(names)].flatMap((name) => unlessMissing(() => old(name)));
};
