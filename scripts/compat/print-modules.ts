/** Writes the Terraform JSON of all modules into one file: `tsx scripts/compat/print-modules.ts FILE`. */
import { writeFileSync } from "node:fs";
import { createModules } from "../emit/modules";

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error("usage: print-modules.ts FILE");
  const modules = Object.entries(await createModules()).map(([noun, module]) => [noun, module.toTerraform()]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(modules)));
}

void main(process.argv[2]);
