/** The emitted HCL means what the constructs' JSON means, in every way a module is called: equal plans, by Terraform itself. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../lab/aws/server/start";
import { CACHE_INPUTS } from "../../lib/config/cache-inputs";
import { MODULE_INPUTS } from "../../lib/config/inputs";
import { createModules } from "../../scripts/emit/modules";
import { sameMeaning } from "../scripts/emit/same-meaning";
import { planOf, removeScratch } from "../scripts/emit/terraform-run";
import { EVERYTHING, everyCall, MODULES } from "./calls";
import { rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(1_800_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

const INPUTS = { ...MODULE_INPUTS, cache: CACHE_INPUTS };

test.each(MODULES)("the calls with everything give every variable of %s", (noun) => {
  expect(Object.keys(EVERYTHING[noun]).sort()).toEqual(INPUTS[noun].map(({ name }) => name).sort());
});

test("HCL and JSON plan the same", async () => {
  const hcl = rootWithModules(everyCall());
  const json = rootWithModules(everyCall());
  for (const [noun, module] of Object.entries(await createModules())) {
    const folder = join(json, "modules", noun);
    for (const file of readdirSync(folder)) if (file.endsWith(".tf")) rmSync(join(folder, file));
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify(module.toTerraform(), null, 2));
  }
  const plan = async (folder: string) => sameMeaning(await planOf(folder, aws));
  const [ofHcl, ofJson] = [await plan(hcl), await plan(json)];
  expect(ofHcl).toEqual(ofJson);
  const addresses = (ofHcl as { resource_changes: { address: string }[] }).resource_changes.map(
    ({ address }) => address,
  );
  expect(addresses.length).toBeGreaterThan(300);
  for (const noun of MODULES) expect(addresses.join()).toContain(`module.${noun}_created.`);
});
