import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { entering, type LabRun } from "./run";

/** Options of a long-lived process. */
export interface ProcessOptions {
  /** The line of its standard output that says it is ready; its match is returned. Default: it counts as ready at once. */
  readonly readyLine?: RegExp;
  /** The file, below the run's directory, that its output and errors go to. Default: its errors are ours, its output goes nowhere. */
  readonly log?: string;
  /** Seconds to wait for the line. Default: 30. */
  readonly timeoutSeconds?: number;
}

/** A process of a run. It ends with the run at the latest. */
export interface LabProcess {
  readonly child: ChildProcess;
  /** Match of `readyLine`. */
  readonly ready: RegExpMatchArray | null;
  /** Resolves when it has ended: its exit status, or null after a signal. */
  readonly ended: Promise<number | null>;
}

/** Starts a long-lived process inside the run and waits until it is ready. */
export async function startInRun(
  run: LabRun,
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<LabProcess> {
  const [file, ...args] = entering(run, command);
  const log = options.log === undefined ? undefined : openSync(join(run.directory, options.log), "a");
  const output = options.readyLine ? "pipe" : (log ?? "ignore");
  // Detached: a Ctrl-C is for this process alone, which then ends its runs in order.
  const child = spawn(file, args, { detached: true, stdio: ["ignore", output, log ?? "inherit"] });
  if (log !== undefined) closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once("exit", (status) => resolve(status)));
  const ready = options.readyLine
    ? await waitForLine(child, command, options.readyLine, options.timeoutSeconds ?? 30)
    : null;
  child.unref();
  return { child, ready, ended };
}

/** Ends a process with SIGKILL and waits until it is gone. */
export async function endProcess(labProcess: LabProcess): Promise<void> {
  const pid = processId(labProcess);
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch (error) {
    // It ended by itself, or with its run, a moment ago.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  await labProcess.ended;
}

/** Returns the host's id of the process itself, a child of the nsenter that we started, or undefined if it has ended. */
export function processId(labProcess: LabProcess): number | undefined {
  const { pid, exitCode, signalCode } = labProcess.child;
  if (pid === undefined || exitCode !== null || signalCode !== null) return undefined;
  return childrenOf(pid)[0];
}

/** The ids of a process's children. */
export function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? [] : children.split(" ").map(Number);
  } catch {
    return [];
  }
}

/** True if a process is there, ours or another user's. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Waits for the first line of its standard output that is wanted. @throws if it ends, or the time is up, before */
export function waitForLine(
  child: ChildProcess,
  command: readonly string[],
  wanted: RegExp,
  seconds: number,
): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const shown = command.join(" ").slice(0, 200);
    const timer = setTimeout(
      () => reject(new Error(`\`${shown}\` was not ready within ${seconds} s (${wanted})`)),
      seconds * 1000,
    );
    child.once("exit", (status) => {
      clearTimeout(timer);
      reject(new Error(`\`${shown}\` ended with status ${status} before it was ready`));
    });
    const lines = createInterface({ input: child.stdout! });
    lines.on("line", (line) => {
      const match = line.match(wanted);
      if (!match) return;
      clearTimeout(timer);
      resolve(match);
      // Read on, or the process stops at a full pipe; but do not keep this process alive for it.
      (child.stdout as unknown as { unref?: () => void }).unref?.();
    });
  });
}
