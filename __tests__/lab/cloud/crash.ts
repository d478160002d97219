/** A builder that ends in the middle: what it leaves, the sweep, and the build after it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../../../lab/machine/machine";
import { cutPower, kill } from "../../../lab/machine/machine-power";
import { consoleOf, waitUntil } from "../../../lab/machine/machine-shell";
import { startBuild } from "../../../lab/product/machine-loop";
import { writeSmallImage } from "../registry/small-image";
import { build, type CacheLab, falselyReady, instanceOf, pointerOf, promotesImage, REGION, rotate } from "./cache-lab";

/** The steps of a build, as its script names them, in order. */
export const STEPS: readonly string[] = ["boot/main.sh", "build.sh"].flatMap((file) =>
  [...readFileSync(join(__dirname, "../../../lib/userdata/builder", file), "utf8").matchAll(/^ {2}step '(.+)' /gm)].map(
    (match) => match[1] ?? "",
  ),
);

export interface Crash {
  readonly name: string;
  /** A kill leaves what the host's kernel still writes; a power cut does not. */
  readonly how: "kill" | "power cut";
  /** In which step, and how far into it, 0 to 1; or when after the launch, as part of a whole build's time. */
  readonly when: { readonly step: string; readonly part: number } | { readonly part: number };
}

/** State after a crash. Good is: no problem, gone, promoted. */
export interface Aftermath {
  /** Of snapshots that say that they are ready, and of the way there. */
  readonly problems: readonly string[];
  /** The instance after one sweep. */
  readonly instance: string;
  /** Of the next build: nothing was done about anything in between. */
  readonly next: string;
  readonly promoted: boolean;
}

/** A lane of crashes on one cache: one after the other, each on what the one before left. */
export interface Lane {
  readonly lab: CacheLab;
  /** Seconds from the launch to each step of an undisturbed build, and to its end. */
  readonly times: ReadonlyMap<string, number>;
  /** Snapshots that were looked into already. */
  readonly seen: Set<string>;
}

const END = "outcome";
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, seconds) * 1000));
const hasStep = (machine: Machine, step: string) =>
  consoleOf(machine).includes(step === END ? "docker-cache: outcome: " : `docker-cache: == ${step}\n`);

/** Moves the cache's image on, so that there is something to build. Returns its digest. */
function moveImage({ deployed, cache }: CacheLab, seed: string): Promise<string> {
  return writeSmallImage(deployed.cloud.registry?.storage ?? "", { name: `${cache}-moving`, seed });
}

/** An undisturbed build, timed. */
export async function openLane(lab: CacheLab): Promise<Lane> {
  await moveImage(lab, "first");
  const times = new Map<string, number>();
  const started = Date.now();
  const machine = await startBuild(lab.deployed.loop, lab.deployed.cloud, REGION, { cache: lab.cache });
  for (const step of [...STEPS, END]) {
    await waitUntil(`${step} in ${lab.cache}`, 600, () => !machine.boot || hasStep(machine, step));
    times.set(step, (Date.now() - started) / 1000);
  }
  await machine.ended;
  await waitUntil("the builder to be terminated", 120, () => !lab.deployed.cloud.machines.has(machine.spec.id));
  await rotate(lab);
  const seen = new Set<string>();
  const problems = await falselyReady(lab, seen);
  if (problems.length > 0 || (await pointerOf(lab)) === "none")
    throw new Error(`the first build of ${lab.cache}: ${problems.join("; ")}\n${consoleOf(machine)}`);
  return { lab, times, seen };
}

/** Waits for the moment; how long a step takes is what it took before. */
async function untilMoment({ times }: Lane, machine: Machine, { when }: Crash): Promise<void> {
  if (!("step" in when)) return pauseWhile(machine, when.part * (times.get(END) ?? 0));
  const next = [...STEPS, END][STEPS.indexOf(when.step) + 1] ?? END;
  await waitUntil(`the step ${when.step}`, 600, () => !machine.boot || hasStep(machine, when.step));
  await pauseWhile(machine, when.part * ((times.get(next) ?? 0) - (times.get(when.step) ?? 0)));
}

async function pauseWhile(machine: Machine, seconds: number): Promise<void> {
  await Promise.race([machine.ended, pause(seconds)]);
}

/** Ends the machine. Returns false if it had ended by itself. */
async function strike(machine: Machine, how: Crash["how"]): Promise<boolean> {
  if (!machine.boot) return false;
  try {
    await (how === "kill" ? kill(machine) : cutPower(machine));
    return true;
  } catch (error) {
    if (machine.boot) throw error;
    return false;
  }
}

/** One crash, the sweep, and the next build. */
export async function crash(lane: Lane, { how, name, when }: Crash): Promise<Aftermath> {
  const { lab, seen } = lane;
  const { cloud, clock, loop } = lab.deployed;
  const digest = await moveImage(lab, name);
  const pointer = await pointerOf(lab);
  const machine = await startBuild(loop, cloud, REGION, { cache: lab.cache });
  await untilMoment(lane, machine, { how, name, when });
  const struck = await strike(machine, how);
  const problems = await falselyReady(lab, seen);
  const { id } = machine.spec;
  const before = (await instanceOf(lab, id)).State?.Name;
  if (struck && before !== "running") problems.push(`the lab shows the dead builder as ${before}`);
  clock.advanceTo(new Date(clock.now().getTime() + 61 * 60_000));
  await rotate(lab);
  const after = await pointerOf(lab);
  if (after !== pointer && !seen.has(after)) problems.push(`the pointer moved to ${after}, which was never ready`);
  const instance = (await instanceOf(lab, id)).State?.Name ?? "gone";
  const next = await build(lab);
  problems.push(...(await falselyReady(lab, seen)));
  await rotate(lab);
  const promoted = await promotesImage(lab, digest);
  const done = { problems, instance, next: next.outcome, promoted };
  return next.outcome === "ready" || next.outcome === "checked" ? done : { ...done, next: next.text };
}
