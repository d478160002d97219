/** `pull-through url REFERENCE…`: print what to pull in place of each image. */
import type { Options } from "../../options";
import { print, printJson, say } from "../../output";
import { findRegistry } from "../../pull-through/find-registry";
import { assertReferences, rewrite } from "../../pull-through/rewrite";
import { selectSection } from "../../pull-through/sections";

export async function run(options: Options, ...references: string[]): Promise<boolean> {
  assertReferences(references);
  const { region, settings } = selectSection(options);
  const { host } = await findRegistry(region, options);
  const rewritten = rewrite(references, settings.rules, host);
  if (options.json) printJson({ command: "pull-through url", region, registry: host, references: rewritten });
  else
    for (const { reference, pull, note } of rewritten) {
      print(pull);
      if (note !== null) say(`${reference}: ${note}`);
    }
  return true;
}
