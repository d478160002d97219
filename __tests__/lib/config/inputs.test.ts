import type { z } from "zod";
import { CACHE_INPUTS, inputNames, pathInCache } from "../../../lib/config/cache-inputs";
import type { Companion } from "../../../lib/config/companion";
import { companionInputs, MODULE_INPUTS } from "../../../lib/config/inputs";
import { configSchema } from "../../../lib/config/schema/schema";
import { bare } from "../../../lib/config/text/expected";
import { sampleCache } from "../../fixtures/sample-cache/sample-cache";

const nouns = Object.entries(MODULE_INPUTS);
const all = nouns.flatMap(([noun, inputs]) => inputs.map((input) => [`${noun} ${input.name}`, input] as const));

test("names are a contract: adding one is a feature, changing one breaks consumers", () => {
  expect(Object.fromEntries(nouns.map(([noun, inputs]) => [noun, inputs.map(({ name }) => name)]))).toEqual({
    builder: [
      ...["name", "architecture", "tags", "permissions_boundary_arn", "role_path", "kms_key_arn", "log_retention_days"],
      ...["images", "image_store", "instance_type", "image_id", "root_device_name", "root_volume_size_gib"],
      ...["subnet_id", "associate_public_ip_address", "security_group_ids", "proxy"],
      ...["create_security_group", "create_role", "instance_profile_name", "role_arn", "volume", "build"],
      ...["copy_to", "copy_retention_days", "registries", "pull_through"],
    ],
    rotation: [
      ...["name", "architecture", "tags", "permissions_boundary_arn", "role_path", "kms_key_arn", "log_retention_days"],
      ...["image_store", "copy_from", "cadence_hours", "copy_retention_days", "retention", "reconcile_minutes"],
      ...["alarms", "reserved_concurrency", "lambda_runtime", "copy_proof", "max_engine", "wake", "fast_restore_zones"],
      ...["watchdog_minutes", "notifications"],
    ],
    worker: [
      ...["name", "architecture", "tags", "permissions_boundary_arn", "role_path", "kms_key_arn"],
      ...["image_store", "instance_type", "image_id", "root_device_name", "root_volume_size_gib"],
      ...["subnet_id", "associate_public_ip_address", "security_group_ids", "proxy"],
      ...["create_launch_template", "create_security_group", "create_role"],
      ...["initialization_rate_mibps", "hydrate", "hydrate_rate_mibps", "start", "timeout_seconds", "min_free_gib"],
      ...["volume", "metadata_hop_limit", "instance_profile_name", "policy_arns", "script", "read_pointer"],
    ],
  });
});

test("only a name, and a builder's images, must be given", () => {
  const needed = all.filter(([, { field }]) => !field.safeParse(undefined).success).map(([name]) => name);
  expect(needed).toEqual(["builder name", "builder images", "rotation name", "worker name"]);
});

test.each(all)("%s says what it means", (_, { description }) => {
  expect(description).toMatch(/\.$|\.\n/);
  expect(description).not.toMatch(/undefined|\[object/);
});

test("an object's description has a line for each attribute, and null for each architecture says what stands for it", () => {
  const of = (noun: keyof typeof MODULE_INPUTS, name: string) =>
    MODULE_INPUTS[noun].find((input) => input.name === name)!.description;
  expect(of("builder", "volume").split("\n").slice(0, 2)).toEqual([
    "The cache volume.",
    expect.stringMatching(/^`size_gib` \(number, default 100\): Size in GiB\./),
  ]);
  expect(of("worker", "instance_type")).toMatch(/null: m6i\.large for x86_64, m6g\.large for arm64\.$/);
});

test("defaults are those of the configuration", () => {
  const defaults = configSchema.parse({ regions: { "eu-west-1": {} }, caches: { ci: { images: ["a"] } } }).caches.ci!;
  const parsed = (noun: keyof typeof MODULE_INPUTS, name: string) =>
    MODULE_INPUTS[noun].find((input) => input.name === name)!.field.parse(undefined);
  expect(parsed("builder", "volume")).toEqual(defaults.volume);
  expect(parsed("builder", "build")).toEqual(defaults.build);
  expect(parsed("rotation", "retention")).toEqual({ ...defaults.retention, copy_retention_days: undefined });
  expect(parsed("worker", "volume")).toEqual({ ...defaults.worker.volume, size_gib: defaults.volume.size_gib + 50 });
  // A module says `warmth` with the rate alone, and sees no launches but its own.
  const without = ["volume", "warmth", "max_simultaneous_launches", "pull_through_access"];
  for (const [key, value] of Object.entries(defaults.worker))
    if (!without.includes(key)) expect(parsed("worker", key)).toEqual(value);
});

test("every field of a cache is a variable of some module, or of none for a reason", () => {
  const names = new Set(all.map(([, { name }]) => name));
  const cache = bare((bare(configSchema.shape.caches) as z.ZodRecord).valueType as z.ZodType) as z.ZodObject;
  const missing = Object.keys(cache.shape).filter((key) => !names.has(key));
  // Images of CI are lines of `images` to a module; architectures and regions are module calls; rotation and worker are flat in their own modules.
  expect(missing).toEqual(["images_from", "architectures", "rotation", "worker", "regions"]);
});

test("a companion's module has its name, what every noun has, and the entry's fields", () => {
  const names = (companion: Companion) => companionInputs(companion).map(({ name }) => name);
  const owned = ["name", "tags", "permissions_boundary_arn", "role_path", "kms_key_arn"];
  const fields = ["expire_after_days", "repository", "prefix", "rules", "limits"];
  expect(names(sampleCache)).toEqual([...owned, "log_retention_days", ...fields, "notifications"]);
  expect(names({ ...sampleCache, logs: false, alarms: false })).toEqual([...owned, ...fields]);
  expect(names({ ...sampleCache, entries: "single" })[0]).toBe("tags");
});

describe("the module of a cache", () => {
  const fields = Object.fromEntries(CACHE_INPUTS.map(({ name, field }) => [name, field]));
  const has = (path: string) => {
    const [name, ...attributes] = path.split(".");
    const at = (field: z.ZodType | undefined, attribute: string) =>
      field && ((bare(field) as Partial<z.ZodObject>).shape?.[attribute] as z.ZodType | undefined);
    return attributes.reduce(at, fields[name!]) !== undefined;
  };

  test("has a place for every variable of the nouns, and none of them twice", () => {
    const paths = nouns.flatMap(([noun]) => {
      const called = noun as keyof typeof MODULE_INPUTS;
      return inputNames(called).map((name) => pathInCache(called, name));
    });
    expect(paths.filter((path) => !has(path))).toEqual([]);
    const attributes = Object.entries(fields).flatMap(([name, field]) =>
      ["builder", "rotation", "worker"].includes(name)
        ? Object.keys((bare(field) as z.ZodObject).shape).map((attribute) => `${name}.${attribute}`)
        : [name],
    );
    const inGroups = ["build", "retention"];
    expect(attributes.filter((path) => !paths.includes(path) && !inGroups.includes(path))).toEqual(["create_worker"]);
  });

  test("calls its variables as the configuration does", () => {
    const cache = bare((bare(configSchema.shape.caches) as z.ZodRecord).valueType as z.ZodType) as z.ZodObject;
    const regional = bare((bare(configSchema.shape.regions) as z.ZodRecord).valueType as z.ZodType) as z.ZodObject;
    const ofConfiguration = [...Object.keys(cache.shape), ...Object.keys(regional.shape), "tags"];
    const others = Object.keys(fields).filter((name) => !ofConfiguration.includes(name));
    // A call is for one cache, one architecture and one region.
    expect(others).toEqual(["name", "architecture", "copy_to", "create_worker"]);
  });

  test("an attribute of an attribute is described by its path", () => {
    const { description } = CACHE_INPUTS.find(({ name }) => name === "worker")!;
    expect(description).toMatch(/^`volume\.size_gib` \(number, default null\): Size in GiB/m);
  });
});
