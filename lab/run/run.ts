import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type CommandOptions, runCommand } from "./command";

/** Folder of the cached images and of the runs' files. */
export const labDirectory = process.env.DOCKER_CACHE_LAB_DIR ?? "/var/cache/docker-cache-lab";

/** One run of the lab: namespaces, a store and all that is made in them. It ends, with everything in it, when this process ends. */
export interface LabRun {
  /** Borne by every resource of the run. */
  readonly id: string;
  /** The run's files, as the host sees them. */
  readonly directory: string;
  /** Its reflink store: images, machines, volumes and snapshots. Visible only inside the run (see `inRun`, `pathFromHost`). */
  readonly store: string;
  /** Process 1 of the run's namespaces, as the host counts. */
  readonly leader: number;
  readonly supervisor: ChildProcess;
}

/** Starts a run. It takes about 0.2 s, and needs root. */
export async function startRun(): Promise<LabRun> {
  if (process.getuid?.() !== 0)
    throw new Error(`the lab makes namespaces and loop devices: run it as root, not as user ${process.getuid?.()}`);
  const id = `r${randomBytes(4).toString("hex")}`;
  const directory = join(labDirectory, "runs", id);
  mkdirSync(join(directory, "machines"), { recursive: true });
  // Detached: a Ctrl-C in the terminal reaches this process only, whose end the supervisor sees at its standard input.
  const supervisor = spawn(join(__dirname, "supervise"), [directory], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await firstLine(supervisor, "ready");
  return { id, directory, store: join(directory, "store"), leader: findLeader(directory), supervisor };
}

/** Ends a run and everything in it; returns when nothing is left. */
export async function stopRun(run: LabRun): Promise<void> {
  if (run.supervisor.exitCode !== null || run.supervisor.signalCode !== null) return;
  const ended = new Promise<number | null>((resolve) => run.supervisor.once("exit", resolve));
  run.supervisor.stdin?.end();
  const status = await ended;
  if (status !== 0)
    throw new Error(`lab run ${run.id}: cleaning up ended with status ${status}; see above, then run lab/clean`);
}

/** The command line that runs `command` inside the run's namespaces. */
export function entering(run: LabRun, command: readonly string[]): [string, ...string[]] {
  return ["nsenter", `--target=${run.leader}`, "--pid", "--mount", "--net", "--uts", "--ipc", "--", ...command];
}

/** Runs a command inside the run's namespaces and returns what it printed. */
export function inRun(run: LabRun, command: readonly string[], options?: CommandOptions): Promise<string> {
  return runCommand(entering(run, command), options);
}

/** A path inside the run, as the host can open it. */
export function pathFromHost(run: LabRun, path: string): string {
  return join("/proc", String(run.leader), "root", path);
}

function findLeader(directory: string): number {
  const parent = readFileSync(join(directory, "namespaces.pid"), "utf8").split(" ")[0];
  return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim());
}

function firstLine(child: ChildProcess, expected: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! });
    lines.once("line", (line) =>
      line === expected ? resolve() : reject(new Error(`expected '${expected}', got '${line}'`)),
    );
    child.once("exit", (status) =>
      reject(new Error(`the lab's supervisor ended with status ${status} before the run was ready`)),
    );
  });
}
