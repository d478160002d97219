/**
 * `npm run emit:schema`: writes scripts/emit/block-names.json from the providers' schemas. Needed when a module uses a new resource type. Terraform
 * must reach the providers.
 */
import { writeFileSync } from "node:fs";
import type { JsonObject } from "./hcl/expression";
import { createModules } from "./modules";
import { providerSchemas, reduceSchemas } from "./reduce-schema";

async function main(): Promise<void> {
  const modules = Object.values(await createModules()).map((module) => module.toTerraform() as JsonObject);
  const required = modules.map((module) => (module.terraform as JsonObject).required_providers as JsonObject);
  const blocks = reduceSchemas(providerSchemas(Object.assign({}, ...required)), modules);
  writeFileSync("scripts/emit/block-names.json", `${JSON.stringify(blocks, null, 2)}\n`);
}

void main();
