/** The section `ci_images` of the configuration file: the settings that a script gets. */
import { type CiImagesSettings, isCiImages } from "../../lib/config/cell";
import type { JobSettings } from "../../lib/job/render";
import { choosePlace, noSection, placesOf, type Section } from "../job/entries";
import type { Options } from "../options";
import { registryOf } from "../registry";
import { UsageError } from "../usage-error";

const SECTION: Section<CiImagesSettings> = { key: "ci_images", has: isCiImages };

/** Options that say which repository is meant, so that no entry has to. */
interface Elsewhere {
  readonly ecrName?: string;
  readonly registryProvider?: string;
  readonly fromEnvironment?: boolean;
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
  const isElsewhere = given.ecrName !== undefined || given.registryProvider === "gcr" || given.fromEnvironment === true;
  const places = isElsewhere && entry === undefined ? [] : placesOf(SECTION, environment);
  if (places.length === 0 && entry !== undefined) noSection(SECTION.key, entry, environment);
  const place = places.length > 0 ? choosePlace(SECTION, places, { entry, region }, environment) : undefined;
  const at = place?.region ?? region;
  if (accountId !== undefined && at === undefined) throw new UsageError("--account-id needs --region beside it");
  return {
    job_set_repository: place?.settings.repository,
    job_set_max_age_days: place?.settings.maxAgeDays.toString(),
    job_set_region: at,
    job_set_registry: accountId === undefined ? undefined : registryOf(accountId, at as string).host,
  };
}
