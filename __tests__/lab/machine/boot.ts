/** Boots as tests await and repeat them. */
import type { Machine } from "../../../lab/machine/machine";
import { FIRST_REAL_TIME_SIGNAL, signalSystemd } from "../../../lab/machine/machine-power";
import { consoleOf, execIn, waitUntil } from "../../../lab/machine/machine-shell";

const rebootSignal = FIRST_REAL_TIME_SIGNAL + 5;

/** Reboots, as RebootInstances does. Returns at once; the machine counts as running all along. */
export async function reboot(machine: Machine): Promise<void> {
  await signalSystemd(machine, rebootSignal);
}

/** Waits until the console shows `wanted`. */
export async function waitForConsole(machine: Machine, wanted: RegExp, seconds: number): Promise<RegExpMatchArray> {
  return waitUntil(`${wanted} on the console of ${machine.spec.id}`, seconds, () => {
    const match = consoleOf(machine).match(wanted);
    if (!match && !machine.boot) throw new Error(`${machine.spec.id} is off and its console never showed ${wanted}`);
    return match;
  });
}

/** Waits until systemd has finished booting, user data included. Returns its state: `running`, or `degraded` if a unit failed. */
export async function waitForBoot(machine: Machine, seconds = 60): Promise<string> {
  return waitUntil(`${machine.spec.id} to have booted`, seconds, async () => {
    // systemd says when: to ask it again and again would slow down the boot. It does not answer yet at the boot's very beginning.
    const asked = execIn(machine, ["sh", "-c", "systemctl is-system-running --wait || true"], {
      timeoutSeconds: seconds,
    });
    const state = await asked.catch(() => "");
    return /^(running|degraded)$/.test(state.trim()) ? state.trim() : undefined;
  });
}
