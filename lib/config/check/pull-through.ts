/** How a cache's images go through ECR, and whether its workers' may. */
import { keyAsNamed } from "../../pull-through";
import type { CacheCheck, Finding } from "../text/problem";

/** Keys name each upstream once, however it is spelled. */
export const checkPullThroughKeys: CacheCheck = (config, cache) => {
  const seen = new Map<string, string>();
  return Object.keys(config.caches[cache]!.pull_through ?? {}).flatMap((key): Finding[] => {
    const served = keyAsNamed(key);
    const first = seen.get(served);
    seen.set(served, first ?? key);
    if (first === undefined) return [];
    const found = `${key}, the same upstream as ${first}`;
    return [{ path: ["caches", cache, "pull_through", key], found, expected: "each upstream once", fix: "remove one" }];
  });
};

/** Access is given to our role, and by rules that are there. */
export const checkPullThroughAccess: CacheCheck = (config, cache) => {
  const { worker, pull_through } = config.caches[cache]!;
  if (!worker.pull_through_access) return [];
  const path = ["caches", cache, "worker", "pull_through_access"];
  if (worker.instance_profile_name !== null) {
    const expected = "false beside an instance profile of your own, whose role is yours to give policies";
    const fix = `attach the policy of the output puller_policy_arn to the role of ${worker.instance_profile_name}`;
    return [{ path, found: "true", expected, fix }];
  }
  // The section is a companion's, of which this schema knows nothing.
  const section = (config as { readonly pull_through?: unknown }).pull_through;
  const none = pull_through === null ? section === undefined : Object.keys(pull_through).length === 0;
  if (!none) return [];
  const fix =
    pull_through === null ? "add a section pull_through" : `remove caches.${cache}.pull_through: {}, or give it a map`;
  return [{ path, found: "true without any rule", expected: "rules to pull by", fix }];
};
