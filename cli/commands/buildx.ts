/** `buildx -- ARGUMENTS`: build an image with its layers in the layer cache. What stands behind `--` goes to `docker buildx build`. */
import { argumentsOf } from "../buildx/arguments";
import { buildxSettings } from "../buildx/settings";
import { type Given, runJob } from "../job/run-script";
import { hasLayerCaches } from "../layer-cache/section";

export async function run(given: Given, ...passed: string[]): Promise<number> {
  // A job is built plainly if there is no cache, and says so.
  const settings = given.entry !== undefined || hasLayerCaches() ? buildxSettings(given) : {};
  return runJob("buildx", settings, [...argumentsOf(given), "--", ...passed]);
}
