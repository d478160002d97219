import { parseConfig } from "../../../../lib/config/load";
import { sampleCache } from "../../../fixtures/sample-cache/sample-cache";

/** Problems of a configuration with the sample's section, as `path: found -> fix`. */
function problems(section: string, regions = "{ eu-west-1: {}, us-east-1: {} }", caches = "{ ci: { images: [a] } }") {
  const text = `regions: ${regions}\ncaches: ${caches}\nsample_cache: ${section}\n`;
  const parsed = parseConfig(text, "x.yaml", [sampleCache]);
  return parsed.ok ? [] : parsed.problems.map(({ path, found, fix }) => `${path}: ${found} -> ${fix}`);
}

test("an entry without a problem has none", () => {
  expect(problems("{ app: {}, api: { regions: [us-east-1] } }")).toEqual([]);
});

test("no section is no problem", () => {
  expect(parseConfig("regions: { eu-west-1: {} }\ncaches: { ci: { images: [a] } }\n", "x", [sampleCache]).ok).toBe(
    true,
  );
});

test("there is something to deploy", () => {
  expect(problems("{}", "{ eu-west-1: {} }", "{}")).toEqual([
    "caches: neither a cache nor a companion -> add one, or remove the file",
  ]);
});

test("fields are checked as those of caches are, and the nearest key is named", () => {
  expect(problems("{ app: { expire_after_day: 3, limits: { size_gib: 0 }, log_retention_days: 2 } }")).toEqual([
    "sample_cache.app.expire_after_day: the unknown key expire_after_day -> write expire_after_days",
    expect.stringContaining("sample_cache.app.limits.size_gib: 0 ->"),
    expect.stringContaining("sample_cache.app.log_retention_days: 2 ->"),
  ]);
});

test("a section that is nobody's is an unknown key", () => {
  const parsed = parseConfig("regions: { eu-west-1: {} }\ncaches: { ci: { images: [a] } }\nsample_cache: {}\n", "x");
  expect(parsed).toMatchObject({ ok: false, problems: [{ found: "the unknown key sample_cache" }] });
});

test("regions are regions of the configuration", () => {
  expect(problems("{ app: { regions: [eu-west-1, eu-west-2] }, api: { regions: [ap-south-1] } }")).toEqual([
    "sample_cache.app.regions[1]: eu-west-2 -> write eu-west-1",
    "sample_cache.api.regions[0]: ap-south-1 -> add ap-south-1 to `regions` at the top, or remove it here",
  ]);
});

test("a list of regions that is empty is refused", () => {
  expect(problems("{ app: { regions: [] } }")).toEqual([
    expect.stringContaining("sample_cache.app.regions: an empty list"),
  ]);
});

describe("names", () => {
  const name = (length: number) => "a".repeat(length);

  // "docker-cache-sample-cache-" and "-eu-west-1" of a role's 64.
  test("fit in the shortest region", () => {
    expect(problems(`{ ${name(28)}: {} }`, "{ eu-west-1: {} }")).toEqual([]);
    expect(problems(`{ ${name(29)}: {} }`, "{ eu-west-1: {} }")).toEqual([
      expect.stringMatching(
        /^sample_cache\.a{29}: docker-cache-sample-cache-a{29}-eu-west-1, 65 characters -> .* by 1$/,
      ),
    ]);
  });

  test("are computed from the entry's own regions", () => {
    const regions = "{ eu-west-1: {}, ap-southeast-1: {} }";
    expect(problems(`{ ${name(28)}: { regions: [eu-west-1] } }`, regions)).toEqual([]);
    expect(problems(`{ ${name(28)}: {} }`, regions)).toEqual([expect.stringContaining("69 characters")]);
  });

  test.each([
    ["team/app", true],
    ["Team/app", false],
    ["team//app", false],
    ["x".repeat(257), false],
    ["x", false],
  ])("of repositories: %s", (repository, fits) => {
    expect(problems(`{ app: { repository: ${repository} } }`).length === 0).toBe(fits);
  });

  test("of one service are not given twice in a region", () => {
    const equal = (one: string, other: string) =>
      problems(`{ api: { repository: team/x, regions: [${one}] }, app: { repository: team/x, regions: [${other}] } }`);
    expect(equal("eu-west-1", "eu-west-1")).toEqual([
      "sample_cache.app.repository: an ECR repository team/x, which sample_cache.api makes too -> rename one of the two",
    ]);
    expect(equal("eu-west-1", "us-east-1")).toEqual([]);
  });

  test("that are global are not given twice in an account", () => {
    const twice = { ...sampleCache, names: () => [{ kind: "budget", name: "one" } as const] };
    const text =
      "regions: { eu-west-1: {}, us-east-1: {} }\nsample_cache: { a: { regions: [eu-west-1] }, b: { regions: [us-east-1] } }";
    expect(parseConfig(text, "x", [twice])).toMatchObject({ ok: false, problems: [{ path: "sample_cache.b" }] });
  });
});

describe("names, from where nobody looks", () => {
  test("of a cache count as taken", () => {
    const like = {
      ...sampleCache,
      names: () => [{ kind: "iamRole", name: "docker-cache-ci-x86_64-worker-eu-west-1" } as const],
    };
    const text = "regions: { eu-west-1: {} }\ncaches: { ci: { images: [a] } }\nsample_cache: { a: {} }";
    expect(parseConfig(text, "x", [like])).toMatchObject({
      ok: false,
      problems: [{ path: "sample_cache.a", found: expect.stringContaining("which caches.ci makes too") }],
    });
  });

  test("of one entry collide with one another", () => {
    const text = "regions: { eu-west-1: {}, us-east-1: {} }\nsample_cache: { a: {} }";
    const global = { ...sampleCache, names: () => [{ kind: "iamPolicy", name: "one" } as const] };
    expect(parseConfig(text, "x", [global])).toMatchObject({ ok: false, problems: [{ path: "sample_cache.a" }] });
    const regional = { ...sampleCache, names: () => [{ kind: "ecrRepository", name: "one" } as const] };
    expect(parseConfig(text, "x", [regional]).ok).toBe(true);
  });

  test.each([
    [
      "Team/app",
      "lower-case letters and digits, joined by single . _ - or / as the name of an ECR repository",
      "rename it",
    ],
    ["x", "at least 2 characters as the name of an ECR repository", "rename it"],
    ["y".repeat(257), "at most 256 characters as the name of an ECR repository", "shorten it by 1"],
  ])("that do not fit are told where they were typed, in words: %s", (repository, expected, fix) => {
    const text = `regions: { eu-west-1: {} }\nsample_cache: { a: { repository: ${repository} } }`;
    expect(parseConfig(text, "x", [sampleCache])).toMatchObject({
      ok: false,
      problems: [{ path: "sample_cache.a.repository", expected, fix }],
    });
  });

  test.each([
    "{ a: { repository: 5 }, b: { repository: team/x }, c: { repository: team/x } }",
    "{ a: { regions: [BAD] }, b: { repository: team/x }, c: { repository: team/x } }",
    "{ a: { prefix: 5 }, b: { repository: team/x }, c: { repository: team/x } }",
  ])("are compared beside an entry that cannot be looked at: %s", (section) => {
    expect(problems(section).map((problem) => problem.split(":")[0])).toContain("sample_cache.c.repository");
  });

  test("are compared beside a cache that cannot be looked at", () => {
    const found = problems(
      "{ a: { prefix: hub }, b: { repository: hub/x } }",
      undefined,
      "{ ci: { images: [a], pull_through: 5 } }",
    );
    expect(found.map((problem) => problem.split(":")[0])).toEqual(
      expect.arrayContaining(["caches.ci.pull_through", "sample_cache.b.repository"]),
    );
  });
});

test.each(["sample_cache:", "sample_cache: []", "sample_cache: 5", "sampel_cache: { a: {} }"])(
  "a section that is faulty is not said to be nothing: %s",
  (section) => {
    const parsed = parseConfig(`regions: { eu-west-1: {} }\n${section}\n`, "x", [sampleCache]);
    expect(parsed.ok || parsed.problems.map(({ found }) => found)).toHaveLength(1);
    expect(JSON.stringify(parsed)).not.toContain("neither a cache");
  },
);

describe("repositories are below no prefix that ECR fills by itself", () => {
  const refused = (prefix: string, from: string) => [
    `sample_cache.app.repository: the ECR repository hub/app, below the pull-through prefix ${prefix} of ${from} -> rename the repository or the prefix`,
  ];
  const caches = (prefix: string, regions = "") =>
    `{ ci: { images: [a], pull_through: { docker.io: ${prefix} }${regions} } }`;

  test.each([
    ["of a cache's", "{ app: { repository: hub/app } }", caches("hub"), refused("hub", "caches.ci.pull_through")],
    [
      "equal to it",
      "{ app: { repository: hub/app } }",
      caches("hub/app"),
      refused("hub/app", "caches.ci.pull_through"),
    ],
    ["beside it", "{ app: { repository: hub/app } }", caches("hu"), []],
    ["above it", "{ app: { repository: hub/app } }", caches("hub/app/below"), []],
    [
      "of an entry's",
      "{ api: { prefix: hub }, app: { repository: hub/app } }",
      "{ ci: { images: [a] } }",
      refused("hub", "sample_cache.api"),
    ],
    [
      "of a cache that is copied there, not pulled",
      "{ app: { repository: hub/app, regions: [us-east-1] } }",
      caches("hub", ", regions: { us-east-1: { copy_from: eu-west-1 } }"),
      [],
    ],
    [
      "in another region",
      "{ app: { repository: hub/app, regions: [us-east-1] } }",
      caches("hub", ", regions: { us-east-1: { enabled: false } }"),
      [],
    ],
  ])("%s", (_, section, given, expected) => {
    expect([...new Set(problems(section, undefined, given))]).toEqual(expected);
  });

  test("of an entry in another region", () => {
    expect(
      problems("{ api: { prefix: hub, regions: [eu-west-1] }, app: { repository: hub/app, regions: [us-east-1] } }"),
    ).toEqual([]);
  });
});

test("the noun's own checks run", () => {
  expect(problems("{ app: { expire_after_days: 13 } }")).toEqual([
    "sample_cache.app.expire_after_days: 13 -> write 14",
  ]);
});

test("problems of an entry and of caches come in one run", () => {
  const found = problems("{ app: { regions: [eu-west-9] }, B: {} }", undefined, "{ ci: { images: [] } }");
  expect(found.map((problem) => problem.split(":")[0])).toEqual([
    "caches.ci.images",
    "sample_cache.app.regions[0]",
    "sample_cache.B",
  ]);
});
