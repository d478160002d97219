/** Runs the script `image`: the only implementation of what its commands do. */
import { spawnSync } from "node:child_process";
import { IMAGE_OPTIONS } from "../../lib/job/image-options";
import { type JobSettings, renderJob } from "../../lib/job/render";

/** What commander makes of the options, by name: `build-args` is `buildArgs`. */
export type Given = Readonly<Record<string, unknown>>;

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Returns the arguments that hand options on: NAME=VALUE in one word, so that a value may begin with a hyphen. */
export function argumentsOf(given: Given): string[] {
  const handed = IMAGE_OPTIONS.filter(({ name }) => name !== "region").flatMap(({ name }) => {
    const value = given[camelCase(name)];
    return value === undefined ? [] : [value].flat().map((one) => `--${name}=${one}`);
  });
  return [...(given.dryRun ? ["--dry-run"] : []), ...(given.fromEnvironment ? ["--from-environment"] : []), ...handed];
}

/**
 * Runs an action with this process's streams and environment. Returns its exit code.
 *
 * @throws if there is no bash
 */
export function runImage(action: string, given: Given, settings: JobSettings<"image"> = {}): number {
  const words = ["-c", renderJob("image", settings), "docker-cache-image", action, ...argumentsOf(given)];
  const { status, error } = spawnSync("bash", words, { stdio: "inherit" });
  if (error) throw error;
  return status ?? 1;
}
