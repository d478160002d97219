/** The modules, each built afresh from the constructs that the stacks use. */
import { createBuilderModule } from "../../stacks/builder/builder-module";
import { createRotationModule } from "../../stacks/rotation/rotation-module";
import type { ModuleStack } from "../../stacks/shared/module-stack";
import { createWorkerModule } from "../../stacks/worker/worker-module";

export const MODULES: Readonly<Record<string, () => ModuleStack>> = {
  builder: createBuilderModule,
  rotation: createRotationModule,
  worker: createWorkerModule,
};
