/** `layer-cache check`: show for each entry and region whether its bucket or repositories are fit for layers. */
import { checkPlace, failedCheck, linesOf } from "../../layer-cache/checked";
import { selectLayerCaches } from "../../layer-cache/section";
import type { Options } from "../../options";
import { print, printJson } from "../../output";
import { findRegistry } from "../../pull-through/find-registry";
import { isOfCredentials } from "../../run-command";

export async function run(options: Options): Promise<boolean> {
  const accountIn = async (region: string) => (await findRegistry(region, options)).accountId;
  const look = async (place: ReturnType<typeof selectLayerCaches>[number]) => {
    try {
      return await checkPlace(place, accountIn);
    } catch (error) {
      if (isOfCredentials(error as Error)) throw error;
      return failedCheck(place, error as Error);
    }
  };
  const checked = await Promise.all(selectLayerCaches(options).map(look));
  if (options.json) printJson({ command: "layer-cache check", entries: checked });
  else for (const line of checked.flatMap(linesOf)) print(line);
  return checked.every(({ faults }) => faults.length === 0);
}
