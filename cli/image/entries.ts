/** The section `ci_images` of the configuration file: the settings that a script gets. */
import { existsSync } from "node:fs";
import { type CiImagesSettings, type Deployment, isCiImages } from "../../lib/config/cell";
import { CONFIG_VARIABLE, DEFAULT_FILE } from "../../lib/config/read-config";
import type { JobSettings } from "../../lib/job/render";
import type { Options } from "../options";
import { registryOf } from "../registry";
import { readDeployment } from "../targets";
import { UsageError } from "../usage-error";

/** An entry in one region. */
interface Place {
  readonly region: string;
  readonly settings: CiImagesSettings;
}

/** Options that say which repository is meant, so that no entry has to. */
interface Elsewhere {
  readonly ecrName?: string;
  readonly registryProvider?: string;
  readonly fromEnvironment?: boolean;
}

const unique = (names: readonly string[]) => [...new Set(names)].join(", ");

/** Returns all entries, by region. */
function placesOf({ regions }: Pick<Deployment, "regions">): Place[] {
  return regions.flatMap(({ name, companions }) =>
    companions.filter(isCiImages).map((settings) => ({ region: name, settings })),
  );
}

/** Returns the places of one entry: the one that is named, or the only one. @throws UsageError if there is none, or more than one to choose from */
function chooseEntry(places: readonly Place[], entry: string | undefined): Place[] {
  const names = unique(places.map(({ settings }) => settings.name));
  const found = places.filter(({ settings }) => entry === undefined || settings.name === entry);
  if (entry !== undefined && found.length === 0)
    throw new UsageError(`ci_images has no entry ${entry}; it has ${names || "none"}`);
  if (new Set(found.map(({ settings }) => settings.name)).size > 1)
    throw new UsageError(`ci_images has several entries, say which: --entry, of ${names}`);
  return found;
}

/** Returns the place in the region that is named, that of the environment, or the only one. @throws UsageError if none of these is one */
function chooseRegion(places: readonly Place[], named: string | undefined, environment: NodeJS.ProcessEnv): Place {
  const regions = unique(places.map(({ region }) => region));
  const wanted = named ?? (places.length > 1 ? environment.AWS_REGION || environment.AWS_DEFAULT_REGION : undefined);
  const found = places.filter(({ region }) => wanted === undefined || region === wanted);
  const [place] = found;
  if (place === undefined) throw new UsageError(`${places[0]!.settings.name} is not in ${wanted}; it is in ${regions}`);
  if (found.length > 1)
    throw new UsageError(`${place.settings.name} is in several regions, say which: --region, of ${regions}`);
  return place;
}

/**
 * Returns the settings of the entry and region that options or the environment choose. If other options say
 * which repository is meant, or there is no configuration file or no entry in it, there are none but the region that an option names.
 *
 * @throws UsageError if an entry or region is named that is not there, or none is named and there are several
 */
export function imageSettings(
  { entry, region, accountId, ...given }: Options & Elsewhere,
  environment: NodeJS.ProcessEnv = process.env,
): JobSettings<"image"> {
  const file = environment[CONFIG_VARIABLE] || DEFAULT_FILE;
  const isElsewhere = given.ecrName !== undefined || given.registryProvider === "gcr" || given.fromEnvironment === true;
  const places = existsSync(file) && !(isElsewhere && entry === undefined) ? placesOf(readDeployment()) : [];
  if (places.length === 0 && entry !== undefined)
    throw new UsageError(
      `the configuration has no section ci_images: write "ci_images: { ${entry}: {} }" into ${file}`,
    );
  const place = places.length > 0 ? chooseRegion(chooseEntry(places, entry), region, environment) : undefined;
  const at = place?.region ?? region;
  if (accountId !== undefined && at === undefined) throw new UsageError("--account-id needs --region beside it");
  return {
    job_set_repository: place?.settings.repository,
    job_set_max_age_days: place?.settings.maxAgeDays.toString(),
    job_set_region: at,
    job_set_registry: accountId === undefined ? undefined : registryOf(accountId, at as string).host,
  };
}
