/** A map of caches by the module of a cache: one that builds, and one that copies. Applied, planned again, destroyed. */
import type { EmulatedAws } from "../../lab/aws/server/start";
import { removeScratch, terraform } from "../scripts/emit/terraform-run";
import { rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(600_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

const CACHES = {
  ci: { images: ["python:3.12-slim"], build: { at: ["04:00", "16:00"] } },
  ml: { copy_from: "us-east-1", worker: { volume: { size_gib: 400 } } },
};

const each = (attribute: string) => `\${lookup(each.value, "${attribute}", null)}`;

const ROOT = {
  provider: { aws: { region: "eu-west-1" } },
  locals: { caches: CACHES },
  module: {
    cache: {
      source: "./modules/cache",
      for_each: "${local.caches}",
      name: "${each.key}",
      ...Object.fromEntries(["images", "build", "copy_from", "worker"].map((name) => [name, each(name)])),
    },
  },
  output: {
    templates: { value: "${{ for name, cache in module.cache : name => cache.worker.launch_template_id }}" },
    volumes: { value: "${{ for name, cache in module.cache : name => try(cache.builder.cache_volume_id, null) }}" },
  },
};

test("each cache is made in one go, and stays as it is", async () => {
  const folder = rootWithModules(ROOT);
  await terraform(folder, ["init", "-input=false"], aws);
  await terraform(folder, ["apply", "-input=false", "-auto-approve"], aws);
  const told = JSON.parse(await terraform(folder, ["output", "-json"], aws));
  const template = expect.stringMatching(/^lt-/);
  const volume = expect.stringMatching(/^vol-/);
  expect(told.templates.value).toEqual({ ci: template, ml: template });
  expect(told.volumes.value).toEqual({ ci: volume, ml: null });
  expect(await terraform(folder, ["plan", "-input=false"], aws)).toContain("No changes.");
  await terraform(folder, ["destroy", "-input=false", "-auto-approve"], aws);
});
