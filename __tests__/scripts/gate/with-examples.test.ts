import { parse } from "yaml";
import { withExamples } from "../../../scripts/gate/with-examples";
import { sampleCache } from "../../fixtures/sample-cache/sample-cache";

const TEXT = "# a comment\nregions: { eu-west-1: {} }";

test("a companion's example is added, below the rest", () => {
  const text = withExamples(TEXT, [sampleCache]);
  expect(text.startsWith(`${TEXT}\n`)).toBe(true);
  expect(parse(text)).toEqual({ regions: { "eu-west-1": {} }, sample_cache: sampleCache.example });
});

test("a section that is there stays as it is", () => {
  const text = `${TEXT}\nsample_cache: { mine: {} }\n`;
  expect(withExamples(text, [sampleCache])).toBe(text);
});

test("without companions, the text stays as it is", () => {
  expect(withExamples(TEXT, [])).toBe(TEXT);
});
