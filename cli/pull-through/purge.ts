/** Deleting what pull-through has made in one region, until a look finds nothing more. */
import type { EcrPorts } from "./ecr";
import { listPrefixed, type Ours, type Sorted, sortOut, withTags } from "./repositories";

/** What became of a repository. */
export interface Deletion extends Ours {
  /** `gone`: somebody else has deleted it meanwhile. */
  readonly outcome: "planned" | "deleted" | "gone" | "failed";
  readonly error?: string;
}

/** What was planned or done in a region. */
export interface Purged {
  readonly region: string;
  readonly repositories: readonly Deletion[];
  /** Names below our prefixes that do not bear our tags: they stay. */
  readonly strangers: readonly string[];
  readonly problems: readonly string[];
}

/** A pull in between makes a repository again; a second look finds it. */
const ROUNDS = 3;

/** Looks at a region. `prefixes` are those of the configuration file, if it has any there; tags tell of the others. */
async function lookAt(ecr: EcrPorts, prefixes: readonly string[]): Promise<Sorted> {
  return sortOut(await withTags(ecr, await listPrefixed(ecr)), prefixes);
}

/** What a purge would delete. */
export async function planPurge(ecr: EcrPorts, prefixes: readonly string[]): Promise<Purged> {
  const { ours, strangers } = await lookAt(ecr, prefixes);
  const repositories = ours.map((one): Deletion => ({ ...one, outcome: "planned" }));
  return { region: ecr.region, repositories, strangers, problems: [] };
}

async function deleteOne(ecr: EcrPorts, one: Ours): Promise<Deletion> {
  try {
    return { ...one, outcome: (await ecr.deleteRepository(one.name)) ? "deleted" : "gone" };
  } catch (error) {
    return { ...one, outcome: "failed", error: (error as Error).message };
  }
}

/** A look that fails after something was deleted is no reason not to tell of that. */
async function lookAgain(ecr: EcrPorts, prefixes: readonly string[], round: number): Promise<Sorted | Error> {
  const look = lookAt(ecr, prefixes);
  return round === 1 ? look : look.catch((error: Error) => error);
}

/** Deletes, with whatever images are in there by then. A repository that cannot be deleted keeps the others from nothing, and is asked for once. */
export async function purge(
  ecr: EcrPorts,
  prefixes: readonly string[],
  tell: (text: string) => void = () => undefined,
): Promise<Purged> {
  const done: Deletion[] = [];
  for (let round = 1; ; round++) {
    const found = await lookAgain(ecr, prefixes, round);
    if (found instanceof Error) {
      const problem = `what is left is not known: ${found.message}`;
      return { region: ecr.region, repositories: done, strangers: [], problems: [problem] };
    }
    const { ours, strangers } = found;
    const failed = new Set(done.filter(({ outcome }) => outcome === "failed").map(({ name }) => name));
    const left = ours.filter(({ name }) => !failed.has(name));
    if (left.length === 0 || round > ROUNDS) {
      const problems = left.map(({ name }) => `${name} is there again after ${ROUNDS} rounds: something pulls it`);
      return { region: ecr.region, repositories: done, strangers, problems };
    }
    tell(`round ${round}: ${left.length} repositories`);
    done.push(...(await Promise.all(left.map((one) => deleteOne(ecr, one)))));
  }
}

/** True if a purge has left nothing that it should have deleted. */
export function hasPurged({ repositories, problems }: Purged): boolean {
  return problems.length === 0 && repositories.every(({ outcome }) => outcome !== "failed");
}

const WORDS: Readonly<Record<Deletion["outcome"], string>> = {
  planned: "would delete",
  deleted: "deleted",
  gone: "gone already",
  failed: "failed",
};

/** Lines for a region; none if there is nothing to say. */
export function linesOf({ region, repositories, strangers, problems }: Purged): string[] {
  return [
    ...repositories.map(({ name, outcome, error }) =>
      [`${region} ${WORDS[outcome]}: ${name}`, ...(error === undefined ? [] : [error])].join(": "),
    ),
    ...strangers.map((name) => `${region} stays: ${name}: below our prefix, without our tags`),
    ...problems.map((problem) => `${region} problem: ${problem}`),
  ];
}
