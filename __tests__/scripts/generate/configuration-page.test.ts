import { z } from "zod";
import { configSchema } from "../../../lib/config/schema/schema";
import { bare } from "../../../lib/config/text/expected";
import { renderConfigurationPage } from "../../../scripts/generate/configuration-page";

const page = renderConfigurationPage();

/** Names of all keys, at any depth. */
function keys(field: z.ZodType): string[] {
  const inner = bare(field);
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([key, part]) => [key, ...keys(part as z.ZodType)]);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((part) => keys(part as z.ZodType));
  if (inner instanceof z.ZodRecord) return keys(inner.valueType as z.ZodType);
  return inner instanceof z.ZodArray ? keys(inner.element as z.ZodType) : [];
}

test("has every key", () => {
  const rows = new Set([...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, key]) => key));
  const missing = new Set(keys(configSchema).filter((key) => !rows.has(key)));
  // The keys of `architectures` are in the titles of its sections.
  expect([...missing].sort()).toEqual(["arm64", "x86_64"]);
});

test.each([
  "| `project` | `docker-cache` | 1 to 32 lower-case letters, digits and hyphens, beginning with a letter | First part",
  "| `backend` | must be given | one of local, s3 |",
  '| `at` | `["02:00"]` | a list of 0 to 24, each a time of day',
  "| `instance_type` | x86_64: `m6i.xlarge`<br>arm64: `m6g.xlarge` |",
  "| `architectures` | `{x86_64: {}}` |",
  "| `registries` | not given | a list of maps, below | In place of",
  "| `registries` | `[]` | a list of maps, below |",
  "| `kms_key_arn` | `null` |",
])("says %s", (row) => {
  expect(page).toContain(row);
});

test("is Markdown whose tables hold together", () => {
  const [traps, ...sections] = page.split(/^## /m).slice(1);
  const columns = (text: string) =>
    new Set([...text.matchAll(/^\|.*$/gm)].map(([row]) => row.match(/(?<!\\)\|/g)!.length - 1));
  expect(columns(traps!)).toEqual(new Set([2]));
  for (const section of sections) expect(columns(section)).toEqual(new Set([4]));
  expect(page).not.toMatch(/undefined|\[object|\n\n\n/);
});
