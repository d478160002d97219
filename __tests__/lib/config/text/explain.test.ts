import { parseConfig } from "../../../../lib/config/load";
import { describeFound, valueAt } from "../../../../lib/config/text/explain";

/** Answers to one line in the cache of a small configuration: path, found, fix. */
function answers(line: string): string[][] {
  const text = `regions: {eu-west-1: {}}\ncaches:\n  ci:\n    images: [a]\n    ${line}\n`;
  const parsed = parseConfig(text, "x.yaml");
  return parsed.ok ? [] : parsed.problems.map(({ path, found, fix }) => [path.replace("caches.ci.", ""), found, fix]);
}

test.each<[string, string, string, string]>([
  ['volume: {size_gib: "20"}', "volume.size_gib", '"20"', "write 20 without quotes"],
  ["volume: {size_gib: 3}", "volume.size_gib", "3", "correct it, or remove it for the default, 100"],
  ["volume: {size_gib: 20.5}", "volume.size_gib", "20.5", "correct it, or remove it for the default, 100"],
  ["volume: {size_gib: ''}", "volume.size_gib", '""', "correct it, or remove it for the default, 100"],
  ["volume: {size_gib: [20]}", "volume.size_gib", "a list of 1", "correct it, or remove it for the default, 100"],
  ["volume: {type: gp33}", "volume.type", '"gp33"', "write gp3"],
  ["volume: {type: ssd}", "volume.type", '"ssd"', "correct it, or remove it for the default, gp3"],
  ["volume: {sise_gib: 20}", "volume.sise_gib", "the unknown key sise_gib", "write size_gib"],
  ["volume: {size: 20}", "volume.size", "the unknown key size", "write size_gib"],
  [
    "architectures: {x86_64: {instance_type: m7i.large}}",
    "architectures.x86_64.instance_type",
    "the unknown key instance_type",
    "put it under builder or worker",
  ],
  ["volume: {colour: red}", "volume.colour", "the unknown key colour", "remove it"],
  ["volume: {size_gib: ~}", "volume.size_gib", "~, which is null", "correct it, or remove it for the default, 100"],
  ["volume: ~", "volume", "~, which is null", "write {} for the defaults, or remove the key"],
  ["volume:", "volume", "nothing after the key, which is null", "write {} for the defaults, or remove the key"],
  ["volume: []", "volume", "an empty list", "correct it, or remove it for the default"],
  ["volume: 20", "volume", "20", "correct it, or remove it for the default"],
  ["role_path: {}", "role_path", "an empty map", "correct it, or remove it for the default, /"],
  ["role_path: {a: 1, b: 2}", "role_path", "a map with a, b", "correct it, or remove it for the default, /"],
  [
    `role_path: ${"x".repeat(120)}`,
    "role_path",
    `"${"x".repeat(100)}…"`,
    "correct it, or remove it for the default, /",
  ],
  ["permissions_boundary_arn: 12", "permissions_boundary_arn", "12", "correct it, or remove it for the default, null"],
  ["build: {time_zone: 3.10}", "build.time_zone", "3.10, which YAML reads as 3.1", 'put it in quotes: "3.10"'],
  ["build: {time_zone: true}", "build.time_zone", "true", 'put it in quotes: "true"'],
  ['build: {at: "03:00"}', "build.at", '"03:00"', 'make it a list: ["03:00"]'],
  ["build: {at: 03:00}", "build.at", '"03:00"', 'make it a list: ["03:00"]'],
  ["build: {at: ['3:00']}", "build.at[0]", '"3:00"', 'write "03:00"'],
  ["pull_through: {docker.io: -x}", "pull_through.docker.io", '"-x"', "correct it"],
  ["pull_through: {Docker.io: x}", "pull_through.Docker.io", 'the key "Docker.io"', "rename it"],
  ["regions: {eu-west-1: {enabled: no}}", "regions.eu-west-1.enabled", '"no"', "write false"],
  ["regions: {eu-west-1: {enabled: Yes}}", "regions.eu-west-1.enabled", '"Yes"', "write true"],
  [
    "regions: {eu-west-1: {enabled: maybe}}",
    "regions.eu-west-1.enabled",
    '"maybe"',
    "correct it, or remove it for the default, true",
  ],
  ["registries: [{host: ghcr.io}]", "registries[0].secret_name", "nothing", "add secret_name"],
  ["worker: {script: echo}", "worker.script", '"echo"', "correct it, or remove it for the default, null"],
  ["registries: ghcr.io", "registries", '"ghcr.io"', "correct it, or remove it for the default"],
])("%s", (line, path, found, fix) => {
  expect(answers(line)).toEqual([[path, found, fix]]);
});

describe("images", () => {
  const of = (entry: string) => {
    const parsed = parseConfig(`regions: {eu-west-1: {}}\ncaches: {ci: {images: [${entry}]}}\n`, "x.yaml");
    return parsed.ok ? [] : parsed.problems.map(({ path, found, expected, fix }) => [path, found, expected, fix]);
  };
  const IMAGE = "an image reference such as python:3.12-slim, at most 1024 characters";

  test("a number", () => {
    expect(of("3.10")).toEqual([
      ["caches.ci.images[0]", "3.10, which YAML reads as 3.1", `${IMAGE}, or a map`, 'put it in quotes: "3.10"'],
    ]);
  });

  test("nothing", () => {
    expect(of("~")).toEqual([["caches.ci.images[0]", "~, which is null", `${IMAGE}, or a map`, "correct it"]]);
  });

  test("a blank after the colon", () => {
    expect(of("python: 3.10")).toEqual([
      ["caches.ci.images[0].reference", "nothing", IMAGE, "add reference"],
      [
        "caches.ci.images[0].python",
        "the unknown key python",
        "one of reference, optional, warm, smoke",
        "remove it, or, where one reference is meant, the blank after its colon",
      ],
    ]);
  });

  test("a map with a mistake", () => {
    expect(of("{reference: a, optional: yes}").map(([path, , , fix]) => [path, fix])).toEqual([
      ["caches.ci.images[0].optional", "write true"],
    ]);
    expect(of('{reference: a, smoke: "x\\ny"}').map(([path]) => path)).toEqual(["caches.ci.images[0].smoke"]);
  });
});

test.each([
  ["regions: {}\ncaches: {ci: {images: [a]}}", "regions", "at least one region"],
  [
    "regions: {eu-west-1: {}}\ncaches: {ci: {images: [a], architectures: {}}}",
    "caches.ci.architectures",
    "x86_64, arm64 or both",
  ],
])("an empty map of %j", (text, path, expected) => {
  const parsed = parseConfig(text, "x.yaml");
  expect(parsed).toMatchObject({ ok: false, problems: [{ path, found: "an empty map", expected }] });
});

test("a whole that is no map", () => {
  const of = (text: string) => {
    const parsed = parseConfig(text, "x.yaml");
    return parsed.ok ? [] : parsed.problems.map(({ path, found, fix }) => [path, found, fix]);
  };
  const fix = expect.stringMatching(/^begin with `regions:` and `caches:`/);
  expect(of("")).toEqual([["", "an empty file", fix]]);
  expect(of("[]")).toEqual([["", "an empty list", fix]]);
  expect(of("some text")).toEqual([["", '"some text"', fix]]);
  expect(of("notifications: {}\nregions: {eu-west-1: {}}\ncaches: {ci: {images: [a]}}")).toEqual([
    ["notifications", "the unknown key notifications", "put it under regions.<name>"],
  ]);
});

test("shows a value, and finds one", () => {
  expect(describeFound(undefined)).toBe("nothing");
  expect(describeFound(true)).toBe("true");
  expect(valueAt({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
  expect(valueAt({ a: null }, ["a", "b", "c"])).toBeUndefined();
});
