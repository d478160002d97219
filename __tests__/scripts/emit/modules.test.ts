import { createModules } from "../../../scripts/emit/modules";
import { companionNoun } from "../../../stacks/faces/noun";
import { NOUNS } from "../../../stacks/nouns";
import { sampleCache } from "../../fixtures/sample-cache/sample-cache";
import { createSampleCacheModule } from "../../fixtures/sample-cache/sample-cache-module";
import { SampleCacheStack } from "../../fixtures/sample-cache/sample-cache-stack";

test("one more noun has one more module, by its name", async () => {
  const sample = companionNoun(sampleCache, { Stack: SampleCacheStack, createModule: createSampleCacheModule });
  const modules = await createModules([...NOUNS, sample]);
  expect(Object.keys(modules)).toEqual([...NOUNS.map(({ name }) => name), "sample-cache"]);
  expect(modules["sample-cache"]!.toTerraform()).toMatchObject({ output: { role_arn: {} } });
}, 60_000);
