/** The modules, each built afresh from the constructs that the stacks use. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleRotation } from "../../lambda-src/bundle";
import { createBuilderModule } from "../../stacks/builder/builder-module";
import type { ModuleStack } from "../../stacks/faces/module-stack";
import { createRotationModule } from "../../stacks/rotation/rotation-module";
import { createWorkerModule } from "../../stacks/worker/worker-module";

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
