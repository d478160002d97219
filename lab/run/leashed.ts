/** Programs that never outlive this process, and nothing that they start does: see `leash`. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { waitForLine } from "./process";

export interface LeashOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Seconds that it may take to end once it is asked to. @default 3 */
  readonly endSeconds?: number;
  /** Told each line of output and errors as it comes. */
  readonly say?: (line: string) => void;
}

/** A program that ended with another status than 0. */
export class LeashedError extends Error {
  override readonly name = "LeashedError";
  constructor(
    readonly command: readonly string[],
    readonly code: number | null,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`${command.slice(0, 4).join(" ")} ended with status ${code}:\n${(stderr || stdout).trim()}`);
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
}

const running = new Set<Running>();

/** A program that goes on. */
export interface Leashed {
  /** Settles when it has ended, however it did. */
  readonly gone: Promise<unknown>;
  /** Ends it, and what it started; returns when it is gone. */
  end(): Promise<void>;
}

function leash(
  command: readonly [string, ...string[]],
  { env = process.env, cwd, endSeconds = 3 }: LeashOptions,
): { child: ChildProcess; code: Promise<number | null>; entry: Running } {
  // Detached: a Ctrl-C in the terminal is for this process alone, which then lets go in order.
  const child = spawn(join(__dirname, "leash"), [String(endSeconds), ...command], { env, cwd, detached: true });
  const code = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
  const entry: Running = { child, gone: code.catch(() => null) };
  running.add(entry);
  entry.gone.then(() => running.delete(entry));
  return { child, code, entry };
}

/** Runs a program and returns what it printed. @throws LeashedError if it fails */
export async function runLeashed(
  command: readonly [string, ...string[]],
  options: LeashOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  const { child, code: ended } = leash(command, options);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      texts[name] += chunk;
      for (const line of chunk.split("\n")) if (line.trim() !== "") options.say?.(line.trim());
    });
  }
  const code = await ended;
  if (code !== 0) throw new LeashedError(command, code, texts.stdout, texts.stderr);
  return texts;
}

/** Starts a program and returns when it prints a line that matches `until`; what it prints afterwards is not kept. */
export async function startLeashed(
  command: readonly [string, ...string[]],
  options: Omit<LeashOptions, "say"> & { readonly until: RegExp; readonly untilSeconds: number },
): Promise<[RegExpMatchArray, Leashed]> {
  const { child, entry } = leash(command, options);
  const end = async () => {
    child.stdin?.end();
    await entry.gone;
  };
  child.stderr?.resume();
  try {
    return [await waitForLine(child, command, options.until, options.untilSeconds), { gone: entry.gone, end }];
  } catch (error) {
    await end();
    throw error;
  }
}

/** Ends all of them; returns when they are gone. */
export async function endLeashed(): Promise<void> {
  const all = [...running];
  for (const { child } of all) child.stdin?.end();
  await Promise.all(all.map(({ gone }) => gone));
}
