/** Each fault of a bucket or a repository is found, and nothing else. */
import type { RepositoryFacts } from "../../../cli/layer-cache/ecr";
import { type BucketPlace, bucketFaults } from "../../../cli/layer-cache/judge-bucket";
import { repositoryFaults } from "../../../cli/layer-cache/judge-repository";
import type { BucketFacts, BucketSettings, LifecycleRule } from "../../../cli/layer-cache/s3";

const PLACE: BucketPlace = {
  bucket: "layers",
  region: "eu-west-1",
  entry: "ci",
  stack: null,
};

const below = (Prefix: string, Days: number): LifecycleRule => ({
  Status: "Enabled",
  Filter: { Prefix },
  Expiration: { Days },
});
const PARTS: LifecycleRule = {
  Status: "Enabled",
  Filter: { Prefix: "ci/" },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
};
const RULES = [below("ci/manifests/", 14), below("ci/blobs/", 21), PARTS];
const GOOD: BucketSettings = { objectLock: null, rules: RULES, versioning: null, openTo: [] };

const here = (settings: Partial<BucketSettings>, refused: string[] = []): BucketFacts => ({
  state: "here",
  settings: { ...GOOD, ...settings },
  refused,
});
const found = (facts: BucketFacts, place = PLACE) => bucketFaults(facts, place).map((fault) => fault.found);

test.each<[string, Partial<BucketSettings>]>([
  ["as ours is", {}],
  ["with blobs that live longer still", { rules: [below("ci/manifests/", 14), below("ci/blobs/", 365), PARTS] }],
  [
    "with rules for the whole bucket that are longer than the entry's",
    { rules: [...RULES, below("", 30), below("other/", 1)] },
  ],
  [
    "whose manifests are those of the two folders",
    {
      rules: [
        below("ci/manifests/branches/", 5),
        below("ci/manifests/default/", 14),
        below("ci/blobs/", 21),
        { ...PARTS, Filter: {} },
      ],
    },
  ],
  ["whose versioning is suspended", { versioning: "Suspended" }],
  [
    "with versions that go after a day",
    {
      versioning: "Enabled",
      rules: [...RULES, { Status: "Enabled", Filter: {}, NoncurrentVersionExpiration: { NoncurrentDays: 1 } }],
    },
  ],
])("a bucket %s is in order", (_, settings) => {
  expect(found(here(settings))).toEqual([]);
});

const GONE = "a manifest may name blobs that are gone";

test.each<[string, BucketFacts, string[]]>([
  ["that is not there", { state: "missing" }, ["there is no such bucket"]],
  ["in another region", { state: "elsewhere", region: "us-east-1" }, ["the bucket is in us-east-1"]],
  ["that may not be read", { state: "refused" }, ["you may not read the bucket"]],
  [
    "whose life cycle may not be read",
    here({ rules: undefined }, ["its life cycle"]),
    ["you may not read its life cycle"],
  ],
  [
    "with a default retention",
    here({ objectLock: { retention: true } }),
    ["object lock has a default retention, with which S3 refuses every upload of BuildKit's"],
  ],
  [
    "with object lock alone",
    here({ objectLock: { retention: false } }),
    ["object lock is on: with a default retention S3 would refuse every upload of BuildKit's"],
  ],
  [
    "without rules",
    here({ rules: [] }),
    [
      "nothing lets every object below ci/manifests/ expire",
      "nothing lets every object below ci/blobs/ expire",
      "nothing removes the parts of uploads that were broken off",
    ],
  ],
  [
    "whose rules are another entry's",
    here({ rules: [below("cd/manifests/", 14), below("cd/blobs/", 21), PARTS] }),
    ["nothing lets every object below ci/manifests/ expire", "nothing lets every object below ci/blobs/ expire"],
  ],
  [
    "with one rule for both",
    here({ rules: [below("", 14), PARTS] }),
    [`blobs expire after 14 days, manifests after 14: ${GONE}`],
  ],
  [
    "whose blobs live too short a time longer",
    here({ rules: [below("ci/manifests/", 14), below("ci/blobs/", 20), PARTS] }),
    [`blobs expire after 20 days, manifests after 14: ${GONE}`],
  ],
  [
    "whose manifests stay",
    here({ rules: [below("ci/blobs/", 21), PARTS] }),
    ["nothing lets every object below ci/manifests/ expire", `blobs expire after 21 days, manifests never: ${GONE}`],
  ],
  [
    "the manifests of one of whose folders stay",
    here({ rules: [below("ci/manifests/branches/", 14), below("ci/blobs/", 21), PARTS] }),
    ["nothing lets every object below ci/manifests/ expire", `blobs expire after 21 days, manifests never: ${GONE}`],
  ],
  [
    "of whose blobs the large ones go before",
    here({ rules: [...RULES, { ...below("", 3), Filter: { ObjectSizeGreaterThan: 1e6 } }] }),
    [`blobs expire after 3 days, manifests after 14: ${GONE}`],
  ],
  [
    "with a date for all",
    here({ rules: [...RULES, { Status: "Enabled", Filter: {}, Expiration: { Date: new Date("2030-01-01") } }] }),
    [`a rule with a date deletes blobs of any age, manifests after 14: ${GONE}`],
  ],
  [
    "whose rule is disabled",
    here({ rules: [RULES[0]!, { ...RULES[1]!, Status: "Disabled" }, PARTS] }),
    ["nothing lets every object below ci/blobs/ expire"],
  ],
  [
    "that moves blobs to an archive",
    here({ rules: [...RULES, { Status: "Enabled", Filter: {}, Transitions: [{ Days: 1, StorageClass: "GLACIER" }] }] }),
    ["a rule moves objects to GLACIER, from which no build reads"],
  ],
  ["with versions", here({ versioning: "Enabled" }), ["versioning is on, and old versions stay and cost"]],
  [
    "that keeps some versions for ever",
    here({
      versioning: "Enabled",
      rules: [
        ...RULES,
        {
          Status: "Enabled",
          Filter: {},
          NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 },
        },
      ],
    }),
    ["versioning is on, and old versions stay and cost"],
  ],
  [
    "that may be public",
    here({ openTo: ["BlockPublicPolicy"] }),
    ["public access is not blocked: BlockPublicPolicy is off"],
  ],
])("a bucket %s", (_, facts, faults) => {
  expect(found(facts)).toEqual(faults);
});

test("what to do is a command for a bucket of the user's, and a deployment for ours", () => {
  const open = here({ openTo: ["BlockPublicAcls"], rules: [] });
  const fixes = (stack: string | null) => bucketFaults(open, { ...PLACE, stack }).map(({ fix }) => fix);
  expect(new Set(fixes("docker-cache-layer-cache-eu-west-1"))).toEqual(
    new Set(["cdktf deploy docker-cache-layer-cache-eu-west-1"]),
  );
  const [first, ...rest] = fixes(null);
  expect(first).toMatch(
    /let ci\/manifests\/ expire .*, and ci\/blobs\/ 7 days later: aws s3api put-bucket-lifecycle-configuration .* --bucket layers$/,
  );
  expect(rest.at(-1)).toMatch(/^aws s3api put-public-access-block .* --bucket layers .*RestrictPublicBuckets=true$/);
});

const NAME = "docker-cache-layer-cache/ci/default";
const rules = (...all: [tagStatus: string, tagPatternList?: string[], type?: string][]) =>
  JSON.stringify({
    rules: all.map(([tagStatus, tagPatternList, type = "expire"]) => ({
      selection: { tagStatus, tagPatternList, countType: "sinceImagePushed" },
      action: { type },
    })),
  });
const BOTH = rules(["untagged"], ["any"]);
const repository = (mutability: string, lifeCycle: string | null | undefined): RepositoryFacts => ({
  state: "here",
  mutability,
  lifeCycle,
});

test.each<[string, RepositoryFacts, string[]]>([
  ["as ours is", repository("MUTABLE", BOTH), []],
  ["with a rule for every tag", repository("MUTABLE", rules(["untagged"], ["tagged", ["*"]])), []],
  ["that is not there", { state: "missing" }, [`there is no repository ${NAME}`]],
  ["that may not be read", { state: "refused" }, [`you may not read the repository ${NAME}`]],
  [
    "with immutable tags",
    repository("IMMUTABLE", BOTH),
    [`tags of ${NAME} are IMMUTABLE: an export moves its tag, and would be refused`],
  ],
  [
    "without a life cycle",
    repository("MUTABLE", null),
    [`nothing lets untagged images of ${NAME} expire`, `nothing lets tagged images of ${NAME} expire`],
  ],
  [
    "whose life cycle may not be read",
    repository("MUTABLE", undefined),
    [`you may not read the life cycle of ${NAME}`],
  ],
  [
    "with a rule for some tags",
    repository("MUTABLE", rules(["untagged"], ["tagged", ["x-*"]])),
    [`nothing lets tagged images of ${NAME} expire`],
  ],
  [
    "whose rule archives",
    repository("MUTABLE", rules(["any", undefined, "transition"], ["untagged"])),
    [`nothing lets tagged images of ${NAME} expire`],
  ],
])("a repository %s", (_, facts, faults) => {
  expect(repositoryFaults(NAME, facts, "stack").map((fault) => fault.found)).toEqual(faults);
});
