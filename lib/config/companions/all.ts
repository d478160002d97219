/** The companions that a configuration may have sections of, in the order of the pages. Each stands in a file beside. `stacks/nouns.ts` has their stacks; a test holds that the two agree. */
import type { Companion } from "../companion";
import { ciImages } from "./ci-images";
import { layerCache } from "./layer-cache";
import { pullThrough } from "./pull-through";

export const COMPANIONS: readonly Companion[] = [pullThrough, ciImages, layerCache];
