/** Rules of the pull-through cache: which one a name falls under, and where it comes from. */
import type { PullThroughRule } from "../aws/state";

/** The prefix of a rule, or of a template, that stands for all names that no other has. */
const ROOT = "ROOT";

/** The rule that a repository's name falls under: that of the longest prefix. */
export function ruleFor(rules: readonly PullThroughRule[], repository: string): PullThroughRule | undefined {
  const fitting = rules.filter(({ ecrRepositoryPrefix: prefix }) => repository.startsWith(`${prefix}/`));
  const [longest] = fitting.sort((a, b) => b.ecrRepositoryPrefix.length - a.ecrRepositoryPrefix.length);
  return longest ?? rules.find(({ ecrRepositoryPrefix }) => ecrRepositoryPrefix === ROOT);
}

/** The repository that a rule takes a name from. */
export function upstreamRepository(
  { ecrRepositoryPrefix, upstreamRepositoryPrefix: upstream = ROOT }: PullThroughRule,
  repository: string,
): string {
  const path = ecrRepositoryPrefix === ROOT ? repository : repository.slice(ecrRepositoryPrefix.length + 1);
  return upstream === ROOT ? path : `${upstream}/${path}`;
}
