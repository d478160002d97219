import { parseConfig } from "../../../../lib/config/load";

function problems(cache: string, rest = ""): string[] {
  const parsed = parseConfig(
    `regions: { eu-west-1: {} }\ncaches: { ci: { images: [a], ${cache} } }\n${rest}`,
    "x.yaml",
  );
  return parsed.ok ? [] : parsed.problems.map(({ path, found, fix }) => `${path}: ${found} -> ${fix}`);
}

test.each([
  "pull_through: null",
  "pull_through: {}",
  "pull_through: { docker.io: docker-hub, docker.io/library: ecr-public/docker/library, registry.example.com:5000/a/b: x }",
])("%s is right", (cache) => {
  expect(problems(cache)).toEqual([]);
});

test("an upstream that is named twice, spelled otherwise, is refused", () => {
  expect(problems("pull_through: { docker.io/library: a, index.docker.io/library: b }")).toEqual([
    "caches.ci.pull_through.index.docker.io/library: index.docker.io/library, the same upstream as docker.io/library -> remove one",
  ]);
});

test.each(["docker.io/", "docker.io/Library", "/library", "docker.io//a", "https://docker.io"])(
  "%s is no upstream",
  (key) => {
    expect(problems(`pull_through: { "${key}": a }`)).toEqual([
      expect.stringContaining(`caches.ci.pull_through.${key}`),
    ]);
  },
);

describe("workers' access", () => {
  const access = "worker: { pull_through_access: true }";

  test("by the section's rules, or the cache's own", () => {
    expect(problems(access, "pull_through: {}\n")).toEqual([]);
    expect(problems(`${access}, pull_through: { docker.io: docker-hub }`)).toEqual([]);
  });

  test("is refused without any rule", () => {
    const refused = "caches.ci.worker.pull_through_access: true without any rule -> ";
    expect(problems(access)).toEqual([`${refused}add a section pull_through`]);
    expect(problems(`${access}, pull_through: {}`, "pull_through: {}\n")).toEqual([
      `${refused}remove caches.ci.pull_through: {}, or give it a map`,
    ]);
  });

  test("is refused beside a profile of the user's", () => {
    expect(
      problems("worker: { pull_through_access: true, instance_profile_name: mine }", "pull_through: {}\n"),
    ).toEqual([
      expect.stringContaining(
        "pull_through_access: true -> attach the policy of the output puller_policy_arn to the role of mine",
      ),
    ]);
  });
});
