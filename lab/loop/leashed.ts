/** Programs that never outlive this process, and nothing that they start does: see `leash`. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export interface LeashOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** How long it may take to end once it is asked to. @default 3 */
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

/** Runs a program and returns what it printed. @throws LeashedError where it fails */
export function runLeashed(
  command: readonly [string, ...string[]],
  options: LeashOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  const { env = process.env, cwd, endSeconds = 3, say } = options;
  // Detached: a Ctrl-C in the terminal is for this process alone, which then lets go in order.
  const child = spawn(join(__dirname, "leash"), [String(endSeconds), ...command], { env, cwd, detached: true });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      texts[name] += chunk;
      for (const line of chunk.split("\n")) if (line.trim() !== "") say?.(line.trim());
    });
  }
  const gone = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
  const entry: Running = { child, gone: gone.catch(() => null) };
  running.add(entry);
  return gone
    .finally(() => running.delete(entry))
    .then((code) => {
      if (code !== 0) throw new LeashedError(command, code, texts.stdout, texts.stderr);
      return texts;
    });
}

/** Ends all of them; returns when they are gone. */
export async function endLeashed(): Promise<void> {
  const all = [...running];
  for (const { child } of all) child.stdin?.end();
  await Promise.all(all.map(({ gone }) => gone));
}
