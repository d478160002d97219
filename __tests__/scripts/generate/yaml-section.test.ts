/** Every line of the page's table on YAML, tried. */
import { parseConfig } from "../../../lib/config/load";
import { renderTraps, TRAPS } from "../../../scripts/generate/yaml-section";

const BASE = "regions: {eu-west-1: {}}\n";
const cache = (line: string) => `${BASE}caches:\n  ci:\n    images: [a]\n    ${line}\n`;
const image = (entry: string) => `${BASE}caches:\n  ci:\n    images:\n      - ${entry}\n`;

/** A text with the trap, and its one problem (what is found, and the fix), or undefined if there is none. */
const TRIED: Record<string, readonly [text: string, problem: RegExp | undefined][]> = {
  "optional: no": [
    [image("{reference: a, optional: no}"), /"no" .*write false/],
    [image("{reference: a, optional: on}"), /"on" .*write true/],
  ],
  "- python: 3.10": [[image("python: 3.10"), /unknown key python .*blank after its colon/]],
  "reference: 3.10": [[image("{reference: 3.10}"), /3\.10, which YAML reads as 3\.1 .*"3\.10"/]],
  "generation: 1e3": ["1e3", "0x1f", "0o14", ".inf", "014"].map((number) => [
    cache(`volume: {generation: ${number}}`),
    new RegExp(`${number.replace(".", "\\.")}, which YAML reads as`),
  ]),
  "cost_center: 0042": [[`tags: {cost_center: 0042}\n${cache("")}`, /0042, which YAML .*"0042"/]],
  "at: [03:00]": [
    [cache("build: {at: [03:00]}"), undefined],
    [cache("build: {at: [3:00]}"), /"3:00" .*write "03:00"/],
  ],
  "no: example.com": [[`${BASE.replace("{}", "{proxy: {no: example.com}}")}caches: {ci: {images: [a]}}`, undefined]],
  "volume:": [
    [cache("volume:"), /nothing after the key, which is null .*write \{\}/],
    [cache("volume: ~"), /~, which is null .*write \{\}/],
    [cache("volume: {}"), undefined],
  ],
  "a key twice": [[`${cache("")}project: a\nproject: b\n`, /Map keys must be unique .*keep one/]],
  tabs: [[`${BASE}caches:\n\tci: {images: [a]}\n`, /Tabs .*blanks/]],
  "&anchor, *alias, <<": [
    [cache("volume: &v {}"), /anchor &v /],
    [cache("volume: *v"), /alias \*v /],
    [cache("<<: {}"), /merge key << /],
  ],
  "!tag": [
    [cache("role_path: !path /"), /Unresolved tag: !path .*remove the tag/],
    [cache("role_path: !!str /"), undefined],
  ],
  "--- twice": [[`---\n${cache("")}---\n{}\n`, /multiple documents .*one document/]],
  "%YAML 1.1": [[`%YAML 1.1\n---\n${image("{reference: a, optional: no}")}`, /"no" .*write false/]],
};

test("no line is untried", () => {
  expect(Object.keys(TRIED)).toEqual(TRAPS.map(({ written }) => written));
});

describe.each(Object.entries(TRIED))("%s", (_, cases) => {
  test.each(cases)("%j", (text, problem) => {
    const parsed = parseConfig(text, "x.yaml");
    const told = parsed.ok ? [] : parsed.problems.map(({ found, fix }) => `${found} ${fix}`);
    if (problem === undefined) expect(told).toEqual([]);
    else expect(told.some((one) => problem.test(one))).toBe(true);
  });
});

test("the table has a row for each", () => {
  expect(renderTraps().split("\n")).toHaveLength(TRAPS.length + 2);
});
