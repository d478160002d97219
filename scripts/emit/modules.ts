/** The modules, each built afresh from the constructs that the stacks use. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBuilderModule } from "../../stacks/builder/builder-module";
import { createRotationModule } from "../../stacks/rotation/rotation-module";
import type { ModuleStack } from "../../stacks/shared/module-stack";
import { createWorkerModule } from "../../stacks/worker/worker-module";
import { bundleRotation } from "../bundle";

/** Modules by the name of their folder. */
export async function createModules(): Promise<Readonly<Record<string, ModuleStack>>> {
  const codeFolder = mkdtempSync(join(tmpdir(), "docker-cache-bundle-"));
  try {
    await bundleRotation(codeFolder);
    return {
      builder: createBuilderModule(),
      rotation: createRotationModule(codeFolder),
      worker: createWorkerModule(),
    };
  } finally {
    rmSync(codeFolder, { recursive: true, force: true });
  }
}
