/** Runs the script `image`. */
import { IMAGE_OPTIONS } from "../../lib/job/image-options";
import type { JobSettings } from "../../lib/job/render";
import { type Given, givenTo, runJob } from "../job/run-script";

/** Returns the arguments that hand options on: NAME=VALUE in one word, so that a value may begin with a hyphen. */
export function argumentsOf(given: Given): string[] {
  const handed = IMAGE_OPTIONS.filter(({ name }) => name !== "region").flatMap(({ name }) => {
    const value = givenTo(given, name);
    return value === undefined ? [] : [value].flat().map((one) => `--${name}=${one}`);
  });
  return [...(given.dryRun ? ["--dry-run"] : []), ...(given.fromEnvironment ? ["--from-environment"] : []), ...handed];
}

/** Runs an action. Returns its exit code. @throws if there is no bash */
export function runImage(action: string, given: Given, settings: JobSettings<"image"> = {}): Promise<number> {
  return runJob("image", settings, [action, ...argumentsOf(given)]);
}
