/** Workers for tests: real machines of every generation of Docker, the worker's user data as it ships, and one good cache volume per generation. */
import { gzipSync } from "node:zlib";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import type { Machine, MachineSpec } from "../../../lab/machine/machine";
import { powerOff, removeMachine } from "../../../lab/machine/machine-power";
import { consoleOf, readIn, shellIn, waitUntil } from "../../../lab/machine/machine-shell";
import type { Snapshot } from "../../../lab/volume/snapshot";
import { createVolume, type Volume } from "../../../lab/volume/volume";
import { STATUS_PATH } from "../../../lib/contract";
import { earlyPart, renderLateWorker, renderSnippet, scriptPart, workerLines } from "../../../lib/userdata/render";
import type { WorkerSetting } from "../../../lib/userdata/settings";
import { type Generation, isBooted } from "../../level";
import { boot, newId } from "../lab-harness";
import { GENERATIONS, goodSnapshots } from "./good-snapshots";

export { CACHE_GIB, CACHED_IMAGE, CACHED_IMAGE_SAYS, GENERATIONS } from "./good-snapshots";

/** The time-out that workers are given; generous, for machines that are shared. */
export const TIMEOUT_SECONDS = 60;

/** A lab with a good snapshot of each generation that is booted. It has no registry: nothing can be pulled. */
export interface WorkerLab extends Lab {
  readonly snapshots: Readonly<Record<Generation, Snapshot>>;
}

/** Starts the lab, with caches that the first test file of all has built. */
export async function startWorkerLab(): Promise<WorkerLab> {
  const lab = await startLab();
  const generations = (Object.keys(GENERATIONS) as Generation[]).filter(isBooted);
  return { ...lab, snapshots: await goodSnapshots(lab.run, generations) };
}

export async function stopWorkerLab(lab: WorkerLab | undefined): Promise<void> {
  if (lab) await stopLab(lab);
}

/** A volume as the worker's mapping makes it: from the generation's snapshot. */
export function cacheVolume({ run, snapshots }: WorkerLab, generation: Generation, sizeGib?: number): Promise<Volume> {
  return createVolume(run, { id: newId("vol"), snapshot: snapshots[generation], sizeGib });
}

/** Status as a worker writes it. */
export interface Status {
  readonly state: "warm" | "cold";
  readonly reason: string;
  readonly [key: string]: string | number;
}

/** A worker that has said what became of its cache. */
export interface Worker {
  readonly machine: Machine;
  readonly status: Status;
}

export interface WorkerOptions {
  readonly spec?: Partial<MachineSpec>;
  readonly settings?: Partial<Record<WorkerSetting, string>>;
  /** Ours runs after Docker, as one plain script. */
  readonly late?: boolean;
  /** A script of the consumer's that runs just before ours, as another part of the user data. */
  readonly before?: string;
  /** More parts, ahead of ours: content by content type. */
  readonly ahead?: Readonly<Record<string, string>>;
  /** More parts, behind ours. */
  readonly behind?: Readonly<Record<string, string>>;
  /** A script of the consumer's in whose middle ours stands, in place of the line `# PRE_INSTALL`. It is gzipped, as such templates do. */
  readonly template?: string;
  /** The worker's script, as planted faults have it. */
  readonly bundle?: string;
  /** Done while it boots. */
  readonly meanwhile?: (machine: Machine) => Promise<void>;
}

/** Boots a worker of a generation and waits for its status. */
export async function bootWorker(lab: WorkerLab, generation: Generation, options: WorkerOptions): Promise<Worker> {
  const userData = userDataOf(generation, options);
  const machine = await boot(lab, { image: generation, userData, ...options.spec });
  await options.meanwhile?.(machine);
  return { machine, status: await statusOf(machine) };
}

/** Waits for the status that this boot has written: /run is empty at each. */
export async function statusOf(machine: Machine): Promise<Status> {
  const text = await waitUntil(`the status of ${machine.spec.id}`, 120, () =>
    readIn(machine, STATUS_PATH).catch(() => undefined),
  ).catch((error: Error) => {
    throw new Error(`${error.message}:\n${consoleOf(machine).slice(-4000)}`);
  });
  return JSON.parse(text) as Status;
}

/** User data of a worker, between the parts of the consumer's. */
export function userDataOf(generation: Generation, options: WorkerOptions): string | Buffer {
  const { settings, late, before, ahead = {}, behind = {}, template, bundle } = options;
  const values = {
    CACHE_NAME: generation,
    CACHE_ARCHITECTURE: "x86_64",
    IMAGE_STORE: GENERATIONS[generation].imageStore,
    TIMEOUT_SECONDS: String(TIMEOUT_SECONDS),
    MIN_FREE_GIB: "1",
    HYDRATE: "hot",
    USER_SCRIPT: "#!/bin/bash\necho the consumer runs\n",
    ...settings,
  };
  if (template) return gzipSync(template.replace("# PRE_INSTALL", () => renderSnippet(values, bundle)));
  if (late && !before && Object.keys({ ...ahead, ...behind }).length === 0) return renderLateWorker(values, bundle);
  const lines = workerLines(values, bundle);
  const ours: Part[] = late
    ? [[SCRIPT, renderLateWorker(values, bundle)]]
    : [earlyPart(lines), scriptPart(lines)].map(({ contentType, content }) => [contentType, content]);
  const first: Part[] = before === undefined ? [] : [[late ? SCRIPT : "text/cloud-boothook", before]];
  return parts([...Object.entries(ahead), ...first, ...ours, ...Object.entries(behind)]);
}

const SCRIPT = "text/x-shellscript";
/** Content type and content. */
type Part = readonly [string, string];

/** Parts as one user data. */
function parts(all: readonly Part[]): string {
  const boundary = "==lab==";
  const part = ([type, content]: Part) => `--${boundary}\nContent-Type: ${type}; charset="utf-8"\n\n${content}\n`;
  const head = `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n`;
  return `${head}${all.map(part).join("")}--${boundary}--\n`;
}

/** Makes a tiny image from the machine's own files and runs it: what a usable Docker can do without a registry. */
export async function runTiny(machine: Machine): Promise<string> {
  const files = "usr/bin/echo lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6";
  return shellIn(
    machine,
    `tar --directory=/ --create --dereference ${files} | docker import - tiny >/dev/null
     docker run --rm --network none tiny /usr/bin/echo "said in a container"`,
  );
}

/** Powers it off and removes it. */
export async function endWorker({ machine }: Worker): Promise<void> {
  if (machine.boot) await powerOff(machine);
  await removeMachine(machine);
}
