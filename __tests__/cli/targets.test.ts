/** What a command is about, with a companion that may stand in a configuration without caches. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selectTargets, titleOf } from "../../cli/targets";
import { UsageError } from "../../cli/usage-error";

jest.mock("../../lib/config/companions/all", () => ({
  COMPANIONS: [jest.requireActual("../fixtures/sample-cache/sample-cache").sampleCache],
}));

const CI = { ci: { images: ["python:3.12-slim"], architectures: { x86_64: {} } } };
const former = process.env.DOCKER_CACHE_CONFIG;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-targets-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  if (former === undefined) delete process.env.DOCKER_CACHE_CONFIG;
  else process.env.DOCKER_CACHE_CONFIG = former;
});

function configure(caches: object): void {
  const file = join(folder, "docker-cache.yaml");
  writeFileSync(file, JSON.stringify({ regions: { "eu-west-1": {} }, caches, sample_cache: { a: {} } }));
  process.env.DOCKER_CACHE_CONFIG = file;
}

test("caches are targets, companions are none", async () => {
  configure(CI);
  expect((await selectTargets({})).map(titleOf)).toEqual(["eu-west-1 ci/x86_64"]);
});

test("options that select nothing: the mistake names what there is", async () => {
  configure(CI);
  const error = new UsageError("the configuration has nothing for these options; it has eu-west-1 ci/x86_64");
  await expect(selectTargets({ cache: "ml" })).rejects.toThrow(error);
});

test.each([{}, { cache: "ci" }])("a configuration of companions alone has no cache: %j", async (options) => {
  configure({});
  const found = await selectTargets(options).catch((error: unknown) => error);
  expect(found).toBeInstanceOf(UsageError);
  expect((found as Error).message).toBe(
    "the configuration has no cache; for one that is deployed without it, give --name and --region",
  );
});
