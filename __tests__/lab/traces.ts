/** Traces that a run of the lab leaves on a host, in any place that they could be. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../lab/run/command";
import { childrenOf } from "../../lab/run/process";
import { labDirectory } from "../../lab/run/run";

/** Instances of the kernel's tracer; tracefs need not be mounted on this host. */
async function tracers(): Promise<string[]> {
  const script =
    "cd /sys/kernel/tracing; mountpoint --quiet . || mount -t tracefs tracefs .; ls /sys/kernel/tracing/instances";
  return (await runCommand(["unshare", "--mount", "bash", "-c", script])).split("\n");
}

/** All that bears the run's id, on the whole host: processes, mounts, loop devices, tracers, control groups, files. */
export async function tracesOf(runId: string): Promise<string[]> {
  const traces: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const file of ["cmdline", "cgroup", "mountinfo"]) {
      try {
        if (readFileSync(`/proc/${pid}/${file}`, "utf8").includes(runId)) traces.push(`process ${pid}: ${file}`);
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  const loops = await runCommand(["losetup", "--list", "--noheadings", "--output", "NAME,BACK-FILE"]);
  traces.push(...loops.split("\n").filter((line) => line.includes(runId)));
  traces.push(...(await tracers()).filter((name) => name.includes(runId)));
  const groups = ["", "unified", "cpu"].map((hierarchy) =>
    join("/sys/fs/cgroup", hierarchy, "docker-cache-lab", runId),
  );
  traces.push(...[...groups, join(labDirectory, "runs", runId)].filter(existsSync));
  return traces;
}

/** A process by a name of its own, `PID START`, as a run's supervisor.pid has it: process ids alone are given again within minutes. */
export type ProcessName = string;

/** Returns its name and whether it has ended and only waits for its parent to notice, or undefined if there is no process. */
function look(pid: number): { readonly name: ProcessName; readonly zombie: boolean } | undefined {
  try {
    // The second field, the command in parentheses, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { name: `${pid} ${fields[19]}`, zombie: fields[0] === "Z" };
  } catch {
    return undefined;
  }
}

/** The runs whose supervisor is one of these processes: there may be others, of others. */
export function runsOf(processes: ReadonlySet<ProcessName>): string[] {
  const folder = join(labDirectory, "runs");
  return readdirSync(folder).filter((run) => {
    try {
      return processes.has(readFileSync(join(folder, run, "supervisor.pid"), "utf8").trim());
    } catch {
      // It is beginning, or has ended meanwhile.
      return false;
    }
  });
}

/** A process and all below it. */
export function familyOf(pid: number): ProcessName[] {
  const family = [pid];
  for (const member of family) family.push(...childrenOf(member));
  return family.flatMap((member) => look(member)?.name ?? []);
}

/** Those of the processes that are still there; one that has ended and waits for its parent to notice is not. */
export function aliveOf(processes: Iterable<ProcessName>): ProcessName[] {
  return [...processes].filter((name) => {
    const found = look(Number(name.split(" ")[0]));
    return found?.name === name && !found.zombie;
  });
}
