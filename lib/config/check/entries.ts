/** Entries of companions: their regions exist, and their names fit AWS and one another. */
import type { Entry } from "../companion";
import { placesOf } from "../resolve/entries";
import { buildingRegions, regionsOf } from "../resolve/regional";
import { type AwsName, limitOf } from "../schema/aws-names";
import type { Config } from "../schema/schema";
import type { Finding, Path } from "../text/problem";
import { unlessMissing } from "../text/prune";
import { namesOf, unfit } from "./names";
import { unknownRegion } from "./regions";

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
  return (fields.regions ?? []).flatMap((region, index) => unknownRegion([...path, "regions", index], region, known));
};

/** Names fit the limits of their services, in each of the entry's regions. */
export const checkEntryNames: EntryCheck = (config, entry, all) =>
  ownNames(config, entry, all).flatMap((name) => unfit(name.path, [name], { long: "shorten it", other: "rename it" }));

/** A name that is taken, and what takes it. */
interface Taken extends Omit<AwsName, "path"> {
  readonly region: string;
  readonly from: string;
}

/** A name of an entry, and its place in the configuration. */
interface Own extends Taken {
  readonly path: Path;
}

/** No two things of one service get one name: in the account if the service knows no regions, else in a region. */
export const checkEqualNames: EntryCheck = (config, entry, all) => {
  const before = [
    ...takenByCaches(config),
    ...all.slice(0, all.indexOf(entry)).flatMap((one) => takenBy(config, one, all)),
  ];
  return ownNames(config, entry, all).flatMap((name, index, own) => {
    const other = [...before, ...own.slice(0, index)].find((taken) => collide(name, taken));
    if (other === undefined) return [];
    const found = `${limitOf(name.kind).what} ${name.name}, which ${other.from} makes too`;
    return [{ path: name.path, found, expected: `a name of its own in ${name.region}`, fix: "rename one of the two" }];
  });
};

function ownNames(config: Config, entry: Entry, all: readonly Entry[]): Own[] {
  const from = entry.path.join(".");
  return placesOf(config, entry, all).flatMap((place) =>
    place.companion
      .names(place)
      .map(({ kind, name, path = [] }) => ({ kind, name, path: [...entry.path, ...path], region: place.region, from })),
  );
}

/** Names of another entry; none of one that cannot be looked at. */
function takenBy(config: Config, other: Entry, all: readonly Entry[]): Taken[] {
  return unlessMissing(() => ownNames(config, other, all));
}

function takenByCaches(config: Config): Taken[] {
  return Object.keys(config.caches).flatMap((cache) =>
    unlessMissing(() =>
      regionsOf(config, cache).flatMap((region) =>
        namesOf(config, cache, region)
          .flat()
          .map((name) => ({ ...name, region, from: `caches.${cache}` })),
      ),
    ),
  );
}

function collide(ours: Taken, theirs: Taken): boolean {
  if (ours.kind !== theirs.kind || ours.name !== theirs.name) return false;
  return limitOf(ours.kind).global === true || ours.region === theirs.region;
}

/** No repository is below a prefix that ECR's pull-through cache fills by itself: it would be overwritten, expire and be purged as a copy. */
export const checkRepositories: EntryCheck = (config, entry, all) =>
  ownNames(config, entry, all).flatMap(({ kind, name, path, region }) => {
    const below =
      kind === "ecrRepository" &&
      prefixesIn(config, region, all).find(([prefix]) => `${name}/`.startsWith(`${prefix}/`));
    if (!below) return [];
    const [prefix, from] = below;
    const found = `the ECR repository ${name}, below the pull-through prefix ${prefix} of ${from}`;
    const fix = "rename the repository or the prefix";
    return [{ path, found, expected: "a repository outside of it", fix }];
  });

type Prefix = readonly [prefix: string, from: string];

/** Prefixes of pull-through caches in a region, and what they come from: `pull_through` of caches built there, and entries that make rules. */
function prefixesIn(config: Config, region: string, all: readonly Entry[]): Prefix[] {
  const ofCache = (cache: string): Prefix[] =>
    buildingRegions(config, cache).includes(region)
      ? Object.values(config.caches[cache]!.pull_through ?? {}).map((prefix) => [
          prefix,
          `caches.${cache}.pull_through`,
        ])
      : [];
  const ofEntry = (other: Entry): Prefix[] =>
    placesOf(config, other, all)
      .filter((place) => place.region === region)
      .flatMap((place) => place.companion.repositoryPrefixes?.(place) ?? [])
      .map((prefix) => [prefix, other.path.join(".")]);
  return [
    ...Object.keys(config.caches).flatMap((cache) => unlessMissing(() => ofCache(cache))),
    ...all.flatMap((other) => unlessMissing(() => ofEntry(other))),
  ];
}

/** Runs the noun's own check of an entry. */
export const checkEntryItself: EntryCheck = (config, entry, all) => [
  ...(entry.companion.check?.(entry, config, all) ?? []),
];
