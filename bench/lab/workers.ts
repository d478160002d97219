/** Boots one worker, on a machine of its own, and measures it to the end of its first `docker run`. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { bootMachine, type Machine } from "../../lab/machine/machine";
import { kill, removeMachine } from "../../lab/machine/machine-power";
import { consoleOf, execIn, leaderOf, readIn, waitUntil } from "../../lab/machine/machine-shell";
import { type Loading, progressOf } from "../../lab/volume/lazy-loading";
import type { Snapshot } from "../../lab/volume/snapshot";
import { createVolume, deleteVolume, type Volume } from "../../lab/volume/volume";
import { CACHE_DEVICE_NAME, STATUS_PATH } from "../../lib/contract";
import { renderWorker } from "../../lib/userdata/render";
import { LANGUAGE, RUN_ARGUMENTS } from "./commands";
import { hotBlocks } from "./hot-set";
import type { CommandKind, WorkerTurn } from "./results";
import { ARCHITECTURE, CACHE, IMAGE, metadata, type World } from "./world";

/** One worker to boot. */
export interface WorkerSpec {
  /** What it runs, one after the other. More than one only where the image is pulled first, since only then the first makes the next no faster. */
  readonly commands: readonly CommandKind[];
  /** Without one, it is an instance as it comes, with none of our scripts: the image is pulled. */
  readonly cache?: {
    readonly snapshot: Snapshot;
    readonly loading: Loading;
    readonly hydrate: "hot" | "all" | "none";
  };
  readonly networkMbitPerSecond?: number;
}

export interface WorkerTimes {
  /** Version of Docker. */
  readonly docker: string;
  readonly commands: Readonly<Partial<Record<CommandKind, Omit<WorkerTurn, "turn">>>>;
}

const BLOCK_BYTES = 512 * 1024;
/** The product's default, `hydrate_rate_mibps`. */
const RATE_MIBPS = "80";
const RESULT = "/run/docker-cache-bench";
const BEGAN = `${RESULT}.began`;
const SECONDS_AT_MOST = 300;
const id = (prefix: string) => `${prefix}-0${randomBytes(8).toString("hex")}`;

/** The consumer's script. It leaves lines `STEP BEGAN ENDED`, in seconds since the epoch. */
const script = ({ commands, cache }: WorkerSpec) => `#!/bin/bash
echo "script $EPOCHREALTIME $EPOCHREALTIME" >${RESULT}.new
set -o errexit
trap 'echo "failed $BASH_COMMAND" >>${RESULT}.new; mv ${RESULT}.new ${RESULT}' ERR
timed() {
  local step="$1" began=$EPOCHREALTIME
  "\${@:2}" >/dev/console 2>&1
  echo "$step $began $EPOCHREALTIME" >>${RESULT}.new
}
touch ${BEGAN}
${cache ? "" : `timed pull docker pull --quiet ${LANGUAGE}`}
${commands.map((command) => `timed ${command} docker run --rm --network none ${RUN_ARGUMENTS[command]}`).join("\n")}
echo "docker $(docker version --format '{{.Server.Version}}')" >>${RESULT}.new
mv ${RESULT}.new ${RESULT}
`;

function userDataOf(spec: WorkerSpec): Buffer | string {
  const own = script(spec);
  if (!spec.cache) return own;
  const { hydrate } = spec.cache;
  return renderWorker({
    CACHE_NAME: CACHE,
    CACHE_ARCHITECTURE: ARCHITECTURE,
    IMAGE_STORE: "overlay2",
    TIMEOUT_SECONDS: "120",
    MIN_FREE_GIB: "1",
    HYDRATE: hydrate,
    HYDRATE_RATE_MIBPS: hydrate === "all" ? RATE_MIBPS : "",
    USER_SCRIPT: own,
  });
}

/** Boots a worker, waits for the end of its last run, and removes it with its volume. */
export async function measureWorker({ cloud: { lab } }: World, spec: WorkerSpec): Promise<WorkerTimes> {
  // What the machine before it has left to be written would slow this one down.
  execFileSync("sync");
  const volume = spec.cache && (await createVolume(lab.run, { id: id("vol"), ...spec.cache }));
  try {
    const machine = await bootMachine(lab, {
      id: id("i"),
      image: IMAGE,
      rootVolumeId: id("vol"),
      volumes: volume ? [{ volume, deviceName: CACHE_DEVICE_NAME }] : [],
      networkMbitPerSecond: spec.networkMbitPerSecond,
      userData: userDataOf(spec),
      metadata,
    });
    const booted = Date.now() / 1000;
    try {
      return await follow(machine, spec, booted, volume);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${consoleOf(machine).split("\n").slice(-20).join("\n")}`);
    } finally {
      if (machine.boot) await kill(machine);
      await removeMachine(machine);
    }
  } finally {
    if (volume) await deleteVolume(lab.run, volume);
  }
}

async function follow(machine: Machine, spec: WorkerSpec, booted: number, volume?: Volume): Promise<WorkerTimes> {
  const loaded = () => (volume?.loader ? progressOf(volume.loader).touched * BLOCK_BYTES : undefined);
  let loadedBefore: number | undefined;
  const text = await waitUntil(`the first run on ${machine.spec.id}`, SECONDS_AT_MOST, async () => {
    if (loadedBefore === undefined && (await readIn(machine, BEGAN)) !== undefined) loadedBefore = loaded();
    return readIn(machine, RESULT);
  });
  const loadedBytes = loaded();
  const lines = new Map(text.split("\n").map((line) => [line.split(" ", 1)[0], line.slice(line.indexOf(" ") + 1)]));
  const failed = lines.get("failed");
  if (failed !== undefined) throw new Error(`the consumer's script failed: ${failed}`);
  const step = (name: string) => (lines.get(name) ?? "").split(" ").map(Number) as [began: number, ended: number];
  const seconds = (name: string) => step(name)[1] - step(name)[0];
  const common = { docker: (await readDockerStart(machine)) - booted, script: step("script")[0] - booted };
  const cache = spec.cache && (await readCacheTimes(machine));
  const commands = spec.commands.map((command) => {
    const [began, ended] = step(command);
    if (cache) {
      const { mountedAt, hotBytes } = cache;
      const figures = { sinceMount: ended - mountedAt, hotBytes, loadedBefore, loadedBytes };
      return [command, { ...common, boot: ended - booted, run: ended - began, ...figures }] as const;
    }
    const run = seconds("pull") + seconds(command);
    return [command, { ...common, boot: step("pull")[0] - booted + run, run }] as const;
  });
  return { docker: lines.get("docker") ?? "", commands: Object.fromEntries(commands) };
}

/** When Docker last became active, in seconds since the epoch. The machine's clocks are the host's. */
async function readDockerStart(machine: Machine): Promise<number> {
  const property = "--property=ActiveEnterTimestampMonotonic";
  const monotonic = Number(await execIn(machine, ["systemctl", "show", property, "--value", "docker.service"]));
  return Date.now() / 1000 - Number(process.hrtime.bigint()) / 1e9 + monotonic / 1e6;
}

/** Reads times from the worker's status, and the size of its hot set. */
async function readCacheTimes(machine: Machine) {
  const status = JSON.parse((await readIn(machine, STATUS_PATH)) ?? "{}") as Record<string, unknown>;
  if (status.state !== "warm") throw new Error(`the worker is ${status.state}: ${status.reason}`);
  const hotSet = (await readIn(machine, "/run/docker-cache/hot-set")) ?? "";
  // Scripts before `mountedAt` said only how long it took from their own start; the file was written at the end.
  const [ended, mounted] = [Number(status.endedMs), Number(status.mountedMs)];
  const written = statSync(`/proc/${await leaderOf(machine)}/root${STATUS_PATH}`).mtimeMs;
  const mountedAt = Number(status.mountedAt ?? (written - ended + mounted) / 1000);
  return { mountedAt, hotBytes: hotBlocks(hotSet) * BLOCK_BYTES };
}
