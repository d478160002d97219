import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LabRun } from "../run/run";

const folder = "docker-cache-lab";

/** Makes the control group of a machine, in the unified hierarchy, with every controller that the host leaves there. */
export function makeControlGroup(run: LabRun, machineId: string): string {
  const path = join(unifiedHierarchy(), folder, run.id, machineId);
  mkdirSync(path, { recursive: true });
  for (const level of [unifiedHierarchy(), dirname(dirname(path)), dirname(path)]) handDownControllers(level);
  return path;
}

/**
 * Returns the group that machines join beside their own if version 1 of control groups shares out the processors, or undefined if theirs does.
 * All machines of a run together then weigh as much as one other program. So AWS's side, which in the lab shares the processors with them, is not
 * slow because instances are busy. In the root group each session is scheduled by itself, and a machine has dozens.
 */
export function makeProcessorGroup(run: LabRun): string | undefined {
  const former = "/sys/fs/cgroup/cpu";
  if (!existsSync(join(former, "cpu.shares"))) return undefined;
  const path = join(former, folder, run.id);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Removes an empty control group and the empty ones below it. */
export function removeControlGroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeControlGroup(join(path, entry.name));
  rmdirSync(path);
}

function handDownControllers(level: string): void {
  const controllers = readFileSync(join(level, "cgroup.controllers"), "utf8").split(/\s+/).filter(Boolean);
  for (const controller of controllers) writeFileSync(join(level, "cgroup.subtree_control"), `+${controller}`);
}

/** Mount point of the unified hierarchy: alone, or beside those of version 1. */
function unifiedHierarchy(): string {
  const mount = readFileSync("/proc/self/mountinfo", "utf8").match(/^\d+ \d+ \S+ \/ (\S+) .* - cgroup2 /m);
  if (!mount)
    throw new Error(
      "no unified control group hierarchy (cgroup2) is mounted on this host: the lab's machines need one",
    );
  return mount[1]!;
}
