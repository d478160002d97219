/** What the script `buildx` is told: settings of an entry and its region, and the options of the command. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argumentsOf } from "../../../cli/buildx/arguments";
import { buildxSettings } from "../../../cli/buildx/settings";
import { UsageError } from "../../../cli/usage-error";
import { BUILDX_OPTIONS } from "../../../lib/job/buildx-options";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-buildx-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const regions = { "eu-west-1": {}, "us-east-1": {} };

/** Settings with a configuration of these sections; undefined: without a file. */
function settingsOf(sections: object | undefined, options: object = {}, environment: Record<string, string> = {}) {
  const file = join(folder, sections === undefined ? "none.yaml" : "docker-cache.yaml");
  if (sections !== undefined) writeFileSync(file, JSON.stringify({ regions, ...sections }));
  const before = process.env.DOCKER_CACHE_CONFIG;
  process.env.DOCKER_CACHE_CONFIG = file;
  try {
    return buildxSettings(options, { DOCKER_CACHE_CONFIG: file, ...environment });
  } finally {
    if (before === undefined) delete process.env.DOCKER_CACHE_CONFIG;
    else process.env.DOCKER_CACHE_CONFIG = before;
  }
}

const HERE = { regions: ["eu-west-1"] };

test("an entry with nothing of its own", () => {
  expect(settingsOf({ layer_cache: { ci: HERE } })).toEqual({
    job_set_entry: "ci",
    job_set_region: "eu-west-1",
    job_set_backend: "s3",
    job_set_bucket: undefined,
    job_set_account: undefined,
    job_set_protected: "main",
    job_set_builder: "docker-cache",
    job_set_image: "moby/buildkit:buildx-stable-1",
    job_set_keep_gib: "20",
    job_set_mirrors: "",
  });
});

test("an entry with all of its own, an account, and the region's pull-through", () => {
  const entry = {
    ...HERE,
    bucket: "layers",
    protected_branches: ["main", "release/*"],
    builder: { name: "layers", image: "example.org/buildkit:1", keep_gib: 5 },
  };
  const rules = { "docker-hub": { upstream: "docker.io", secret_name: "ecr-pullthroughcache/docker-hub" } };
  expect(
    settingsOf({ layer_cache: { ci: entry }, pull_through: { rules } }, { accountId: "123456789012" }),
  ).toMatchObject({
    job_set_bucket: "layers",
    job_set_account: "123456789012",
    job_set_protected: "main\nrelease/*",
    job_set_builder: "layers",
    job_set_image: "example.org/buildkit:1",
    job_set_keep_gib: "5",
    job_set_mirrors: "docker.io docker-hub\npublic.ecr.aws ecr-public",
  });
});

test("official images of Docker Hub have a mirror without a rule for it; another region's pull-through has none here", () => {
  const mirrors = (where: string) =>
    settingsOf({ layer_cache: { ci: HERE }, pull_through: { regions: [where] } }).job_set_mirrors;
  expect(mirrors("eu-west-1")).toBe("docker.io/library ecr-public/docker/library\npublic.ecr.aws ecr-public");
  expect(mirrors("us-east-1")).toBe("");
});

test("the region of the option, else of the environment", () => {
  const region = (...more: [object?, Record<string, string>?]) =>
    settingsOf({ layer_cache: { ci: {} } }, ...more).job_set_region;
  expect(region({ region: "us-east-1" }, { AWS_REGION: "eu-west-1" })).toBe("us-east-1");
  expect(region({}, { AWS_REGION: "us-east-1" })).toBe("us-east-1");
});

test.each<[string, object | undefined, object, RegExp]>([
  ["no file", undefined, {}, /no section layer_cache: write "layer_cache: \{ ci: \{\} \}" into .*none.yaml/],
  ["no section", { pull_through: {} }, { entry: "x" }, /write "layer_cache: \{ x: \{\} \}" into/],
  ["several entries", { layer_cache: { a: HERE, b: HERE } }, {}, /several entries, say which: --entry, of a, b/],
  ["an entry that is not there", { layer_cache: { a: HERE } }, { entry: "b" }, /no entry b; it has a/],
  ["a region that it is not in", { layer_cache: { a: HERE } }, { region: "us-east-1" }, /a is not in us-east-1/],
  ["several regions", { layer_cache: { a: {} } }, {}, /several regions, say which: --region, of eu-west-1, us-east-1/],
  ["an account that is none", { layer_cache: { a: HERE } }, { accountId: "1" }, /expected the 12 digits/],
])("%s is a mistake", (_, sections, options, message) => {
  const call = () => settingsOf(sections, options);
  expect(call).toThrow(UsageError);
  expect(call).toThrow(message);
});

test("each option that is no setting is handed on in one word", () => {
  const given = { app: "-x", branch: "a b", mode: "min", readOnly: true, invalidate: "1=2", print: true, plain: true };
  const words = argumentsOf({ ...given, region: "eu-west-1", accountId: "123456789012", entry: "ci" });
  expect(words).toEqual([
    "--app=-x",
    "--branch=a b",
    "--mode=min",
    "--read-only",
    "--invalidate=1=2",
    "--print",
    "--plain",
  ]);
  expect(words).toHaveLength(BUILDX_OPTIONS.length - 2);
});

test("none is handed on that is not given; an option without its value has none, and a dry run prints", () => {
  expect(argumentsOf({})).toEqual([]);
  expect(argumentsOf({ invalidate: true, dryRun: true })).toEqual(["--invalidate", "--print"]);
  expect(argumentsOf({ invalidate: "" })).toEqual(["--invalidate="]);
});
