/** Gathers what ECR has of a region's rules, for `validate`. */
import type { PullThroughRule } from "../../lib/pull-through";
import type { EcrPorts, Login, Validation } from "./ecr";
import type { AskRegistry } from "./registry-http";
import { isBelow } from "./repositories";
import { tryPull } from "./trial-pull";
import type { Facts } from "./validate";

/** Facts of a region. */
export interface Gathered {
  /** By prefix. */
  readonly facts: ReadonlyMap<string, Facts>;
  /** Why the caller cannot log in; null: they can. */
  readonly loginFailure: string | null;
}

/** Reads the facts of all rules. `ask` reaches the registry itself. */
export async function gatherFacts(
  ecr: EcrPorts,
  rules: readonly PullThroughRule[],
  ask: AskRegistry,
): Promise<Gathered> {
  const login = ecr.logIn().catch((error: Error) => error);
  const [known, templates, repositories] = await Promise.all([
    ecr.listRules(),
    ecr.listTemplates(),
    ecr.listRepositories(),
  ]);
  const loggedIn = await login;
  const read = async (wanted: PullThroughRule): Promise<[string, Facts]> => {
    const { prefix } = wanted;
    const rule = known.find((one) => bare(one.ecrRepositoryPrefix) === prefix) ?? null;
    const below = repositories.filter(({ name }) => isBelow(name, [prefix]));
    const pull = (by: Login) => tryPull(ecr, below, by, ask);
    const [validation, trial] = await Promise.all([
      rule && validationOf(ecr, wanted),
      rule === null || loggedIn instanceof Error ? null : pull(loggedIn),
    ]);
    return [
      prefix,
      { rule, validation, template: templates.find((one) => bare(one.prefix) === prefix) ?? null, trial },
    ];
  };
  return {
    facts: new Map(await Promise.all(rules.map(read))),
    loginFailure: loggedIn instanceof Error ? loggedIn.message : null,
  };
}

/** A prefix without the slash that ECR lets it end with. */
function bare(prefix = ""): string {
  return prefix.replace(/\/$/, "");
}

/**
 * ECR's own word. The call is meant for rules with a login (ECR's API reference). Whether it takes others is not said, so a refusal of one without a
 * login is no fault of the rule.
 */
async function validationOf(
  ecr: EcrPorts,
  { prefix, secretName, roleArn }: PullThroughRule,
): Promise<Validation | null> {
  try {
    return await ecr.validateRule(prefix);
  } catch (error) {
    const isRefused = /^(InvalidParameter|Validation|UnsupportedUpstreamRegistry)Exception$/.test(
      (error as Error).name,
    );
    if (isRefused && secretName === null && roleArn === null) return null;
    throw error;
  }
}
