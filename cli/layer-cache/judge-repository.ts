/** Holds a repository in ECR against what BuildKit's cache takes: a pure function, see {@link repositoryFaults}. */
import type { RepositoryFacts } from "./ecr";
import type { Fault } from "./fault";

/** A rule of ECR's life cycles, as far as it counts (ECR user guide, "Lifecycle policy properties"). */
interface Rule {
  readonly selection: { readonly tagStatus: string; readonly tagPatternList?: readonly string[] };
  readonly action: { readonly type: string };
}

/** True if a rule deletes images of a kind, whatever their tags are. */
function expires(rules: readonly Rule[], kind: "tagged" | "untagged"): boolean {
  return rules.some(({ selection: { tagStatus, tagPatternList = [] }, action }) => {
    if (action.type !== "expire") return false;
    return tagStatus === "any" || (tagStatus === kind && (kind === "untagged" || tagPatternList.includes("*")));
  });
}

function rulesIn(lifeCycle: string): readonly Rule[] {
  return (JSON.parse(lifeCycle) as { readonly rules: readonly Rule[] }).rules;
}

/** Everything that is not in order with a repository. `stack` is the region's, which makes it. */
export function repositoryFaults(name: string, facts: RepositoryFacts, stack: string): Fault[] {
  const fix = `cdktf deploy ${stack}`;
  const refused = (what: string): Fault => ({
    found: `you may not read ${what}`,
    fix: "attach docs/policies/command-layer-cache.json to who runs this",
  });
  if (facts.state === "missing") return [{ found: `there is no repository ${name}`, fix }];
  if (facts.state === "refused") return [refused(`the repository ${name}`)];
  const { mutability, lifeCycle } = facts;
  const immutable = `tags of ${name} are ${mutability}: an export moves its tag, and would be refused`;
  return [
    ...(mutability === "MUTABLE" ? [] : [{ found: immutable, fix }]),
    ...(lifeCycle === undefined ? [refused(`the life cycle of ${name}`)] : lifeCycleFaults(name, lifeCycle, fix)),
  ];
}

/** Each export leaves the manifest before it without a tag. */
function lifeCycleFaults(name: string, lifeCycle: string | null, fix: string): Fault[] {
  const rules = lifeCycle === null ? [] : rulesIn(lifeCycle);
  return (["untagged", "tagged"] as const)
    .filter((kind) => !expires(rules, kind))
    .map((kind) => ({ found: `nothing lets ${kind} images of ${name} expire`, fix }));
}
