/** Which entry's settings a script gets. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageSettings } from "../../../cli/image/entries";
import { argumentsOf } from "../../../cli/image/run-script";
import { UsageError } from "../../../cli/usage-error";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-entries-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const regions = { "eu-west-1": {}, "us-east-1": {}, "cn-north-1": {} };

const caches = { ci: { images: ["alpine:3.22"], architectures: { x86_64: {} } } };

/** Settings with a configuration of these entries; undefined: without a file. */
function settingsOf(entries: object | undefined, options: object = {}, environment: Record<string, string> = {}) {
  const file = join(folder, entries === undefined ? "none.yaml" : "docker-cache.yaml");
  if (entries !== undefined) writeFileSync(file, JSON.stringify({ regions, caches, ci_images: entries }));
  const before = process.env.DOCKER_CACHE_CONFIG;
  process.env.DOCKER_CACHE_CONFIG = file;
  try {
    return imageSettings(options, { DOCKER_CACHE_CONFIG: file, ...environment });
  } finally {
    if (before === undefined) delete process.env.DOCKER_CACHE_CONFIG;
    else process.env.DOCKER_CACHE_CONFIG = before;
  }
}

const APP = { app: { repository: "team/app", max_age_days: 3, regions: ["eu-west-1"] } };

test("the only entry in its only region", () => {
  expect(settingsOf(APP)).toEqual({
    job_set_repository: "team/app",
    job_set_max_age_days: "3",
    job_set_region: "eu-west-1",
    job_set_registry: undefined,
  });
});

test("the region of the option, else of the environment; one that it is not in only matters if there is a choice", () => {
  const two = { app: { regions: ["eu-west-1", "us-east-1"] } };
  const region = (...args: Parameters<typeof settingsOf>) => settingsOf(...args).job_set_region;
  expect(region(two, { region: "us-east-1" }, { AWS_REGION: "eu-west-1" })).toBe("us-east-1");
  expect(region(two, {}, { AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "eu-west-1" })).toBe("us-east-1");
  expect(region(two, {}, { AWS_DEFAULT_REGION: "us-east-1" })).toBe("us-east-1");
  expect(region(APP, {}, { AWS_REGION: "us-east-1" })).toBe("eu-west-1");
});

test("an account that is named is the host of its registry, in every partition", () => {
  const host = (region: string) => settingsOf({ app: {} }, { region, accountId: "123456789012" }).job_set_registry;
  expect(host("eu-west-1")).toBe("123456789012.dkr.ecr.eu-west-1.amazonaws.com");
  expect(host("cn-north-1")).toBe("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn");
});

test("without a file, without entries, or with a repository that is named: nothing but the region", () => {
  const nothing = { job_set_repository: undefined, job_set_max_age_days: undefined, job_set_registry: undefined };
  expect(settingsOf(undefined)).toEqual({ ...nothing, job_set_region: undefined });
  expect(settingsOf({}, { region: "eu-west-1" })).toEqual({ ...nothing, job_set_region: "eu-west-1" });
  const two = { a: {}, b: {} };
  for (const elsewhere of [{ ecrName: "mine" }, { registryProvider: "gcr" }, { fromEnvironment: true }]) {
    expect(settingsOf(two, elsewhere)).toEqual({ ...nothing, job_set_region: undefined });
    expect(settingsOf(two, { ...elsewhere, entry: "a" }, { AWS_REGION: "eu-west-1" })).toMatchObject({
      job_set_repository: "build-cache/a",
    });
  }
});

test.each<[string, object | undefined, object, Record<string, string>, RegExp]>([
  ["several entries", { a: {}, b: {} }, {}, {}, /several entries, say which: --entry, of a, b/],
  ["an entry that is not there", APP, { entry: "b" }, {}, /no entry b; it has app/],
  ["an entry without a section", undefined, { entry: "b" }, {}, /write "ci_images: \{ b: \{\} \}" into/],
  ["several regions", { a: {} }, {}, {}, /several regions, say which: --region, of cn-north-1, eu-west-1, us-east-1/],
  ["a region that it is not in", APP, { region: "us-east-1" }, {}, /app is not in us-east-1; it is in eu-west-1/],
  ["the environment's region", { a: {} }, {}, { AWS_REGION: "eu-north-1" }, /a is not in eu-north-1/],
  ["an account without a region", undefined, { accountId: "123456789012" }, {}, /--account-id needs --region/],
  ["an account that is none", APP, { accountId: "1" }, {}, /expected the 12 digits/],
])("%s is a mistake", (_, entries, options, environment, message) => {
  const call = () => settingsOf(entries, options, environment);
  expect(call).toThrow(UsageError);
  expect(call).toThrow(message);
});

test("options are handed on in one word each, lists in their order", () => {
  expect(
    argumentsOf({
      cacheOn: ["b", "-a"],
      strict: true,
      target: "",
      dryRun: true,
      fromEnvironment: true,
      region: "x",
      entry: "y",
    }),
  ).toEqual(["--dry-run", "--from-environment", "--cache-on=b", "--cache-on=-a", "--target=", "--strict=true"]);
});
