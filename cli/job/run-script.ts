/** Runs a script for jobs: the only implementation of what its commands do. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { type JobScript, type JobSettings, renderJob } from "../../lib/job/render";

/** What commander makes of the options, by name: `build-args` is `buildArgs`. */
export type Given = Readonly<Record<string, unknown>>;

/** Returns what is given to an option by its name on the command line; undefined: it is not given. */
export function givenTo(given: Given, name: string): unknown {
  return given[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
}

/** What a CI system or a terminal ends a job by. */
const ENDINGS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/**
 * Runs bash with this process's streams and environment. What would end this process goes to bash instead, which cleans up and ends by itself: a build
 * must not go on when its job is cancelled. Returns the exit code, of a signal that ended it 128 and its number.
 *
 * @throws if there is no bash
 * @public for the test that runs it in a process of its own.
 */
export function runBash(text: string, name: string, words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    // Before bash begins: a signal that comes in between would end this process, and bash would go on.
    const hand = (signal: NodeJS.Signals) => void child.kill(signal);
    for (const signal of ENDINGS) process.on(signal, hand);
    const child = spawn("bash", ["-c", text, name, ...words], { stdio: "inherit" });
    const end = () => {
      for (const signal of ENDINGS) process.off(signal, hand);
    };
    child.on("error", (error) => {
      end();
      reject(error);
    });
    child.on("close", (code, signal) => {
      end();
      resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]);
    });
  });
}

/** Runs a script with arguments. Returns its exit code. @throws if there is no bash */
export function runJob<Script extends JobScript>(
  name: Script,
  settings: JobSettings<Script>,
  words: readonly string[],
): Promise<number> {
  return runBash(renderJob(name, settings), `docker-cache-${name}`, words);
}
