import { type Candidate, expired, readPolicy } from "../../../../../lab/aws/services/ecr/lifecycle-rules";
import { DAY_MILLISECONDS } from "../../../../../lib/time";

const NOW = new Date("2026-11-21T12:00:00Z");
const image = (digest: string, ageDays: number, ...tags: string[]): Candidate => ({
  digest,
  tags,
  pushedAt: new Date(NOW.getTime() - ageDays * DAY_MILLISECONDS),
});
const rule = (rulePriority: number, selection: object, more: object = {}) => ({
  rulePriority,
  selection: { countType: "sinceImagePushed", countUnit: "days", countNumber: 7, ...selection },
  action: { type: "expire" },
  ...more,
});
const count = (countNumber: number) => ({ countType: "imageCountMoreThan", countUnit: undefined, countNumber });
const policy = (...rules: object[]) => JSON.stringify({ rules });
const digestsOf = (text: string, ...images: Candidate[]) =>
  expired(readPolicy(text), images, NOW).map(({ digest }) => digest);

const AGED = [image("young", 6.9, "a"), image("exact", 7, "b"), image("old", 7.1, "c"), image("bare", 8)];

test.each<[string, string[], object[]]>([
  ["any image older than its days, oldest first", ["bare", "old"], [rule(1, { tagStatus: "any" })]],
  ["untagged ones", ["bare"], [rule(1, { tagStatus: "untagged" })]],
  ["those of a pattern", ["old"], [rule(1, { tagStatus: "tagged", tagPatternList: ["*"] })]],
  ["those of a prefix", ["old"], [rule(1, { tagStatus: "tagged", tagPrefixList: ["c"] })]],
  ["none of another prefix", [], [rule(1, { tagStatus: "tagged", tagPrefixList: ["d"] })]],
  ["all but the two newest", ["bare", "old"], [rule(1, { tagStatus: "any", ...count(2) })]],
  [
    "none that belongs to a rule before, which keeps it",
    ["bare"],
    [rule(2, { tagStatus: "any" }), rule(1, { tagStatus: "tagged", tagPatternList: ["*"], countNumber: 30 })],
  ],
  [
    "all but the newest, counting what a rule before has expired",
    ["bare", "old", "exact"],
    [rule(1, { tagStatus: "untagged" }), rule(2, { tagStatus: "any", ...count(1) })],
  ],
])("expires %s", (_, digests, rules) => {
  expect(digestsOf(policy(...rules), ...AGED)).toEqual(digests);
});

test("each pattern has to fit a tag, with wildcards and no regular expressions", () => {
  const both = policy(rule(1, { tagStatus: "tagged", tagPatternList: ["v1.*", "*-dev"] }));
  expect(
    digestsOf(both, image("one", 9, "v1.2"), image("two", 9, "v1.2", "x-dev"), image("no", 9, "v1-2-dev")),
  ).toEqual(["two"]);
});

const ANY = { tagStatus: "any" };
test.each<[string, string]>([
  ["storageClass is not understood", policy(rule(1, { ...ANY, storageClass: "standard" }))],
  [
    "targetStorageClass is not understood",
    policy(rule(1, ANY, { action: { type: "expire", targetStorageClass: "a" } })),
  ],
  ["action.type must be expire", policy(rule(1, ANY, { action: { type: "transition" } }))],
  ["note is not understood", policy(rule(1, ANY, { note: "x" }))],
  ["version is not understood", JSON.stringify({ rules: [], version: 1 })],
  ["countType must be", policy(rule(1, { ...ANY, countType: "sinceImagePulled" }))],
  ["countUnit must be days", policy(rule(1, { ...ANY, countUnit: undefined }))],
  ["countUnit must be days", policy(rule(1, { ...ANY, ...count(1), countUnit: "days" }))],
  ["countNumber must be", policy(rule(1, { ...ANY, countNumber: 0 }))],
  ["countNumber must be", policy(rule(1, { ...ANY, countNumber: "7" }))],
  ["rulePriority must be a whole", policy(rule(0, ANY))],
  ["rulePriority must be unique", policy(rule(1, { tagStatus: "untagged" }), rule(1, ANY))],
  ["highest rulePriority", policy(rule(1, ANY), rule(2, { tagStatus: "untagged" }))],
  [
    "one rule at most is about untagged",
    policy(rule(1, { tagStatus: "untagged" }), rule(2, { tagStatus: "untagged" })),
  ],
  ["tagged takes either", policy(rule(1, { tagStatus: "tagged" }))],
  ["tagged takes either", policy(rule(1, { tagStatus: "tagged", tagPatternList: [] }))],
  ["tagged takes either", policy(rule(1, { tagStatus: "tagged", tagPatternList: ["a"], tagPrefixList: ["a"] }))],
  ["tagged takes either", policy(rule(1, { ...ANY, tagPrefixList: ["a"] }))],
  ["tagStatus must be", policy(rule(1, { tagStatus: "ANY" }))],
  ["four wildcards", policy(rule(1, { tagStatus: "tagged", tagPatternList: ["*a*b*c*d*"] }))],
])("a policy is refused: %s, %s", (words, text) => {
  expect(() => readPolicy(text)).toThrow(words);
});
