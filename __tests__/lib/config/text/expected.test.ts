import { z } from "zod";
import { configSchema } from "../../../../lib/config/schema/schema";
import { bare, describeExpected, knownKeys, schemaAt } from "../../../../lib/config/text/expected";

test.each<[(string | number)[], string]>([
  [["project"], "1 to 32 lower-case letters, digits and hyphens, beginning with a letter"],
  [["regions", "x", "copy_from"], "an AWS region such as eu-west-1, or null"],
  [["regions", "x", "fast_restore_zones"], "a list of 0 to 6, each an availability zone such as eu-west-1a"],
  [["caches", "x", "volume", "size_gib"], "a whole number from 4 to 65536"],
  [["caches", "x", "volume", "type"], "one of gp3, gp2, io2, io1"],
  [["caches", "x", "images", 0], "an image reference such as python:3.12-slim, at most 1024 characters, or a map"],
  [["caches", "x", "images", 0, "optional"], "true or false"],
  [["caches", "x", "registries"], "a list, each a map"],
  [["state"], "a map"],
  [["state", "backend"], "one of local, s3"],
  [["tags"], "a map"],
])("what is expected at %j: %s", (path, text) => {
  expect(describeExpected(schemaAt(path)!)).toBe(text);
});

test.each<[z.ZodType, string]>([
  [z.int().min(1).max(5), "a whole number from 1 to 5"],
  [z.int().max(5), "a whole number, at most 5"],
  [z.int().positive(), "a whole number, greater than 0"],
  [z.number().int().negative(), "a whole number, less than 0"],
  [z.int(), "a whole number"],
  [z.number(), "a number"],
  [z.number().min(0.5).max(2), "a number from 0.5 to 2"],
  [z.number().positive(), "a number, greater than 0"],
  [z.number().nonnegative().nullable(), "a number, at least 0, or null"],
  [z.number().gt(0).max(1), "a number, greater than 0, at most 1"],
  [z.number().min(0).lt(1).default(0), "a number, at least 0, less than 1"],
  [z.array(z.number().gt(0).lt(1)), "a list, each a number, greater than 0, less than 1"],
])("%#: a number in words", (field, text) => {
  expect(describeExpected(field)).toBe(text);
});

test("knows nothing where the schema ends", () => {
  expect(schemaAt(["projekt"])).toBeUndefined();
  expect(schemaAt(["project", "x"])).toBeUndefined();
  expect(schemaAt(["projekt", "x", "y"])).toBeUndefined();
});

test("knows the keys of a map", () => {
  expect(knownKeys(["caches", "x", "regions", "y", "proxy"])).toEqual(["http", "https", "no"]);
  expect(knownKeys(["caches", "x", "images", 0])).toEqual(["reference", "optional", "warm", "smoke"]);
  expect(knownKeys(["state"])).toEqual(["backend", "bucket", "region", "key_prefix", "kms_key_arn"]);
  expect(knownKeys(["tags"])).toEqual([]);
  expect(knownKeys(["nowhere"])).toEqual([]);
});

/** Every field, by its path; `*` for a key or an index of the user's. */
function fields(field: z.ZodType, path: string): [string, z.ZodType][] {
  const inner = bare(field);
  const below = (): [string, z.ZodType][] => {
    if (inner instanceof z.ZodObject)
      return Object.entries(inner.shape).flatMap(([key, part]) => fields(part as z.ZodType, `${path}.${key}`));
    if (inner instanceof z.ZodUnion) return inner.options.flatMap((part) => fields(part as z.ZodType, path));
    if (inner instanceof z.ZodRecord) return fields(inner.valueType as z.ZodType, `${path}.*`);
    return inner instanceof z.ZodArray ? fields(inner.element as z.ZodType, `${path}.*`) : [];
  };
  return [[path, field], ...below()];
}

describe("every field of the schema", () => {
  const all = fields(configSchema, "");
  const named = all.filter(([path]) => path !== "" && !path.endsWith("*"));

  test("is there", () => {
    expect(all.length).toBeGreaterThan(100);
  });

  test.each(named)("%s has a meaning", (_, field) => {
    if (!(field instanceof z.ZodObject && field.shape.backend)) expect(field.description).toMatch(/[.)]$/);
  });

  test.each(all)("%s says what it expects", (_, field) => {
    expect(describeExpected(field)).not.toMatch(/Invalid|undefined|NaN|\[object/);
  });

  test.each(all)("%s has bounds, and patterns that Terraform reads too", (_, field) => {
    const text = JSON.stringify(z.toJSONSchema(bare(field), { io: "input" }));
    expect(text).not.toMatch(/9007199254740991/);
    for (const [, pattern] of text.matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g))
      expect(pattern).not.toMatch(/\(\?[=!<]|\\\\[1-9]/);
  });
});
