import { latestTag, MACHINES } from "../../../../lib/ci-images";
import { type Deployment, isCiImages } from "../../../../lib/config/cell";
import { parseConfig } from "../../../../lib/config/load";
import { resolveConfig } from "../../../../lib/config/resolve-config";

interface Parts {
  readonly regions?: string;
  /** Of the cache `ci`. */
  readonly cache?: string;
  /** More lines at the top. */
  readonly more?: string;
}

function parse(section: string | undefined, { regions = "{ eu-west-1: {} }", cache = "", more = "" }: Parts = {}) {
  const caches = `{ ci: { images: [alpine]${cache && `, ${cache}`} } }`;
  const text = `regions: ${regions}\ncaches: ${caches}\n${section === undefined ? "" : `ci_images: ${section}\n`}${more}`;
  return parseConfig(text, "x.yaml");
}

/** Problems as `line: path: found | expected -> fix`. */
function problems(section: string | undefined, parts?: Parts): string[] {
  const parsed = parse(section, parts);
  if (parsed.ok) return [];
  return parsed.problems.map(({ line, path, found, expected, fix }) => {
    expect(`${found}${expected}${fix}`).not.toMatch(/undefined|NaN|\[object/);
    return `${line}: ${path}: ${found} | ${expected} -> ${fix}`;
  });
}

function resolve(section: string | undefined, parts?: Parts): Deployment {
  const parsed = parse(section, parts);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveConfig(parsed.config);
}

const entriesOf = (deployment: Deployment, at = 0) => deployment.regions[at]!.companions.filter(isCiImages);
const imagesFrom = (deployment: Deployment, at = 0) =>
  deployment.regions[at]!.cells.map(({ builder }) => builder?.imagesFrom);

const TWO = "{ eu-west-1: {}, us-east-1: {} }";
const COPY = "{ eu-west-1: {}, us-east-1: { copy_from: eu-west-1 } }";

describe("what follows", () => {
  test("without the section there is nothing", () => {
    const deployment = resolve(undefined);
    expect([entriesOf(deployment), imagesFrom(deployment)]).toEqual([[], [[]]]);
  });

  test("an entry has a repository of its name, for seven days", () => {
    expect(entriesOf(resolve("{ app: {} }"))).toEqual([
      {
        noun: "ci-images",
        name: "app",
        tags: {},
        permissionsBoundaryArn: null,
        rolePath: "/",
        kmsKeyArn: null,
        repository: "build-cache/app",
        maxAgeDays: 7,
      },
    ]);
  });

  test("entries come by name, in their regions, with what they say", () => {
    const deployment = resolve(
      "{ web: { regions: [us-east-1] }, app: { repository: build-cache/acme/app, max_age_days: 3650 } }",
      { regions: TWO },
    );
    const shown = [0, 1].map((at) => entriesOf(deployment, at).map(({ name, repository }) => [name, repository]));
    expect(shown).toEqual([
      [["app", "build-cache/acme/app"]],
      [
        ["app", "build-cache/acme/app"],
        ["web", "build-cache/web"],
      ],
    ]);
    expect(entriesOf(deployment).map(({ maxAgeDays }) => maxAgeDays)).toEqual([3650]);
  });

  test("a file with no cache is one", () => {
    const parsed = parseConfig("regions: { eu-west-1: {} }\nci_images: { app: {} }\n", "x.yaml");
    expect(parsed.ok && entriesOf(resolveConfig(parsed.config)).length).toBe(1);
  });

  test("a cache has the newest of each repository, by the machine of its builder", () => {
    const cache = "images_from: [web, app], architectures: { x86_64: {}, arm64: {} }";
    const deployment = resolve("{ app: { repository: build-cache/acme/app }, web: {} }", { cache });
    expect(imagesFrom(deployment)).toEqual([
      ["build-cache/acme/app:latest-x86_64", "build-cache/web:latest-x86_64"],
      ["build-cache/acme/app:latest-aarch64", "build-cache/web:latest-aarch64"],
    ]);
  });

  test("a region that copies needs no entry", () => {
    const deployment = resolve("{ app: { regions: [eu-west-1] } }", { regions: COPY, cache: "images_from: [app]" });
    expect([0, 1].flatMap((at) => imagesFrom(deployment, at))).toEqual([["build-cache/app:latest-x86_64"], undefined]);
  });
});

test("tags end as jobs end them, by `uname -m` of Linux", () => {
  expect(MACHINES).toEqual({ x86_64: "x86_64", arm64: "aarch64" });
  expect([latestTag("x86_64"), latestTag("arm64")]).toEqual(["latest-x86_64", "latest-aarch64"]);
});

const LONG = `build-cache/${"a".repeat(245)}`;
const FROM = "images_from: [app]";

describe("what is refused", () => {
  test.each<[string, string | undefined, string, Parts?]>([
    ["a name in capitals", "{ App: {} }", '3: ci_images.App: the key "App" | '],
    [
      "a repository in capitals",
      "{ app: { repository: Acme } }",
      '3: ci_images.app.repository: "Acme" | the name of an ECR',
    ],
    ["one that ends in /", "{ app: { repository: a/b/ } }", '3: ci_images.app.repository: "a/b/" | the name of an ECR'],
    ["one with ..", "{ app: { repository: a..b } }", '3: ci_images.app.repository: "a..b" | the name of an ECR'],
    ["one of one letter", "{ app: { repository: a } }", '3: ci_images.app.repository: "a" | the name of an ECR'],
    ["a long one", `{ app: { repository: ${LONG} } }`, '3: ci_images.app.repository: "build-cache/aaa'],
    ["no age", "{ app: { max_age_days: 0 } }", "3: ci_images.app.max_age_days: 0 | a whole number from 1 to 3650 -> "],
    [
      "a great age",
      "{ app: { max_age_days: 3651 } }",
      "3: ci_images.app.max_age_days: 3651 | a whole number from 1 to 3650 -> ",
    ],
    [
      "a name that makes no repository",
      "{ a--b: {} }",
      "3: ci_images.a--b: build-cache/a--b | lower-case letters and digits, joined by single . _ - or / as the name of an ECR repository -> rename it",
    ],
    [
      "a region that is none of the file's",
      "{ app: { regions: [eu-west-2] } }",
      "3: ci_images.app.regions[0]: eu-west-2 | one of the regions at the top: eu-west-1 -> write eu-west-1",
    ],
    [
      "a repository twice in a region",
      "{ app: {}, web: { repository: build-cache/app } }",
      "3: ci_images.web.repository: an ECR repository build-cache/app, which ci_images.app makes too | a name of its own in eu-west-1 -> rename one of the two",
    ],
    [
      "a repository that ECR fills by itself",
      "{ app: { repository: ecr-public/app } }",
      "3: ci_images.app.repository: the ECR repository ecr-public/app, below the pull-through prefix ecr-public of pull_through | a repository outside of it -> rename the repository or the prefix",
      { more: "pull_through: {}" },
    ],
    [
      "an image that expires before it is built again",
      "{ app: { max_age_days: 1 } }",
      "3: ci_images.app.max_age_days: 1 days, and up to 24 hours between two builds of ci, which has app in images_from | at least 2 days, twice as long as between builds -> set max_age_days: 2 or more, or build ci more often",
      { cache: FROM },
    ],
    [
      "the same by its default",
      "{ app: {} }",
      "3: ci_images.app.max_age_days: 7 days, and up to 744 hours between two builds of ci, which has app in images_from | at least 62 days",
      { cache: `${FROM}, build: { at: [] }` },
    ],
    [
      "the same by an expression, rounded up",
      "{ app: {} }",
      "3: ci_images.app.max_age_days: 7 days, and up to 85 hours between two builds of ci, which has app in images_from | at least 8 days",
      { cache: `${FROM}, build: { at: [], expression: rate(85 hours) }` },
    ],
    [
      "an entry that is not there",
      "{ app: {} }",
      "2: caches.ci.images_from[0]: apq | an entry of ci_images: app -> write app",
      { cache: "images_from: [apq]" },
    ],
    [
      "an entry of no section",
      undefined,
      "2: caches.ci.images_from[0]: app | an entry of ci_images, of which there is none -> add ci_images.app, or remove it",
      { cache: FROM },
    ],
    [
      "an entry twice",
      "{ app: {} }",
      "2: caches.ci.images_from[1]: app again | each entry once -> remove it",
      { cache: "images_from: [app, app]" },
    ],
    [
      "an entry that is not where the cache is built",
      "{ app: { regions: [eu-west-1] } }",
      "2: caches.ci.images_from[0]: app, which is not in us-east-1, where ci is built | an entry that is in each region that builds the cache -> add us-east-1 to ci_images.app.regions, or remove app here",
      { regions: TWO, cache: FROM },
    ],
  ])("%s", (_, section, expected, parts = {}) => {
    const found = problems(section, parts);
    expect(found).toEqual([expect.stringContaining(expected)]);
    expect(found[0]!.startsWith(expected)).toBe(true);
  });

  test("what one says twice, or of two, is found of both", () => {
    expect(
      problems("{ app: { max_age_days: 1 }, web: { max_age_days: 0 } }", { cache: "images_from: [web, app]" }),
    ).toEqual([
      expect.stringContaining("ci_images.app.max_age_days: 1 days"),
      expect.stringContaining("ci_images.web.max_age_days: 0"),
    ]);
  });
});

describe("what is not refused", () => {
  test.each<[string, string, Parts]>([
    ["twice the time between builds", "{ app: { max_age_days: 2 } }", { cache: FROM }],
    ["an age that no cache looks at", "{ app: { max_age_days: 1 }, web: {} }", { cache: "images_from: [web]" }],
    [
      "a repository twice, in two regions",
      "{ app: { regions: [eu-west-1] }, web: { repository: build-cache/app, regions: [us-east-1] } }",
      { regions: TWO },
    ],
    [
      "a faulty expression says so itself, and nothing of the age",
      "{ app: { max_age_days: 1 } }",
      { cache: `${FROM}, build: { at: [], expression: rate(1 years) }` },
    ],
  ])("%s", (_, section, parts) => {
    expect(problems(section, parts).filter((problem) => !problem.includes("build.expression"))).toEqual([]);
  });
});

test("a cache may hold nothing but these; one that holds nothing at all is refused", () => {
  const of = (cache: string) =>
    parseConfig(`regions: { eu-west-1: {} }\nci_images: { app: {} }\ncaches: { ci: ${cache} }\n`, "x.yaml");
  const parsed = of("{ images_from: [app] }");
  expect(parsed.ok && imagesFrom(resolveConfig(parsed.config))).toEqual([["build-cache/app:latest-x86_64"]]);
  for (const nothing of ["{}", "{ images: [] }", "{ images: [], images_from: [] }"])
    expect(of(nothing)).toMatchObject({
      ok: false,
      problems: [
        {
          line: 3,
          path: "caches.ci.images",
          found: "no image",
          expected: "at least one image, in images or by images_from",
          fix: "add images",
        },
      ],
    });
});
