/** Which repositories pull-through has made: told by the tags that its creation templates give, never by names alone. */

import { TAG } from "../../lib/contract";
import { PULL_THROUGH } from "../../lib/pull-through";
import type { EcrPorts, Repository } from "./ecr";

/** A repository with its tags. */
export interface Tagged extends Repository {
  readonly tags: Readonly<Record<string, string>>;
}

/** A repository that pull-through has made. */
export interface Ours {
  readonly name: string;
  /** Prefix of the rule that it was made for. */
  readonly prefix: string;
}

/** The repositories of a region, sorted by name. */
export interface Sorted {
  readonly ours: readonly Ours[];
  /** Names below our prefixes that do not bear our tags: somebody else's, or older than the template. */
  readonly strangers: readonly string[];
}

/** True if a name is below one of the prefixes. */
export function isBelow(name: string, prefixes: Iterable<string>): boolean {
  return [...prefixes].some((prefix) => name.startsWith(`${prefix}/`));
}

/** The prefix that a repository was made for by a template of ours; null if it was not: then it says so in both tags, and lies below the prefix. */
export function prefixOf({ name, tags }: Pick<Tagged, "name" | "tags">): string | null {
  const prefix = tags[TAG.name];
  return tags[TAG.companion] === PULL_THROUGH && prefix !== undefined && isBelow(name, [prefix]) ? prefix : null;
}

/** Tells repositories apart. `prefixes` are ours too, whether a repository says so or not. */
export function sortOut(repositories: readonly Tagged[], prefixes: Iterable<string>): Sorted {
  const ours = repositories.flatMap((one) => {
    const prefix = prefixOf(one);
    return prefix === null ? [] : [{ name: one.name, prefix }];
  });
  const known = new Set([...prefixes, ...ours.map(({ prefix }) => prefix)]);
  const others = repositories.filter((one) => prefixOf(one) === null && isBelow(one.name, known));
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  return {
    ours: ours.sort((a, b) => byName(a.name, b.name)),
    strangers: others.map(({ name }) => name).sort(byName),
  };
}

/** Reads the tags of repositories; those that are gone meanwhile are left out. */
export async function withTags(ecr: EcrPorts, repositories: readonly Repository[]): Promise<Tagged[]> {
  const read = async (one: Repository): Promise<Tagged[]> => {
    const tags = await ecr.tagsOf(one);
    return tags === null ? [] : [{ ...one, tags }];
  };
  return (await Promise.all(repositories.map(read))).flat();
}

/** Repositories that a rule may have made: their names have a prefix. */
export async function listPrefixed(ecr: EcrPorts): Promise<Repository[]> {
  return (await ecr.listRepositories()).filter(({ name }) => name.includes("/"));
}
