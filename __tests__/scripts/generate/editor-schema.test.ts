import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { EDITOR_SCHEMA, renderEditorSchema } from "../../../scripts/generate/editor-schema";
import { configurations } from "../../lib/config/arbitrary";

const json = JSON.parse(renderEditorSchema());
const schema = z.fromJSONSchema(json);

test("docker-cache.yaml names it in its first line, and fits it", () => {
  const text = readFileSync("docker-cache.yaml", "utf8");
  expect(text.split("\n")[0]).toBe(`# yaml-language-server: $schema=./${EDITOR_SCHEMA}`);
  expect(schema.safeParse(parse(text)).success).toBe(true);
});

test("takes any valid configuration", () => {
  fc.assert(
    fc.property(configurations, (data) => {
      expect(schema.safeParse(data).error?.issues ?? []).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["an unknown key", { projekt: "x" }],
  ["a bad name", { project: "A" }],
  ["a bad region", { regions: { nowhere: {} } }],
  ["an unknown key far down", { caches: { ci: { images: ["a"], worker: { volume: { sise_gib: 1 } } } } }],
  ["a number out of bounds", { caches: { ci: { images: ["a"], volume: { size_gib: 1 } } } }],
  ["images that are no list", { caches: { ci: { images: "a" } } }],
])("refuses %s", (_, fault) => {
  const data = { regions: { "eu-west-1": {} }, caches: { ci: { images: ["a"] } } };
  expect(schema.safeParse(data).success).toBe(true);
  expect(schema.safeParse({ ...data, ...fault }).success).toBe(false);
});

test("explains every key", () => {
  const unexplained: string[] = [];
  const visit = (at: Record<string, unknown>, path: string) => {
    for (const [key, value] of Object.entries(at)) {
      if (typeof value !== "object" || value === null) continue;
      const part = value as Record<string, unknown>;
      const isKey = path.endsWith(".properties");
      if (isKey && part.description === undefined) unexplained.push(`${path}.${key}`);
      visit(part, `${path}.${key}`);
    }
  };
  visit(json, "");
  expect(unexplained).toEqual([]);
});
