import { parseYaml } from "../../../../lib/config/text/yaml-document";

const findings = (text: string) => parseYaml(text).findings;

test.each<[string, unknown]>([
  ["a: no", "no"],
  ["a: yes", "yes"],
  ["a: Off", "Off"],
  ["a: 03:00", "03:00"],
  ["a: 3:00", "3:00"],
  ["a: 1_000", "1_000"],
  ["a: 2026-01-01", "2026-01-01"],
  ["a: ~", null],
  ["a: null", null],
  ["a:", null],
  ["a: 3.10", 3.1],
  ["a: -12", -12],
  ["a: 0", 0],
  ["a: true", true],
  ["a: !!str 12", "12"],
  ['a: "1e3"', "1e3"],
  ["%YAML 1.1\n---\na: no", "no"],
])("%j means what YAML 1.2 says", (text, value) => {
  expect(findings(text)).toEqual([]);
  expect(parseYaml(text).value).toEqual({ a: value });
});

test.each(["1e3", "no", "~", "012", "true", "3.10"])("the key %s is text", (key) => {
  expect(parseYaml(`${key}: 1`).value).toEqual({ [key]: 1 });
});

test.each([
  ["1e3", 1000],
  ["0o14", 12],
  ["014", 14],
  ["0x1f", 31],
  [".inf", Number.POSITIVE_INFINITY],
  ["+5", 5],
  ["1.", 1],
  [".5", 0.5],
])("the number %s is a finding, and a value all the same", (source, value) => {
  const yaml = parseYaml(`a: [${source}]`);
  expect(yaml.value).toEqual({ a: [value] });
  expect(yaml.findings).toEqual([
    {
      offset: 4,
      found: `${source}, which YAML reads as the number ${value}`,
      expected: "a number in plain decimal digits, or text in quotes",
      fix: `write ${value} if a number is meant, or "${source}" if text is`,
    },
  ]);
});

test.each([
  ["a: 1\nb: 2\na: 3", 10, "Map keys must be unique", "keep one of the two"],
  ["a: !foo b", 3, "Unresolved tag: !foo", "remove the tag"],
])("%j is a finding, and the rest is read", (text, offset, found, fix) => {
  const yaml = parseYaml(text);
  expect(yaml.value).toBeDefined();
  expect(yaml.findings).toHaveLength(1);
  expect(yaml.findings[0]!.offset).toBe(offset);
  expect(yaml.findings[0]!.found).toContain(found);
  expect(yaml.findings[0]!.fix).toContain(fix);
});

test.each([
  ["a:\n\tb: 1", 3, "Tabs are not allowed as indentation", "indent with blanks"],
  ["a: 1\n---\nb: 2", 5, "Source contains multiple documents", "one document"],
  ["[a]: 1", 0, "all keys must be strings", "one word"],
  ["a: [1, 2\nb: 3", 9, "Flow sequence", "missing quote, bracket, blank or indent"],
  ['a: "x', 5, 'Missing closing "quote', "missing quote"],
  ["a: b: c", 3, "Nested mappings", "missing quote"],
  ["a: @b", 3, "reserved character @", "missing quote"],
  ["a: &x 1", 6, "the anchor &x", "write the value here"],
  ["a: *x", 3, "the alias *x", "write the value here"],
  ["<<: {a: 1}", 0, "the merge key <<", "write the value here"],
])("%j cannot be read", (text, offset, found, fix) => {
  const yaml = parseYaml(text);
  expect(yaml.value).toBeUndefined();
  expect(yaml.findings[0]).toMatchObject({ offset });
  expect(yaml.findings[0]!.found).toContain(found);
  expect(yaml.findings[0]!.found).not.toContain("parseAllDocuments");
  expect(yaml.findings[0]!.fix).toContain(fix);
});

test("aliases of aliases are refused one by one, and nothing is expanded", () => {
  const text = ["a: &a [1]", "b: &b [*a,*a]", "c: &c [*b,*b]", "d: [*c,*c]"].join("\n");
  expect(findings(text).map(({ found }) => found)).toEqual([
    "the anchor &a",
    "the anchor &b",
    "the alias *a",
    "the alias *a",
    "the anchor &c",
    "the alias *b",
    "the alias *b",
    "the alias *c",
    "the alias *c",
  ]);
});
