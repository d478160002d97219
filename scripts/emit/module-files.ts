/** Everything in a module's folder. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModuleStack } from "../../stacks/faces/module-stack";
import { type FileContent, filesOf } from "../../stacks/terraform/files";
import blockNames from "./block-names.json";
import { format } from "./format";
import type { JsonObject } from "./hcl/expression";
import { moduleReadme } from "./module-readme";
import { moduleText, type ProviderBlocks } from "./module-text";

/**
 * Files by path below the module's folder. Beside a module's TypeScript, which becomes its Terraform code, stand what cannot be derived: its
 * README's prose and its tests.
 */
export function moduleFiles(noun: string, stack: ModuleStack): Readonly<Record<string, FileContent>> {
  const source = (extension: string) => readFileSync(join("stacks", noun, `${noun}-module.${extension}`), "utf8");
  const formatted = format({
    ...moduleText(stack, blockNames as ProviderBlocks),
    [`${noun}.tftest.hcl`]: source("tftest.hcl"),
  });
  const { [`${noun}.tftest.hcl`]: tests, ...code } = formatted;
  return {
    ...code,
    ...Object.fromEntries(filesOf(stack)),
    [`tests/${noun}.tftest.hcl`]: tests as string,
    "README.md": moduleReadme(
      source("md"),
      stack.toTerraform() as JsonObject,
      code["variables.tf"] as string,
      stack.inputs,
    ),
  };
}
