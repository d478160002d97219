/** Settings that the pages name exist, and defaults that they state are the schema's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { codeSpans, pages } from "./pages";

interface Schema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Every setting by its dotted path, with its default. */
function settingsIn(schema: Schema, path = ""): [string, unknown][] {
  const { properties = {}, additionalProperties: entries, items, anyOf = [], oneOf = [] } = schema;
  return [
    ...Object.entries(properties).flatMap(([key, value]): [string, unknown][] => [
      [`${path}.${key}`, value.default],
      ...settingsIn(value, `${path}.${key}`),
    ]),
    ...(typeof entries === "object" ? settingsIn(entries, path) : []),
    ...(items ? settingsIn(items, path) : []),
    ...[...anyOf, ...oneOf].flatMap((part) => settingsIn(part, path)),
  ];
}

const settings = settingsIn(JSON.parse(readFileSync(join(ROOT, "docker-cache.schema.json"), "utf8")) as Schema);
const find = (name: string) => settings.filter(([path]) => path.endsWith(`.${name}`));

const PAGES = ["README.md", "docs/operations.md", "docs/security.md", "docs/cost.md"];
const texts = pages().filter((page) => PAGES.includes(page.path));

/** Words of others that look like settings. */
const NOT_SETTINGS = ["ecr.api", "ecr.dkr"];

test("the schema is read", () => {
  expect(settings.length).toBeGreaterThan(60);
  expect(find("volume.generation")).not.toEqual([]);
});

test.each(texts.map((page) => [page.path, page.text] as const))("%s names settings that exist", (_, text) => {
  const prose = text.replaceAll(/<!-- generated[\s\S]*?<!-- end/g, "");
  const named = codeSpans(prose)
    .map((span) => span.replace(/: .*$/, ""))
    .filter((span) => /^[a-z]+(?:[._][a-z0-9]+)+$/.test(span) && !/\.(?:json|md|toml|ts|yaml)$/.test(span));
  expect(named.filter((span) => find(span).length === 0 && !NOT_SETTINGS.includes(span))).toEqual([]);
});

const stated = texts.flatMap(({ path, text }) =>
  [...text.matchAll(/`([a-z_.]+)` \((?:default )?(\d+)\)/g)].map(
    (match) => [path, match[1] ?? "", match[2] ?? ""] as const,
  ),
);

test("defaults are stated", () => {
  expect(stated.length).toBeGreaterThan(4);
});

test.each(stated)("%s: %s is %s by default", (_, name, value) => {
  expect(find(name).map(([, given]) => String(given))).toContain(value);
});
