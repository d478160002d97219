/** `pull-through purge`: delete the repositories that pull-through has made. Terraform does not know them. It lists first and does nothing unconfirmed. */
import { enabledRegions } from "../../operator";
import type { Options } from "../../options";
import { print, printJson, say } from "../../output";
import { withProgress } from "../../progress";
import { ecrOf } from "../../pull-through/ecr";
import { hasPurged, linesOf, type Purged, planPurge, purge } from "../../pull-through/purge";
import { knownSections, NOUN, type Section } from "../../pull-through/sections";
import { regionOf } from "../../targets";
import { UsageError } from "../../usage-error";

const MISSING = `nothing was done: say --confirm=NAME to do this, with the noun's name, ${NOUN}, for NAME`;

/** The region that is named, or all that the account has enabled. */
async function regionsOf(options: Options, sections: readonly Section[]): Promise<string[]> {
  if (options.region !== undefined) return [options.region];
  return enabledRegions(
    sections[0]?.region ?? regionOf(options, "a purge without a section in the configuration file"),
  );
}

/** A region that cannot be read keeps the others from nothing. */
async function attempt(region: string, work: () => Promise<Purged>): Promise<Purged> {
  try {
    return await work();
  } catch (error) {
    return { region, repositories: [], strangers: [], problems: [(error as Error).message] };
  }
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

export async function run(options: Options): Promise<boolean> {
  const { confirm, dryRun = false } = options;
  if (confirm !== undefined && confirm !== NOUN)
    throw new UsageError(`--confirm names ${confirm}, expected what would be purged: ${NOUN}`);
  const sections = knownSections();
  const isReal = !dryRun && confirm !== undefined;
  const steps = (await regionsOf(options, sections)).map((region) => {
    const section = sections.find((one) => one.region === region);
    const prefixes = section?.settings.rules.map(({ prefix }) => prefix) ?? [];
    const work = (tell: (text: string) => void) =>
      isReal ? purge(ecrOf(region), prefixes, tell) : planPurge(ecrOf(region), prefixes);
    return { title: region, run: (tell: (text: string) => void) => attempt(region, () => work(tell)) };
  });
  if (isReal)
    say("as long as a rule is there, a pull makes its repository again: purge once more after the stack is destroyed");
  const fine = show(await withProgress(steps, options.json ?? false), options);
  if (!dryRun && !isReal) throw new UsageError(MISSING);
  return fine;
}
