/** Variables for a Dockerfile with `ARG ECR_REGISTRY_URL=docker.io`, whose `FROM ${ECR_REGISTRY_URL}/library/debian` goes through ECR then. */
import { DOCKER_HUB, OFFICIAL_IMAGES, type PullThroughRule, pullThroughMap } from "../../lib/pull-through";
import type { Registry } from "../registry";
import { UsageError } from "../usage-error";

/** Variables by name. No value has a character that a shell or a buildspec would take for something else. */
export type Environment = Readonly<Record<"ECR_REGISTRY_URL" | "ECR_ACCOUNT_ID" | "ECR_REGION", string>>;

const [OFFICIAL_KEY, OFFICIAL_PLACE] = OFFICIAL_IMAGES;
/** Place in ECR below which `library/` is. */
const OFFICIAL = OFFICIAL_PLACE.slice(0, -"/library".length);

/**
 * The place in ECR that stands for an upstream: a rule's prefix, or, if none is named, what stands for Docker Hub.
 *
 * @throws UsageError that names the rules
 */
function placeOf(rules: readonly PullThroughRule[], name: string | undefined): string {
  const known = `the rules are ${rules.map(({ prefix }) => prefix).join(", ") || "none"}`;
  if (name !== undefined) {
    if (rules.some(({ prefix }) => prefix === name)) return name;
    throw new UsageError(`there is no rule ${name}; ${known}`);
  }
  const hub = rules.find(({ upstream, upstreamPrefix }) => upstream === DOCKER_HUB && upstreamPrefix === null);
  if (hub) return hub.prefix;
  if (pullThroughMap(rules)[OFFICIAL_KEY] === OFFICIAL_PLACE) return OFFICIAL;
  throw new UsageError(`no rule serves Docker Hub, nor has ECR Public its official images: say --rule; ${known}`);
}

/** The variables for a rule by its prefix, or for Docker Hub. @throws UsageError that names the rules if there is no such rule */
export function environmentOf(
  rules: readonly PullThroughRule[],
  { host, accountId }: Registry,
  region: string,
  rule: string | undefined,
): Environment {
  return { ECR_REGISTRY_URL: `${host}/${placeOf(rules, rule)}`, ECR_ACCOUNT_ID: accountId, ECR_REGION: region };
}

/** `NAME=value` a line. @throws if a value would have to be quoted */
export function linesOf(environment: Environment): string[] {
  return Object.entries(environment).map(([name, value]) => {
    if (!/^[\w./-]+$/.test(value)) throw new Error(`${name} would be ${JSON.stringify(value)}, which is none`);
    return `${name}=${value}`;
  });
}
