/** Sections of the configuration file whose entries scripts for jobs get: the choice of an entry and its region. */
import { existsSync } from "node:fs";
import type { CompanionSettings, Deployment, Region } from "../../lib/config/cell";
import { CONFIG_VARIABLE, DEFAULT_FILE } from "../../lib/config/read-config";
import type { Options } from "../options";
import { readDeployment } from "../targets";
import { UsageError } from "../usage-error";

/** A section of the configuration file. */
export interface Section<Settings extends CompanionSettings> {
  /** Its key, e.g. `ci_images`. */
  readonly key: string;
  /** True of its entries' settings. */
  readonly has: (settings: CompanionSettings) => settings is Settings;
}

/** An entry in one region. */
export interface Place<Settings extends CompanionSettings> {
  readonly region: string;
  readonly settings: Settings;
  /** What else the region has. */
  readonly companions: Region["companions"];
  /** Beginning of the names of stacks. */
  readonly project: Deployment["project"];
}

const unique = (names: readonly string[]) => [...new Set(names)].join(", ");

/** Path of the configuration file, whether it is there or not. */
function configurationFile(environment: NodeJS.ProcessEnv = process.env): string {
  return environment[CONFIG_VARIABLE] || DEFAULT_FILE;
}

/** Returns all entries of a section, by region; none without a configuration file. */
export function placesOf<Settings extends CompanionSettings>(
  section: Section<Settings>,
  environment: NodeJS.ProcessEnv = process.env,
): Place<Settings>[] {
  if (!existsSync(configurationFile(environment))) return [];
  const { project, regions } = readDeployment();
  return regions.flatMap(({ name, companions }) =>
    companions.filter(section.has).map((settings) => ({ region: name, settings, companions, project })),
  );
}

/** @throws UsageError that says how to write an entry */
export function noSection(key: string, entry: string, environment: NodeJS.ProcessEnv = process.env): never {
  const file = configurationFile(environment);
  throw new UsageError(`the configuration has no section ${key}: write "${key}: { ${entry}: {} }" into ${file}`);
}

/** Returns the places of one entry: the one that is named, or the only one. @throws UsageError if there is none, or more than one to choose from */
function chooseEntry<Settings extends CompanionSettings>(
  { key }: Section<Settings>,
  places: readonly Place<Settings>[],
  entry: string | undefined,
): Place<Settings>[] {
  const names = unique(places.map(({ settings }) => settings.name));
  const found = places.filter(({ settings }) => entry === undefined || settings.name === entry);
  if (found.length === 0) throw new UsageError(`${key} has no entry ${entry}; it has ${names}`);
  if (new Set(found.map(({ settings }) => settings.name)).size > 1)
    throw new UsageError(`${key} has several entries, say which: --entry, of ${names}`);
  return found;
}

/** Returns the place in the region that is named, that of the environment, or the only one. @throws UsageError if none of these is one */
function chooseRegion<Settings extends CompanionSettings>(
  places: readonly Place<Settings>[],
  named: string | undefined,
  environment: NodeJS.ProcessEnv,
): Place<Settings> {
  const regions = unique(places.map(({ region }) => region));
  const wanted = named ?? (places.length > 1 ? environment.AWS_REGION || environment.AWS_DEFAULT_REGION : undefined);
  const found = places.filter(({ region }) => wanted === undefined || region === wanted);
  const [place] = found;
  if (place === undefined) throw new UsageError(`${places[0]!.settings.name} is not in ${wanted}; it is in ${regions}`);
  if (found.length > 1)
    throw new UsageError(`${place.settings.name} is in several regions, say which: --region, of ${regions}`);
  return place;
}

/** Returns the place that options or the environment choose, of at least one. @throws UsageError if they choose none, or several */
export function choosePlace<Settings extends CompanionSettings>(
  section: Section<Settings>,
  places: readonly Place<Settings>[],
  { entry, region }: Options,
  environment: NodeJS.ProcessEnv = process.env,
): Place<Settings> {
  return chooseRegion(chooseEntry(section, places, entry), region, environment);
}
