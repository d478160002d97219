/** `pull-through env`: print variables for a shell or a buildspec. */
import type { Options } from "../../options";
import { print, printJson } from "../../output";
import { environmentOf, linesOf } from "../../pull-through/environment";
import { findRegistry } from "../../pull-through/find-registry";
import { selectSection } from "../../pull-through/sections";

export async function run(options: Options): Promise<boolean> {
  const { region, settings } = selectSection(options);
  const environment = environmentOf(settings.rules, await findRegistry(region, options), region, options.rule);
  if (options.json) printJson({ command: "pull-through env", environment });
  else for (const line of linesOf(environment)) print(line);
  return true;
}
