import { readFileSync } from "node:fs";
import { parseConfig } from "../../../lib/config/load";

const problems = (text: string) => {
  const parsed = parseConfig(text, "x.yaml");
  return parsed.ok ? [] : parsed.problems;
};
const places = (text: string) => problems(text).map(({ line, column, path }) => `${line}:${column} ${path}`);

test("a minimal configuration", () => {
  const parsed = parseConfig("regions: {eu-west-1: {}}\ncaches: {ci: {images: [a]}}\n", "x.yaml");
  expect(parsed).toMatchObject({ ok: true, config: { project: "docker-cache" } });
});

test("problems of YAML, of the schema and of how fields go together come out in one run, in the order of the file", () => {
  const text = `project: 3
regions:
  eu-west-1: {copy_from: eu-west-1}
  us-east-1: {kms_key_arn: no}
caches:
  ci:
    images: [a, a]
    volume: {type: gp2, iops: 3e3}
    volume: {size_gib: 1}
  other:
    images: [3, B]
    worker: {warmth: rate}
    build: {time_zone: Mars}
`;
  expect(places(text)).toEqual([
    "1:10 project",
    "3:26 regions.eu-west-1.copy_from",
    "4:28 regions.us-east-1.kms_key_arn",
    "7:17 caches.ci.images[1]",
    "8:31 ",
    "9:5 ",
    "9:24 caches.ci.volume.size_gib",
    "11:14 caches.other.images[0]",
    "11:17 caches.other.images[1]",
    "12:5 caches.other.worker.initialization_rate_mibps",
    "13:24 caches.other.build.time_zone",
  ]);
});

test("what is required and missing hides nothing else", () => {
  const text = `tags: {aws:a: b}
regions: {eu-west-1: {}}
caches:
  ci:
    build: {time_zone: Mars}
    registries: [{host: a.example}, {host: ghcr.io, secret_name: x}, {host: ghcr.io, secret_name: y}]
`;
  expect(places(text)).toEqual([
    "1:15 tags.aws:a",
    "4:3 caches.ci.images",
    "5:24 caches.ci.build.time_zone",
    "6:18 caches.ci.registries[0].secret_name",
    "6:77 caches.ci.registries[2].host",
  ]);
});

test("only text that is no YAML hides the rest", () => {
  expect(places("project: 3\nregions: [\n")).toEqual(["3:1 "]);
});

test("a check is not made up from what is missing", () => {
  // The typo leaves copy_from out: nothing is said of a builder's zone or a gate that nobody meant.
  const text =
    "regions: {eu-west-1: {}, us-east-1: {copy_form: eu-west-1}}\ncaches: {ci: {images: [a], retention: {copy_retention_days: 1}}}\n";
  expect(places(text)).toEqual(["1:38 regions.us-east-1.copy_form"]);
});

test("a place is told once for one reason", () => {
  expect(places("regions: {eu-west-1: {fast_restore_zones: eu-west-1a}}\ncaches: {ci: {images: [a]}}\n")).toHaveLength(
    1,
  );
  expect(places("regions: {eu-west-1: {}}\ncaches: {ci: {images: [a], role_path: 1e3}}\n")).toHaveLength(1);
});

test("what is below a bad key is looked at all the same", () => {
  expect(places("regions: {nowhere: {copy_frm: x}}\ncaches: {Ci: {images: 3}}\n")).toEqual([
    "1:11 regions.nowhere",
    "1:21 regions.nowhere.copy_frm",
    "2:10 caches.Ci",
    "2:23 caches.Ci.images",
  ]);
});

test("names the file", () => {
  expect(problems("")[0]!.file).toBe("x.yaml");
});

test("a key __proto__ is as unknown as any", () => {
  expect(places("__proto__: {}\nregions: {eu-west-1: {}}\ncaches: {ci: {images: [a]}}\n")).toEqual(["1:1 "]);
  expect(places("regions: {eu-west-1: {}, __proto__: {}}\ncaches: {ci: {images: [a]}, __proto__: {}}\n")).toHaveLength(
    2,
  );
});

describe("the default configuration", () => {
  const text = readFileSync("docker-cache.yaml", "utf8");

  test("has no problems", () => {
    expect(problems(text)).toEqual([]);
  });

  test("nor has it with every commented line taken in", () => {
    const comment = /^( *)#( +)(?!yaml-language-server)(?=(- |[a-z_0-9-]+:( |$)))/gm;
    const full = text.replace(comment, (_, outer: string, inner: string) => `${outer}${inner.slice(1)}`);
    expect(full.match(/^ *(arm64|state|registries|worker|notifications):/gm)).toHaveLength(5);
    expect(problems(full)).toEqual([]);
  });

  test("is one that fits a screen", () => {
    expect(text.split("\n").length).toBeLessThan(80);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(130);
  });
});
