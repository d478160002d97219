import { type Machine, type MachineEnd, startMachine } from "./machine";
import { leaderOf } from "./machine-shell";

// systemd's real-time signals; the C library's SIGRTMIN is 34.
const poweroffSignal = 34 + 4;
const rebootSignal = 34 + 5;

/** Presses the power button, as StopInstances and TerminateInstances do: units stop in order. Returns when the machine is off. */
export async function powerOff(machine: Machine): Promise<MachineEnd> {
  process.kill(await leaderOf(machine), poweroffSignal);
  return machine.ended;
}

/** Reboots, as RebootInstances does. Returns at once; the machine is not off in between. */
export async function reboot(machine: Machine): Promise<void> {
  process.kill(await leaderOf(machine), rebootSignal);
}

/** Kills every process of the machine at once. What it had not written yet, the host's kernel still writes: this is no power cut. */
export async function kill(machine: Machine): Promise<MachineEnd> {
  process.kill(await leaderOf(machine), "SIGKILL");
  return machine.ended;
}

/** Boots a stopped machine again. */
export const start = startMachine;
