/** `pull-through list`: show what lies below the prefixes of the rules. */
import type { Options } from "../../options";
import { print, printJson } from "../../output";
import { type Contents, contentsOf, lineOf, sizeOf, type Totals, totalsOf } from "../../pull-through/contents";
import { ecrOf } from "../../pull-through/ecr";
import { inEach } from "../../pull-through/in-each";
import { isBelow, prefixOf, withTags } from "../../pull-through/repositories";
import { type Section, selectSections } from "../../pull-through/sections";

/** One region, as far as it could be read. */
interface Listed {
  readonly region: string;
  readonly repositories: readonly Contents[];
  readonly totals: Totals;
  readonly error: string | null;
}

async function listIn({ region, settings }: Section): Promise<Contents[]> {
  const ecr = ecrOf(region);
  const prefixes = settings.rules.map(({ prefix }) => prefix);
  const below = (await ecr.listRepositories()).filter(({ name }) => isBelow(name, prefixes));
  const look = async (one: (typeof below)[number]): Promise<Contents[]> => {
    const [[tagged], images] = await Promise.all([withTags(ecr, [one]), ecr.imagesOf(one.name)]);
    if (tagged === undefined || images === null) return [];
    const ours = prefixOf(tagged) !== null;
    return [contentsOf({ name: one.name, ours }, images, settings.expireAfterDays, new Date())];
  };
  return (await Promise.all(below.map(look))).flat();
}

async function list(section: Section): Promise<Listed> {
  const repositories = await listIn(section);
  return { region: section.region, repositories, totals: totalsOf(repositories), error: null };
}

function unread({ region }: Section, { message }: Error): Listed {
  return { region, repositories: [], totals: totalsOf([]), error: message };
}

function linesOf({ region, repositories, totals, error }: Listed): string[] {
  if (error !== null) return [`${region}: ${error}`];
  const sum = [`${totals.repositories} repositories`, ...sizeOf(totals)].join(", ");
  return [...repositories.map((one) => `${region} ${lineOf(one)}`), `${region}: ${sum}`];
}

export async function run(options: Options): Promise<boolean> {
  const listed = await inEach(selectSections(options), list, unread);
  if (options.json) printJson({ command: "pull-through list", regions: listed });
  else for (const one of listed) for (const line of linesOf(one)) print(line);
  return listed.every(({ error }) => error === null);
}
