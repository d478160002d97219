/** `pull-through purge`: delete the repositories that pull-through has made. Terraform does not know them. It lists first and does nothing unconfirmed. */
import { PULL_THROUGH } from "../../../lib/pull-through";
import { enabledRegions } from "../../operator";
import type { Options } from "../../options";
import { print, printJson, say } from "../../output";
import { withProgress } from "../../progress";
import { ecrOf } from "../../pull-through/ecr";
import { inEach } from "../../pull-through/in-each";
import { hasPurged, linesOf, type Purged, planPurge, purge } from "../../pull-through/purge";
import { knownSections, type Section } from "../../pull-through/sections";
import { regionOf } from "../../targets";
import { UsageError } from "../../usage-error";

const MISSING = `nothing was done: say --confirm=NAME to do this, with the noun's name, ${PULL_THROUGH}, for NAME`;

const AGAIN =
  "as long as a rule is there, a pull makes its repository again: purge once more after the stack is destroyed";

/** The region that is named, or all that the account has enabled. */
async function regionsOf(options: Options, sections: readonly Section[]): Promise<string[]> {
  if (options.region !== undefined) return [options.region];
  return enabledRegions(
    sections[0]?.region ?? regionOf(options, "a purge without a section in the configuration file"),
  );
}

/** What is told of a region that cannot be read. */
function unread(region: string, { message }: Error): Purged {
  return { region, repositories: [], strangers: [], problems: [message] };
}

function show(purged: readonly Purged[], options: Options): boolean {
  if (options.json) printJson({ command: "pull-through purge", regions: purged });
  else {
    for (const one of purged) for (const line of linesOf(one)) print(line);
    const places = purged.length === 1 ? purged[0]?.region : `${purged.length} regions`;
    if (purged.every(({ repositories, problems }) => repositories.length + problems.length === 0))
      print(`nothing of pull-through in ${places}`);
  }
  return purged.every(hasPurged);
}

/** Plans or deletes in each of the regions, and tells how far it is. */
async function purgeIn(
  regions: readonly string[],
  sections: readonly Section[],
  isReal: boolean,
  tell: (text: string) => void,
): Promise<Purged[]> {
  const work = (region: string) => {
    const section = sections.find((one) => one.region === region);
    const prefixes = section?.settings.rules.map(({ prefix }) => prefix) ?? [];
    if (!isReal) return planPurge(ecrOf(region), prefixes);
    return purge(ecrOf(region), prefixes, (text) => tell(`${region}, ${text}`));
  };
  return inEach(regions, work, unread);
}

export async function run(options: Options): Promise<boolean> {
  const { confirm, dryRun = false, json = false } = options;
  if (confirm !== undefined && confirm !== PULL_THROUGH)
    throw new UsageError(`--confirm names ${confirm}, expected what would be purged: ${PULL_THROUGH}`);
  const sections = knownSections();
  const isReal = !dryRun && confirm !== undefined;
  const regions = await regionsOf(options, sections);
  if (isReal) say(AGAIN);
  const title = regions.length === 1 ? `${regions[0]}` : `${regions.length} regions`;
  const work = (tell: (text: string) => void) => purgeIn(regions, sections, isReal, tell);
  const [purged = []] = await withProgress([{ title, run: work }], json);
  const fine = show(purged, options);
  if (!dryRun && !isReal) throw new UsageError(MISSING);
  return fine;
}
