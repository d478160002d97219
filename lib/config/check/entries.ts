/** Entries of companions: their regions exist, and their names fit AWS and one another. */
import type { Entry, EntryFields, EntryPlace } from "../companion";
import { placesOf } from "../resolve/entries";
import { regionsOf } from "../resolve/regional";
import { type AwsName, limitOf } from "../schema/aws-names";
import type { Config } from "../schema/schema";
import { nearestTo } from "../text/nearest";
import type { Finding } from "../text/problem";
import { unfit } from "./names";

/** A check of one entry, given all of the configuration's in their order. */
export type EntryCheck = (config: Config, entry: Entry, all: readonly Entry[]) => Finding[];

/** There is something to deploy. */
export function checkAnything(config: Config, entries: readonly Entry[]): Finding[] {
  if (entries.length > 0 || Object.keys(config.caches).length > 0) return [];
  const expected = "at least one cache, or one entry of a companion";
  return [{ path: ["caches"], found: "neither a cache nor a companion", expected, fix: "add one, or remove the file" }];
}

/** The regions that an entry names are regions of the configuration. */
export const checkEntryRegions: EntryCheck = (config, { path, fields }) => {
  const known = Object.keys(config.regions);
  return (fields.regions ?? []).flatMap((region, index) => {
    if (known.includes(region)) return [];
    const nearest = nearestTo(region, known);
    const fix = nearest ? `write ${nearest}` : `add ${region} to \`regions\` at the top, or remove it here`;
    const expected = `one of the regions at the top: ${known.join(", ")}`;
    return [{ path: [...path, "regions", index], found: region, expected, fix }];
  });
};

/** Names fit the limits of their services, in each of the entry's regions. */
export const checkEntryNames: EntryCheck = (config, entry) =>
  placesOf(config, entry).flatMap((place) => unfit(entry.path, place.companion.names(place), "shorten its name"));

/** No two entries make things of one service with one name: in the account if the service knows no regions, else in a region. */
export const checkEqualNames: EntryCheck = (config, entry, all) => {
  const taken = all.slice(0, all.indexOf(entry)).flatMap((other) => placesOf(config, other));
  return placesOf(config, entry).flatMap((place) =>
    place.companion.names(place).flatMap((name) => {
      const other = taken.find((one) => one.companion.names(one).some((theirs) => collide(place, name, one, theirs)));
      if (other === undefined) return [];
      const found = `${limitOf(name.kind).what} ${name.name}, which ${other.path.join(".")} makes too`;
      return [
        { path: entry.path, found, expected: `a name of its own in ${place.region}`, fix: "rename one of the two" },
      ];
    }),
  );
};

type Place = EntryPlace<EntryFields>;

function collide(here: Place, ours: AwsName, there: Place, theirs: AwsName): boolean {
  if (ours.kind !== theirs.kind || ours.name !== theirs.name) return false;
  return limitOf(ours.kind).global === true || here.region === there.region;
}

/** No repository is below a prefix that ECR's pull-through cache fills by itself: it would be overwritten, expire and be purged as a copy. */
export const checkRepositories: EntryCheck = (config, entry, all) =>
  placesOf(config, entry).flatMap((place) => {
    const prefixes = prefixesIn(config, place.region, all);
    return place.companion.names(place).flatMap(({ kind, name }) => {
      const below = kind === "ecrRepository" && prefixes.find(([prefix]) => `${name}/`.startsWith(`${prefix}/`));
      if (!below) return [];
      const [prefix, from] = below;
      const found = `the ECR repository ${name}, below the pull-through prefix ${prefix} of ${from}`;
      return [
        { path: entry.path, found, expected: "a repository outside of it", fix: "rename the repository or the prefix" },
      ];
    });
  });

/** Prefixes of pull-through caches in a region, and what they come from: caches' `pull_through`, and entries that make rules. */
function prefixesIn(config: Config, region: string, all: readonly Entry[]): [prefix: string, from: string][] {
  const ofCaches = Object.keys(config.caches)
    .filter((cache) => regionsOf(config, cache).includes(region))
    .flatMap((cache) =>
      Object.values(config.caches[cache]!.pull_through).map((prefix): [string, string] => [
        prefix,
        `caches.${cache}.pull_through`,
      ]),
    );
  const ofEntries = all
    .flatMap((other) => placesOf(config, other))
    .filter((place) => place.region === region)
    .flatMap((place) =>
      (place.companion.repositoryPrefixes?.(place) ?? []).map((prefix): [string, string] => [
        prefix,
        place.path.join("."),
      ]),
    );
  return [...ofCaches, ...ofEntries];
}

/** Runs the noun's own check of an entry. */
export const checkEntryItself: EntryCheck = (config, entry) => [...(entry.companion.check?.(entry, config) ?? [])];
