import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createModules } from "../../../scripts/emit/modules";
import { companionNoun } from "../../../stacks/faces/noun";
import { NOUNS } from "../../../stacks/nouns";
import { sampleCache } from "../../fixtures/sample-cache/sample-cache";
import { createSampleCacheModule } from "../../fixtures/sample-cache/sample-cache-module";
import { SampleCacheStack } from "../../fixtures/sample-cache/sample-cache-stack";

test("a module's files have one concern each, and main.tf what is common to them", () => {
  for (const { name } of NOUNS) {
    const folder = join("modules", name);
    const files = readdirSync(folder).filter((file) => file.endsWith(".tf") && file !== "variables.tf");
    const lines = files.map((file) => [file, readFileSync(join(folder, file), "utf8").split("\n").length] as const);
    expect(lines.filter(([file, count]) => count > (file === "main.tf" ? 90 : 500))).toEqual([]);
  }
});

test("one more noun has one more module, by its name", async () => {
  const sample = companionNoun(sampleCache, { Stack: SampleCacheStack, createModule: createSampleCacheModule });
  const modules = await createModules([...NOUNS, sample]);
  expect(Object.keys(modules)).toEqual([...NOUNS.map(({ name }) => name), "sample-cache"]);
  expect(modules["sample-cache"]!.toTerraform()).toMatchObject({ output: { role_arn: {} } });
}, 60_000);
