/** What the section `pull_through` changes in the stacks of caches: caches.all.slow.test.ts shows the same by real plans. */
import { synthesize } from "../synthesized";
import { deploymentWith, REGION, RULES, type Sections } from "./fixture";

type Stacks = ReturnType<typeof synthesize>;
const before = synthesize(deploymentWith({}));

/** Addresses of a stack's blocks, with what they are. */
function blocksOf({ resource, data, locals }: Stacks[string]): Map<string, string> {
  const types = Object.entries({ ...resource, ...data, local: locals ?? {} });
  return new Map(
    types.flatMap(([type, blocks]) =>
      Object.entries(blocks as object).map(([name, block]) => [`${type}.${name}`, JSON.stringify(block)] as const),
    ),
  );
}

/** Blocks of the caches' stacks that differ from those without the section, as `noun: address`. */
function touched(sections: Sections): string[] {
  const after = synthesize(deploymentWith(sections));
  return Object.keys(before).flatMap((name) => {
    const [was, is] = [blocksOf(before[name]!), blocksOf(after[name]!)];
    const noun = name.slice("docker-cache-".length, -REGION.length - 1);
    const addresses = [...new Set([...was.keys(), ...is.keys()])];
    return addresses
      .filter((address) => was.get(address) !== is.get(address))
      .map((address) => `${noun}: ${address.replace("ci_x86_64_", "")}`);
  });
}

const pull_through = { rules: RULES };
const BUILDER = ["builder: aws_iam_policy_document.builder", "builder: local.user_data"];

test.each<[string, Sections, readonly string[]]>([
  ["the section", { pull_through }, BUILDER],
  [
    "the section, and access of workers",
    { pull_through, cache: { worker: { pull_through_access: true } } },
    // Beside the policy, what it asks of its surroundings, which changes nothing.
    [
      ...BUILDER,
      ...["aws_caller_identity.current", "aws_iam_policy_document.worker", "aws_partition.current"].map(
        (address) => `worker: ${address}`,
      ),
    ],
  ],
  ["the section, for a cache that takes none of its rules", { pull_through, cache: { pull_through: {} } }, []],
  ["a cache's own map, as before there was a section", { cache: { pull_through: { "quay.io": "quay" } } }, BUILDER],
])("%s", (_, sections, expected) => {
  expect(touched(sections).sort()).toEqual([...expected].sort());
});
