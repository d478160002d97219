/** Writes the Terraform JSON of all modules into one file: `tsx scripts/compat/print-modules.ts FILE`. */
import { writeFileSync } from "node:fs";
import { MODULES } from "../emit/modules";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: print-modules.ts FILE");
const modules = Object.entries(MODULES).map(([noun, create]) => [noun, create().toTerraform()]);
writeFileSync(file, JSON.stringify(Object.fromEntries(modules)));
