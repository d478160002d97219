/** Repositories that pull-through has made, in regions where their rule is gone: nothing refreshes them, and they cost. */
import { type EcrPorts, ecrOf } from "./ecr";
import { isBelow, listPrefixed, prefixOf, withTags } from "./repositories";

/** What is left in a region, or why that is not known. */
export interface PullThroughLeftover {
  readonly region: string;
  readonly repositories: number;
  /** Prefixes of the rules that they were made for, sorted. */
  readonly prefixes: readonly string[];
  /** null: the region could be read. */
  readonly error: string | null;
}

/** What is below a rule that is there belongs to it, and its tags are not asked for. */
async function findLeft(ecr: EcrPorts): Promise<Omit<PullThroughLeftover, "error">> {
  const [rules, repositories] = await Promise.all([ecr.listRules(), listPrefixed(ecr)]);
  const served = rules.map(({ ecrRepositoryPrefix = "" }) => ecrRepositoryPrefix.replace(/\/$/, ""));
  const tagged = await withTags(
    ecr,
    repositories.filter(({ name }) => !isBelow(name, served)),
  );
  const prefixes = tagged.map(prefixOf).filter((prefix) => prefix !== null);
  return { region: ecr.region, repositories: prefixes.length, prefixes: [...new Set(prefixes)].sort() };
}

/**
 * Returns the regions in which something is left, and those that cannot be read: somebody whose rights are older than this may still look at their caches.
 */
export async function findPullThroughLeftovers(
  regions: readonly string[],
  portsOf: (region: string) => EcrPorts = ecrOf,
): Promise<PullThroughLeftover[]> {
  const look = async (region: string): Promise<PullThroughLeftover> => {
    try {
      return { ...(await findLeft(portsOf(region))), error: null };
    } catch (error) {
      return { region, repositories: 0, prefixes: [], error: (error as Error).message };
    }
  };
  const all = await Promise.all(regions.map(look));
  return all.filter(({ repositories, error }) => repositories > 0 || error !== null);
}

/** Formats one as a line, with the command that removes it. */
export function formatPullThroughLeftover({ region, repositories, prefixes, error }: PullThroughLeftover): string {
  if (error !== null) return `${region} pull-through: whether anything is left over is not known: ${error}`;
  const what = `${repositories} repositories below ${prefixes.join(", ")}, without a rule`;
  return `${region} pull-through: left over: ${what}; docker-cache pull-through purge --region ${region} --confirm=NAME`;
}
