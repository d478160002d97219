/** The modules, each built afresh from the constructs that the stacks use. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunctions } from "../../lambda-src/bundle";
import type { ModuleStack } from "../../stacks/faces/module-stack";
import type { Noun } from "../../stacks/faces/noun";
import { MODULES } from "../../stacks/nouns";

/** Modules by the name of their folder. */
export async function createModules(
  modules: readonly Pick<Noun, "name" | "createModule">[] = MODULES,
): Promise<Readonly<Record<string, ModuleStack>>> {
  const codeFolder = mkdtempSync(join(tmpdir(), "docker-cache-bundle-"));
  try {
    await bundleFunctions(codeFolder);
    return Object.fromEntries(modules.map(({ name, createModule }) => [name, createModule(codeFolder)]));
  } finally {
    rmSync(codeFolder, { recursive: true, force: true });
  }
}
