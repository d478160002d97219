/**
 * The guards against builders that never end, each alone. The build's script is stopped in its tracks as soon as the watchdog is armed. All other
 * guards are taken away. Each guard resolves when the instance is gone, with what its console said last.
 */
import type { Machine } from "../../../lab/machine/machine";
import { consoleOf, shellIn, waitUntil } from "../../../lab/machine/machine-shell";
import { waitForConsole } from "../machine/boot";
import { type CacheLab, instanceOf, rotate, startWith } from "./cache-lab";

const WITHOUT_SHUTDOWN = "shutdown -c";
const WITHOUT_TIMER = "systemctl stop docker-cache-watchdog.timer";
/** A unit that never ends: no orderly power-off gets past it. */
const NEVER_STOPS = `
printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=true\\nExecStop=sleep infinity\\nTimeoutStopSec=infinity\\n' \
  >/run/systemd/system/never-stops.service
systemctl daemon-reload
systemctl start never-stops.service`;

/** A builder that hangs from its first step on, with a watchdog of these minutes, less what `without` takes away. */
async function hang(lab: CacheLab, minutes: number, without: string): Promise<Machine> {
  const machine = await startWith(lab, { WATCHDOG_MINUTES: String(minutes) });
  await waitForConsole(machine, /docker-cache: == passing the replication gate/, 600);
  await shellIn(machine, "pgrep --full instance/scripts/part | while read -r pid; do kill -STOP $pid; done");
  await shellIn(machine, without);
  return machine;
}

/** Waits until the instance is gone, which the build itself must have had no part in. */
async function gone(lab: CacheLab, machine: Machine): Promise<string> {
  await waitUntil(`${machine.spec.id} to be gone`, 900, async () => {
    return (await instanceOf(lab, machine.spec.id)).State?.Name === "terminated" && !machine.boot;
  });
  const text = consoleOf(machine);
  if (/outcome: (ready|checked|yielded)/.test(text)) throw new Error(`the build ended by itself:\n${text}`);
  return text.slice(-2000);
}

export type Guard = (lab: CacheLab) => Promise<string>;

/** Guards that only need time: they may all wait at once. */
export const guards: Readonly<Record<string, Guard>> = {
  "the watchdog's orderly shutdown": async (lab) => gone(lab, await hang(lab, 1, WITHOUT_TIMER)),
  "the watchdog's timer, where no shutdown is scheduled": async (lab) =>
    gone(lab, await hang(lab, 1, WITHOUT_SHUTDOWN)),
  "the limit to an orderly power-off that hangs": async (lab) =>
    gone(lab, await hang(lab, 1, `${WITHOUT_TIMER}\n${NEVER_STOPS}`)),
  "termination on shutdown, whoever switches it off": async (lab) => {
    const machine = await hang(lab, 60, `${WITHOUT_TIMER}\n${WITHOUT_SHUTDOWN}`);
    await shellIn(machine, "systemd-run --quiet --on-active=1 systemctl poweroff --force --force");
    return gone(lab, machine);
  },
};

/** Rotation's sweep. It moves the clock; nothing else may build meanwhile. */
export async function sweepAlone(lab: CacheLab): Promise<string[]> {
  const { clock } = lab.deployed;
  const machine = await hang(lab, 600, `${WITHOUT_TIMER}\n${WITHOUT_SHUTDOWN}`);
  const state = async () => (await instanceOf(lab, machine.spec.id)).State?.Name ?? "gone";
  await rotate(lab);
  const before = await state();
  clock.advanceTo(new Date(clock.now().getTime() + 61 * 60_000));
  await rotate(lab);
  const after = await state();
  await waitUntil(`${machine.spec.id} to be off`, 120, () => !machine.boot);
  return [before, after];
}
