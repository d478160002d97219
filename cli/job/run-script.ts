/** Runs a script for jobs: the only implementation of what its commands do. */
import { spawnSync } from "node:child_process";
import { type JobScript, type JobSettings, renderJob } from "../../lib/job/render";

/** What commander makes of the options, by name: `build-args` is `buildArgs`. */
export type Given = Readonly<Record<string, unknown>>;

/** Returns what is given to an option by its name on the command line; undefined: it is not given. */
export function givenTo(given: Given, name: string): unknown {
  return given[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
}

/**
 * Runs a script with arguments, and with this process's streams and environment. Returns its exit code.
 *
 * @throws if there is no bash
 */
export function runJob<Script extends JobScript>(
  name: Script,
  settings: JobSettings<Script>,
  words: readonly string[],
): number {
  const command = ["-c", renderJob(name, settings), `docker-cache-${name}`, ...words];
  const { status, error } = spawnSync("bash", command, { stdio: "inherit" });
  if (error) throw error;
  return status ?? 1;
}
