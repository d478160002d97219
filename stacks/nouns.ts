/** Every noun, once. Stacks, modules, pages and the tests of policies and contracts go over this list. */

import { ciImages } from "../lib/config/companions/ci-images";
import { layerCache } from "../lib/config/companions/layer-cache";
import { pullThrough } from "../lib/config/companions/pull-through";
import { createBuilderModule } from "./builder/builder-module";
import { BuilderStack } from "./builder/builder-stack";
import { createCacheModule } from "./cache/cache-module";
import { createCiImagesModule } from "./ci-images/ci-images-module";
import { CiImagesStack } from "./ci-images/ci-images-stack";
import { companionNoun, type Noun } from "./faces/noun";
import { createLayerCacheModule } from "./layer-cache/layer-cache-module";
import { LayerCacheStack } from "./layer-cache/layer-cache-stack";
import { createPullThroughModule } from "./pull-through/pull-through-module";
import { PullThroughStack } from "./pull-through/pull-through-stack";
import { createRotationModule } from "./rotation/rotation-module";
import { RotationStack } from "./rotation/rotation-stack";
import { createWorkerModule } from "./worker/worker-module";
import { WorkerStack } from "./worker/worker-stack";

export const NOUNS: readonly Noun[] = [
  {
    name: "builder",
    isIn: ({ cells }) => cells.some(({ builder }) => builder !== null),
    Stack: BuilderStack,
    createModule: createBuilderModule,
  },
  { name: "rotation", isIn: ({ cells }) => cells.length > 0, Stack: RotationStack, createModule: createRotationModule },
  { name: "worker", isIn: ({ cells }) => cells.length > 0, Stack: WorkerStack, createModule: createWorkerModule },
  companionNoun(pullThrough, { Stack: PullThroughStack, createModule: createPullThroughModule }),
  companionNoun(ciImages, { Stack: CiImagesStack, createModule: createCiImagesModule }),
  companionNoun(layerCache, { Stack: LayerCacheStack, createModule: createLayerCacheModule }),
];

/** Every module: each noun's, and the one that calls those of a cache. It makes nothing of its own, so it is no noun. */
export const MODULES: readonly Pick<Noun, "name" | "createModule">[] = [
  ...NOUNS,
  { name: "cache", createModule: createCacheModule },
];
