/** `buildx -- ARGUMENTS`: build an image with its layers in the layer cache. What stands behind `--` goes to `docker buildx build`. */
import { argumentsOf } from "../buildx/arguments";
import { buildxSettings } from "../buildx/settings";
import { type Given, runJob } from "../job/run-script";

export async function run(given: Given, ...passed: string[]): Promise<number> {
  return runJob("buildx", buildxSettings(given), [...argumentsOf(given), "--", ...passed]);
}
