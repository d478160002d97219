import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandOptions, runCommand } from "../run/command";
import { childrenOf, processId } from "../run/process";
import type { Machine } from "./machine";

const environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"];

/** The command line, on the host, that runs `command` in a running machine as root; for a person, `["bash"]`. */
export async function commandInside(machine: Machine, command: readonly string[]): Promise<[string, ...string[]]> {
  const leader = await leaderOf(machine);
  return ["nsenter", `--target=${leader}`, "--all", "--", "env", "--ignore-environment", ...environment, ...command];
}

/** Runs a command in a running machine, as root, and returns what it printed. */
export async function execIn(machine: Machine, command: readonly string[], options?: CommandOptions): Promise<string> {
  return runCommand(await commandInside(machine, command), options);
}

/** Runs a bash script in a running machine, as root, and returns what it printed. */
export function shellIn(machine: Machine, script: string, options?: Omit<CommandOptions, "input">): Promise<string> {
  return execIn(machine, ["bash", "-o", "errexit", "-o", "nounset", "-o", "pipefail", "-s"], {
    ...options,
    input: script,
  });
}

/** Text of a file of a running machine, or undefined if there is none. It starts no process, so that waiting for a file takes nothing from the machine. */
export async function readIn(machine: Machine, path: string): Promise<string | undefined> {
  const leader = await leaderOf(machine);
  try {
    return readFileSync(`/proc/${leader}/root${path}`, "utf8");
  } catch {
    return undefined;
  }
}

/** The process id, as the host counts, of the machine's systemd; waits for it if the boot has only begun. */
export async function leaderOf(machine: Machine): Promise<number> {
  return waitUntil(`process 1 of ${machine.spec.id}`, 60, () => {
    if (!machine.boot) throw new Error(`${machine.spec.id} is off`);
    const nspawn = processId(machine.boot);
    return nspawn === undefined ? undefined : childrenOf(nspawn).find(isInit);
  });
}

/** nspawn has other children for a moment, before it has made the machine's namespaces. */
function isInit(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return /^Name:\tsystemd$/m.test(status) && /^NSpid:.*\t1$/m.test(status);
  } catch {
    return false;
  }
}

/** Output on its console, in all its boots, without colours. */
export function consoleOf(machine: Machine): string {
  const text = readFileSync(join(machine.directory, "console.log"), "utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed
  return text.replace(/\x1b(\[[0-9;:?!]*[a-zA-Z]|[()].)|\r/g, "");
}

/** Asks again, every 50 ms, until `check` returns something other than undefined, false or null. */
export async function waitUntil<T>(
  what: string,
  seconds: number,
  check: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  // Not by the time of day, which may be set meanwhile.
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== null && result !== false) return result;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
