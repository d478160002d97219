import { type Deployment, isLayerCache } from "../../../../lib/config/cell";
import { parseConfig } from "../../../../lib/config/load";
import { resolveConfig } from "../../../../lib/config/resolve-config";
import { bucketName, prefixes, repositories } from "../../../../lib/layer-cache";

const ONE = "{ eu-west-1: {} }";
const TWO = "{ eu-west-1: {}, us-east-1: {} }";

function parse(section: string, regions = ONE, more = "") {
  return parseConfig(`regions: ${regions}\nlayer_cache: ${section}\n${more}`, "x.yaml");
}

/** Problems as `line: path: found | expected -> fix`, without the section's name. */
function problems(section: string, regions?: string, more?: string): string[] {
  const parsed = parse(section, regions, more);
  if (parsed.ok) return [];
  return parsed.problems.map(({ line, path, found, expected, fix }) => {
    expect(`${found}${expected}${fix}`).not.toMatch(/undefined|NaN|\[object/);
    return `${line}: ${path.replace(/^layer_cache\./, "")}: ${found} | ${expected} -> ${fix}`;
  });
}

function resolve(section: string, regions?: string): Deployment {
  const parsed = parse(section, regions);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveConfig(parsed.config);
}

const entriesOf = (deployment: Deployment, at = 0) => deployment.regions[at]!.companions.filter(isLayerCache);

describe("what follows", () => {
  test("an entry has a bucket, for two weeks, and main is protected", () => {
    expect(entriesOf(resolve("{ ci: {} }"))).toEqual([
      {
        noun: "layer-cache",
        name: "ci",
        tags: {},
        permissionsBoundaryArn: null,
        rolePath: "/",
        kmsKeyArn: null,
        backend: "s3",
        bucket: null,
        expireAfterDays: 14,
        protectedBranches: ["main"],
        builder: { name: "docker-cache", image: "moby/buildkit:buildx-stable-1", keepGib: 20 },
      },
    ]);
  });

  test("entries come by name, in their regions, with what they say", () => {
    const builder = `builder: { name: big, image: ghcr.io/acme/buildkit@sha256:${"ab".repeat(32)}, keep_gib: 16384 }`;
    const deployment = resolve(
      `{ web: { backend: ecr, regions: [us-east-1], protected_branches: [release/*, main] }, ci: { expire_after_days: 365, ${builder} } }`,
      TWO,
    );
    expect([0, 1].map((at) => entriesOf(deployment, at).map(({ name }) => name))).toEqual([["ci"], ["ci", "web"]]);
    expect(entriesOf(deployment)[0]).toMatchObject({ expireAfterDays: 365, builder: { name: "big", keepGib: 16384 } });
    expect(entriesOf(deployment, 1)[1]).toMatchObject({ backend: "ecr", protectedBranches: ["release/*", "main"] });
  });
});

test("names are those of the lab's and the jobs' contract", () => {
  expect(bucketName("ci", "123456789012", "eu-west-1")).toBe("docker-cache-ci-123456789012-eu-west-1");
  expect(repositories("ci")).toEqual({
    default: "docker-cache-layer-cache/ci/default",
    branches: "docker-cache-layer-cache/ci/branches",
  });
  expect(prefixes("ci")).toEqual({
    manifests: "ci/manifests/",
    branches: "ci/manifests/branches/",
    blobs: "ci/blobs/",
  });
});

const BUCKET = "the name of an S3 bucket, neither its ARN nor an s3:// address, or null";
const GLOB = "a branch such as main, or a glob such as release/*: 1 to 200 letters, digits and . _ / * ? @ + -";
const RESERVED = "a name that S3 gives to buckets: no address, no two dots in a row, nothing that S3 reserves";
const inOne = (fields: string) => `{ ci: { ${fields} } }`;

describe("what is refused", () => {
  test.each<[string, string, string, string?, string?]>([
    ["a name in capitals", "{ Ci: {} }", 'Ci: the key "Ci" | '],
    [
      "another backend",
      inOne("backend: gha"),
      'ci.backend: "gha" | one of s3, ecr -> correct it, or remove it for the default, s3',
    ],
    ["a bucket by its address", inOne("bucket: s3://acme"), `ci.bucket: "s3://acme" | ${BUCKET} -> write acme`],
    ["one with a slash", inOne("bucket: s3://acme/"), `ci.bucket: "s3://acme/" | ${BUCKET} -> write acme`],
    [
      "a bucket by its ARN",
      inOne("bucket: arn:aws-cn:s3:::acme"),
      `ci.bucket: "arn:aws-cn:s3:::acme" | ${BUCKET} -> write acme`,
    ],
    ["a prefix in a bucket", inOne("bucket: s3://acme/ci"), `ci.bucket: "s3://acme/ci" | ${BUCKET} -> correct it`],
    ["an address of no bucket", inOne("bucket: s3://Acme"), `ci.bucket: "s3://Acme" | ${BUCKET} -> correct it`],
    ["a bucket of two letters", inOne("bucket: ab"), `ci.bucket: "ab" | ${BUCKET} -> `],
    [
      "a bucket that is an address of the network",
      inOne("bucket: 192.0.2.1"),
      `ci.bucket: 192.0.2.1 | ${RESERVED} -> name a general purpose bucket`,
    ],
    ["a bucket with two dots", inOne("bucket: a..b"), `ci.bucket: a..b | ${RESERVED} -> `],
    ["a directory bucket", inOne("bucket: a--euw1-az1--x-s3"), `ci.bucket: a--euw1-az1--x-s3 | ${RESERVED} -> `],
    ["an access point's alias", inOne("bucket: a-s3alias"), `ci.bucket: a-s3alias | ${RESERVED} -> `],
    ["a beginning that S3 reserves", inOne("bucket: xn--a"), `ci.bucket: xn--a | ${RESERVED} -> `],
    [
      "a bucket with ecr",
      inOne("backend: ecr, bucket: acme"),
      "ci.bucket: acme | none with backend: ecr, which has repositories of the entry's own -> remove it, or write backend: s3",
    ],
    [
      "a bucket for several regions",
      inOne("bucket: acme"),
      "ci.bucket: acme, for eu-west-1, us-east-1 | an entry in one region, that of the bucket -> add regions: [eu-west-1] if it is there, and an entry for each other region",
      TWO,
    ],
    [
      "the bucket of the state",
      inOne("bucket: my-state"),
      "ci.bucket: my-state, the bucket of the state | another one, for every build lists it -> name another bucket",
      ONE,
      "state: { backend: s3, bucket: my-state, region: eu-west-1 }",
    ],
    [
      "a bucket that another entry makes",
      "{ ci: {}, web: { bucket: docker-cache-ci-123456789012-eu-west-1 } }",
      "web.bucket: docker-cache-ci-123456789012-eu-west-1, which layer_cache.ci makes | a bucket of yours, which is not deleted with an entry -> use the entry ci, or remove bucket for one of this entry's own",
    ],
    ["no days", inOne("expire_after_days: 0"), "ci.expire_after_days: 0 | a whole number from 1 to 365 -> "],
    [
      "more than a year",
      inOne("expire_after_days: 366"),
      "ci.expire_after_days: 366 | a whole number from 1 to 365 -> ",
    ],
    [
      "no branch",
      inOne("protected_branches: []"),
      `ci.protected_branches: an empty list | a list of 1 to 10, each ${GLOB} -> `,
    ],
    [
      "one branch alone",
      inOne("protected_branches: main"),
      `ci.protected_branches: "main" | a list of 1 to 10, each ${GLOB} -> make it a list: ["main"]`,
    ],
    ["eleven branches", inOne(`protected_branches: [${[..."abcdefghijk"]}]`), "ci.protected_branches: "],
    [
      "a branch with a blank",
      inOne('protected_branches: ["a b"]'),
      `ci.protected_branches[0]: "a b" | ${GLOB} -> correct it`,
    ],
    ["a long branch", inOne(`protected_branches: [${"a".repeat(201)}]`), "ci.protected_branches[0]: "],
    [
      "a set of characters",
      inOne('protected_branches: ["[ab]"]'),
      `ci.protected_branches[0]: "[ab]" | ${GLOB} -> correct it`,
    ],
    [
      "a ref",
      inOne("protected_branches: [refs/heads/main]"),
      "ci.protected_branches[0]: refs/heads/main | a branch without refs/heads/ -> write main",
    ],
    [
      "a branch twice",
      inOne("protected_branches: [main, main]"),
      "ci.protected_branches[1]: main again | each branch once -> remove it",
    ],
    ["a builder in capitals", inOne("builder: { name: Big }"), 'ci.builder.name: "Big" | 1 to 41 lower-case letters'],
    ["a long builder", inOne(`builder: { name: ${"a".repeat(42)} }`), "ci.builder.name: "],
    [
      "an image that is none",
      inOne("builder: { image: moby/BuildKit }"),
      'ci.builder.image: "moby/BuildKit": the repository "moby/BuildKit" must be lower case | an image reference -> write [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]',
    ],
    ["no storage", inOne("builder: { keep_gib: 0 }"), "ci.builder.keep_gib: 0 | a whole number from 1 to 16384 -> "],
    [
      "too much storage",
      inOne("builder: { keep_gib: 16385 }"),
      "ci.builder.keep_gib: 16385 | a whole number from 1 to 16384 -> ",
    ],
    [
      "one builder with two sizes",
      "{ ci: {}, web: { builder: { keep_gib: 50 } } }",
      "web.builder: docker-cache, which layer_cache.ci has with another keep_gib in a region of both | builders of one name that are alike: a machine may build for both entries -> set the same keep_gib, or add a name of its own",
    ],
    [
      "one builder with two images",
      "{ ci: { builder: { name: b } }, web: { builder: { name: b, image: moby/buildkit:v0.34.2 } } }",
      "web.builder: b, which layer_cache.ci has with another image in a region of both | ",
    ],
    [
      "a long name of a bucket",
      "{ a-name-of-28-characters-long: {} }",
      "a-name-of-28-characters-long: docker-cache-a-name-of-28-characters-long-000000000000-eu-west-1, 64 characters | at most 63 characters as the name of an S3 bucket -> shorten it by 1",
    ],
    [
      "one that is too long in one region",
      "{ a-name-of-23-characters: {} }",
      "a-name-of-23-characters: docker-cache-a-name-of-23-characters-000000000000-ap-southeast-1, 64 characters | at most 63",
      "{ eu-west-1: {}, ap-southeast-1: {} }",
    ],
    [
      "a region that is none of the file's",
      inOne("regions: [eu-west-2]"),
      "ci.regions[0]: eu-west-2 | one of the regions at the top: eu-west-1 -> write eu-west-1",
    ],
  ])("%s", (_, section, expected, ...where) => {
    const found = problems(section, ...where);
    expect(found).toEqual([expect.stringContaining(expected)]);
    expect(found[0]!.startsWith(`2: ${expected}`)).toBe(true);
  });

  test("a name that makes no repository, by both of them", () => {
    expect(problems("{ app-: { backend: ecr } }")).toEqual(
      ["default", "branches"].map(
        (part) =>
          `2: app-: docker-cache-layer-cache/app-/${part} | lower-case letters and digits, joined by single . _ - or / as the name of an ECR repository -> rename it`,
      ),
    );
  });

  test("a fault of one field hides none of another", () => {
    expect(
      problems("{ ci: { expire_after_days: 0, builder: { image: A }, protected_branches: [main, main] } }"),
    ).toEqual([
      expect.stringContaining("ci.expire_after_days: 0"),
      expect.stringContaining('ci.builder.image: "A"'),
      expect.stringContaining("ci.protected_branches[1]: main again"),
    ]);
  });
});

describe("what is not refused", () => {
  test.each<[string, string, string?]>([
    ["a bucket of two entries", "{ ci: { bucket: acme }, web: { bucket: acme } }"],
    ["a bucket with dots", "{ ci: { bucket: layers.acme.example } }"],
    ["a bucket of one entry in one region of two", "{ ci: { bucket: acme, regions: [us-east-1] } }", TWO],
    [
      "a builder of two entries that are alike",
      "{ ci: { builder: { keep_gib: 5 } }, web: { builder: { keep_gib: 5 } } }",
    ],
    [
      "a builder of two entries in two regions",
      "{ ci: { regions: [eu-west-1] }, web: { regions: [us-east-1], builder: { keep_gib: 5 } } }",
      TWO,
    ],
    ["the longest name of a bucket", "{ a-name-of-27-character-long: {} }"],
    [
      "a name that no bucket could have, with a bucket of the user's",
      "{ a-name-of-thirty-two-characters: { bucket: acme } }",
    ],
    ["a name for S3 that ECR would refuse", "{ app-: {} }"],
    ["a builder's image by host and port", "{ ci: { builder: { image: 'registry.example:5000/buildkit:1' } } }"],
    ["what begins as a ref does, and is a branch", "{ ci: { protected_branches: [refs-old, heads/main] } }"],
  ])("%s", (_, section, ...where) => {
    expect(problems(section, ...where)).toEqual([]);
  });
});

test("the fix of a bucket's address is the state's too", () => {
  const text =
    "regions: { eu-west-1: {} }\ncaches: { ci: { images: [a] } }\nstate: { backend: s3, bucket: s3://my-state, region: eu-west-1 }\n";
  expect(parseConfig(text, "x.yaml")).toMatchObject({
    problems: [{ line: 3, path: "state.bucket", fix: "write my-state" }],
  });
});
