/** Names below a rule's prefix, and where they come from. */
import type { PullThroughRule } from "../../../lab/aws/state";
import { ruleFor, upstreamRepository } from "../../../lab/ecr/rules";

const rule = (ecrRepositoryPrefix: string, upstreamRepositoryPrefix?: string): PullThroughRule => ({
  ecrRepositoryPrefix,
  upstreamRegistryUrl: "quay.io",
  upstreamRepositoryPrefix,
});
const rules = [rule("quay"), rule("quay/tools", "team/tools"), rule("hub", "ROOT")];

test.each([
  ["quay/org/x", "quay", "org/x"],
  ["quay/tools/x", "quay/tools", "team/tools/x"],
  ["quay/toolshed/x", "quay", "toolshed/x"],
  ["hub/library/x", "hub", "library/x"],
])("%s is of the rule %s, and comes from %s", (repository, prefix, upstream) => {
  const found = ruleFor(rules, repository);
  expect(found?.ecrRepositoryPrefix).toBe(prefix);
  expect(found && upstreamRepository(found, repository)).toBe(upstream);
});

test.each(["quay", "quays/x", "x"])("%s is of no rule", (repository) => {
  expect(ruleFor(rules, repository)).toBeUndefined();
});

test("ROOT's rule is for all that no other has, with names as they are", () => {
  const root = rule("ROOT");
  expect(ruleFor([root, ...rules], "org/x")).toBe(root);
  expect(upstreamRepository(root, "org/x")).toBe("org/x");
  expect(ruleFor([root, ...rules], "quay/x")?.ecrRepositoryPrefix).toBe("quay");
});
