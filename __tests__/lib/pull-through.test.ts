import * as fc from "fast-check";
import { parseImageReference } from "../../lib/image-reference";
import {
  DOCKER_HUB_HOSTS,
  hostAsNamed,
  type PullThroughMap,
  type PullThroughRule,
  pullThroughMap,
  repositoryInEcr,
  throughEcr,
  UPSTREAMS,
  upstreamOf,
} from "../../lib/pull-through";
import vectors from "../fixtures/pull-through.json";

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const OTHER = "210987654321.dkr.ecr.eu-central-1.amazonaws.com";
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

const rule = (prefix: string, upstream: string, upstreamPrefix: string | null = null): PullThroughRule => ({
  prefix,
  upstream,
  upstreamUrl: upstream,
  secretName: null,
  roleArn: null,
  upstreamPrefix,
});
const PUBLIC = rule("ecr-public", "public.ecr.aws");
const HUB = rule("docker-hub", "docker.io");
const MAP = pullThroughMap([HUB, PUBLIC, rule("github", "ghcr.io"), rule("team", OTHER, "team")]);

const through = (reference: string, map: PullThroughMap = MAP) => throughEcr(parseImageReference(reference), map, HOST);

describe("the map of rules", () => {
  test("is sorted by key, and a rule's upstream prefix is part of the key", () => {
    expect(Object.entries(MAP)).toEqual([
      [`${OTHER}/team`, "team"],
      ["docker.io", "docker-hub"],
      ["ghcr.io", "github"],
      ["public.ecr.aws", "ecr-public"],
    ]);
    expect(Object.keys(pullThroughMap([rule("b", "quay.io"), rule("a", "quay.io", "x")]))).toEqual([
      "quay.io",
      "quay.io/x",
    ]);
  });

  test.each<[string, PullThroughRule[], PullThroughMap]>([
    ["no rule", [], {}],
    [
      "ECR Public alone",
      [PUBLIC],
      { "docker.io/library": "ecr-public/docker/library", "public.ecr.aws": "ecr-public" },
    ],
    ["a rule for Docker Hub", [HUB, PUBLIC], { "docker.io": "docker-hub", "public.ecr.aws": "ecr-public" }],
    ["ECR Public under another prefix", [rule("mine", "public.ecr.aws")], { "public.ecr.aws": "mine" }],
    ["another upstream under its prefix", [rule("ecr-public", "quay.io")], { "quay.io": "ecr-public" }],
  ])("%s: official images go through ECR Public only without Docker Hub", (_, rules, map) => {
    expect(pullThroughMap(rules)).toEqual(map);
  });
});

test.each([
  ["debian:bookworm-slim", "docker-hub/library/debian:bookworm-slim"],
  ["debian", "docker-hub/library/debian:latest"],
  ["docker.io/library/debian", "docker-hub/library/debian:latest"],
  ["index.docker.io/debian", "docker-hub/library/debian:latest"],
  ["registry-1.docker.io/library/debian:1", "docker-hub/library/debian:1"],
  ["grafana/grafana:12", "docker-hub/grafana/grafana:12"],
  [`ghcr.io/acme/x@${DIGEST}`, `github/acme/x@${DIGEST}`],
  [`ghcr.io/acme/deep/x:1@${DIGEST}`, `github/acme/deep/x:1@${DIGEST}`],
  ["public.ecr.aws/docker/library/debian:1", "ecr-public/docker/library/debian:1"],
  [`${OTHER}/team/app:1`, "team/app:1"],
])("%s is had as %s", (reference, expected) => {
  expect(through(reference)).toBe(`${HOST}/${expected}`);
});

test.each([
  ["a registry without a rule", "quay.io/acme/x"],
  ["a host with a port, though the host alone has a rule", "ghcr.io:5000/acme/x"],
  ["a registry on this machine", "localhost:5000/x"],
  ["a registry of ECR outside the rule's upstream prefix", `${OTHER}/other/app:1`],
  ["one whose name only begins alike", `${OTHER}/teams/app:1`],
  ["the account's own registry", `${HOST}/docker-hub/library/debian:1`],
])("%s is left as it is: %s", (_, reference) => {
  expect(through(reference)).toBeNull();
});

test("without a rule for Docker Hub, its official images alone are served", () => {
  const map = pullThroughMap([PUBLIC]);
  expect(through("debian:1", map)).toBe(`${HOST}/ecr-public/docker/library/debian:1`);
  expect(through("grafana/grafana", map)).toBeNull();
});

test("the account's own registry is left as it is even if a key names its host", () => {
  expect(through(`${HOST}/x`, { [HOST]: "loop" })).toBeNull();
  expect(through(`${OTHER}/x`, { [OTHER]: "other" })).toBe(`${HOST}/other/x:latest`);
});

test("the longest key wins, whatever their order; a key may spell Docker Hub anyhow", () => {
  const keys: [string, string][] = [
    ["docker.io", "hub"],
    ["registry-1.docker.io/library", "official"],
    ["docker.io/library/deb", "not-a-part"],
    ["docker.io/library/debian/sub", "deep"],
  ];
  for (const order of [keys, [...keys].reverse()]) {
    const map = Object.fromEntries(order);
    expect(through("debian", map)).toBe(`${HOST}/official/debian:latest`);
    expect(through("docker.io/library/debian/sub/x", map)).toBe(`${HOST}/deep/x:latest`);
    expect(through("acme/x", map)).toBe(`${HOST}/hub/acme/x:latest`);
  }
});

test.each(vectors.repositories)("$reference, as builders take it", ({ reference, repository }) => {
  expect(through(reference, vectors.map)?.replace(/@.*|:[^/:]+$/, "") ?? null).toBe(
    repository && `${HOST}/${repository}`,
  );
});

describe("upstream registries", () => {
  test.each([
    ...DOCKER_HUB_HOSTS.map((host) => [host, "Docker Hub", "secret"]),
    ["public.ecr.aws", "Amazon ECR Public", "none"],
    ["registry.k8s.io", "the Kubernetes registry", "none"],
    ["acme12.azurecr.io", "Azure", "secret"],
    [OTHER, "Amazon ECR", "role"],
  ])("%s is %s, with login by %s", (host, what, login) => {
    expect(upstreamOf(host)).toMatchObject({ what, login });
  });

  test.each(["ghcr.io.evil.example", "xghcr.io", "ghcr-io", "azurecr.io", "mcr.microsoft.com", ""])(
    "%j is none of them",
    (host) => expect(upstreamOf(host)).toBeUndefined(),
  );

  test("each kind is found by its own name alone", () => {
    expect(Object.keys(UPSTREAMS).length).toBe(9);
    expect(hostAsNamed("registry.hub.docker.com")).toBe("docker.io");
    expect(hostAsNamed("quay.io")).toBe("quay.io");
  });
});

// Few words, so that keys and names meet.
const word = fc.constantFrom("a", "b", "x1");
const path = (least: number) => fc.array(word, { minLength: least, maxLength: 4 }).map((words) => words.join("/"));
const domain = fc.constantFrom("docker.io", "ghcr.io", "quay.io", "localhost:5000", "ghcr.io:443", OTHER);
const reference = fc.record({
  domain,
  path: path(2),
  tag: fc.option(word),
  digest: fc.option(fc.constant(DIGEST)),
});
const map = fc.dictionary(
  fc.tuple(domain, fc.array(word, { maxLength: 2 })).map(([host, words]) => [host, ...words].join("/")),
  path(1),
  { maxKeys: 8 },
);

test("what is written is a reference to the repository, with the tag and the digest that it had", () => {
  fc.assert(
    fc.property(reference, map, (image, keys) => {
      const repository = repositoryInEcr(image, keys);
      const written = throughEcr(image, keys, HOST);
      if (repository === null) return expect(written).toBeNull();
      const latest = image.tag === null && image.digest === null;
      expect(parseImageReference(written ?? "")).toEqual({
        domain: HOST,
        path: repository,
        tag: latest ? "latest" : image.tag,
        digest: image.digest,
      });
    }),
  );
});

test("a name is served by the longest key that it begins with, part by part, and what follows the key follows the prefix", () => {
  fc.assert(
    fc.property(reference, map, (image, keys) => {
      const parts = `${image.domain}/${image.path}`.split("/");
      // From the longest beginning to the shortest; the last part is never the key's.
      const lengths = parts.map((_, index) => parts.length - 1 - index).filter((length) => length > 0);
      const length = lengths.find((count) => keys[parts.slice(0, count).join("/")] !== undefined);
      const expected =
        length === undefined ? null : [keys[parts.slice(0, length).join("/")], ...parts.slice(length)].join("/");
      expect(repositoryInEcr(image, keys)).toBe(expected);
    }),
  );
});

test("nothing of the account's own registry is ever rewritten, nor of another registry of ECR that no key names", () => {
  const others = map.map((keys) => Object.fromEntries(Object.entries(keys).filter(([key]) => !key.startsWith(OTHER))));
  fc.assert(
    fc.property(path(1), fc.option(word), others, (name, tag, keys) => {
      const own = { domain: HOST, path: name, tag, digest: null };
      expect(throughEcr(own, { ...keys, [HOST]: "own" }, HOST)).toBeNull();
      expect(throughEcr({ ...own, domain: OTHER }, keys, HOST)).toBeNull();
    }),
  );
});
