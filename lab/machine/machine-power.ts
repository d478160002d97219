import { readFileSync } from "node:fs";
import { inRun } from "../run/run";
import { stopLoader } from "../volume/lazy-loading";
import { isCleared } from "../volume/loop-device";
import { deleteVolume, type Volume } from "../volume/volume";
import { removeControlGroup } from "./control-group";
import { unplug } from "./lab-network";
import type { Machine, MachineEnd } from "./machine";
import { leaderOf, waitUntil } from "./machine-shell";

/** The first of the real-time signals that systemd takes as commands: the C library's SIGRTMIN. */
export const FIRST_REAL_TIME_SIGNAL = 34;
const poweroffSignal = FIRST_REAL_TIME_SIGNAL + 4;

/** Presses the power button, as StopInstances and TerminateInstances do: units stop in order. Returns when the machine is off. */
export async function powerOff(machine: Machine): Promise<MachineEnd> {
  await signalSystemd(machine, poweroffSignal);
  return machine.ended;
}

/** Sends process 1 of a machine a signal. It ignores what it does not wait for yet: at the very beginning of a boot the signal would be lost. */
export async function signalSystemd(machine: Machine, signal: number): Promise<void> {
  const leader = await leaderOf(machine);
  await waitUntil(`systemd of ${machine.spec.id} to take signals`, 30, () => {
    const blocked = readFileSync(`/proc/${leader}/status`, "utf8").match(/^SigBlk:\s*([0-9a-f]+)$/m)?.[1] ?? "0";
    return ((BigInt(`0x${blocked}`) >> BigInt(signal - 1)) & 1n) === 1n;
  });
  process.kill(leader, signal);
}

/** Kills every process of the machine. What it had not written yet the host's kernel still writes: this is no power cut. */
export async function kill(machine: Machine): Promise<MachineEnd> {
  const { disks } = machine;
  process.kill(await leaderOf(machine), "SIGKILL");
  const end = await machine.ended;
  // The kernel unmounts on its own time; until then it would write to volumes that another machine may have by now.
  await waitUntil(`the disks of ${machine.spec.id} to be let go`, 60, () =>
    disks.every(({ device }) => isCleared(device)),
  );
  return end;
}

/**
 * Cuts the power: every volume keeps what had reached the device at this moment, and no more. The volumes' files are replaced by copies of that
 * moment (reflinks, each taken at one instant). What the host's kernel writes afterwards, as it unmounts, goes to the old ones. A volume that was
 * loaded lazily is whole afterwards.
 */
export async function cutPower(machine: Machine): Promise<void> {
  const { run } = machine.lab;
  const volumes: Volume[] = [machine.rootVolume, ...machine.attachments.map(({ volume }) => volume)];
  const files = volumes.map(({ dataFile }) => dataFile);
  await inRun(run, [
    "bash",
    "-o",
    "errexit",
    "-c",
    `for file; do cp --reflink=always "$file" "$file.cut"; done`,
    "cut",
    ...files,
  ]);
  await kill(machine);
  for (const volume of volumes) {
    if (volume.loader) await stopLoader(run, volume.loader);
    volume.loader = undefined;
  }
  await inRun(run, ["bash", "-o", "errexit", "-c", `for file; do mv "$file.cut" "$file"; done`, "cut", ...files]);
}

/** Removes a machine that is off: its root disk, its address, its control group. Volumes that were attached stay. */
export async function removeMachine(machine: Machine): Promise<void> {
  if (machine.boot) throw new Error(`${machine.spec.id} still runs: power it off first`);
  machine.lab.metadata.forget(machine.place.address);
  await deleteVolume(machine.lab.run, machine.rootVolume);
  await unplug(machine.lab.run, machine.place);
  removeControlGroup(machine.controlGroup);
}
