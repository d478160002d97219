/** Boots one worker, on a machine of its own, and measures it to the end of its first `docker run`. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { bootMachine, type Machine } from "../../lab/machine/machine";
import { kill, removeMachine } from "../../lab/machine/machine-power";
import { execIn, leaderOf, waitUntil } from "../../lab/machine/machine-shell";
import { type Loading, progressOf } from "../../lab/volume/lazy-loading";
import type { Snapshot } from "../../lab/volume/snapshot";
import { createVolume, deleteVolume } from "../../lab/volume/volume";
import { CACHE_DEVICE_NAME, STATUS_PATH } from "../../lib/contract";
import { renderWorker } from "../../lib/userdata/render";
import type { WorkerFigures } from "./results";
import { ARCHITECTURE, CACHE, IMAGE, metadata, type World } from "./world";

/** One kind of worker. */
export interface WorkerSpec {
  /** Image that it runs first. */
  readonly image: string;
  /** Without one, it is an instance as it comes, with none of our scripts: `docker run` pulls. */
  readonly snapshot?: Snapshot;
  readonly loading?: Loading;
  readonly hydrate?: "hot" | "all" | "none";
  /** Reads the whole device, by 16 readers, before the run: the usual advice for volumes made from snapshots. */
  readonly readsAllFirst?: boolean;
  readonly networkMbitPerSecond?: number;
}

/** Times in seconds. */
export interface WorkerTimes extends Omit<WorkerFigures, "image"> {
  /** Version of Docker. */
  readonly docker: string;
}

const BLOCK_BYTES = 512 * 1024;
const TICKS_PER_SECOND = 100;
const RESULT = "/run/docker-cache-bench";
const id = (prefix: string) => `${prefix}-0${randomBytes(8).toString("hex")}`;

/** Runs at the end of the user data, as a consumer's script does; its process is that of the user data. */
const script = (image: string, readsAllFirst: boolean) => `#!/bin/bash
${readsAllFirst ? READ_ALL : ""}
began=$EPOCHREALTIME
docker run --rm --network none ${image} >/dev/console 2>&1 || exit
echo "$began $EPOCHREALTIME $(cut -d' ' -f22 /proc/$$/stat) $(docker version --format '{{.Server.Version}}')" >${RESULT}.new
mv ${RESULT}.new ${RESULT}
`;

const READ_ALL = `disk=$(findmnt --noheadings --output SOURCE --mountpoint /var/lib/docker-cache)
blocks=$(($(blockdev --getsize64 "$disk") / 33554432))
seq 0 $((blocks - 1)) | xargs --max-procs=16 --replace dd if="$disk" of=/dev/null bs=32M count=1 skip={} iflag=direct status=none`;

function userDataOf(spec: WorkerSpec): string {
  const own = script(spec.image, spec.readsAllFirst ?? false);
  if (!spec.snapshot) return own;
  return renderWorker({
    CACHE_NAME: CACHE,
    CACHE_ARCHITECTURE: ARCHITECTURE,
    IMAGE_STORE: "overlay2",
    DEVICE_NAME: CACHE_DEVICE_NAME,
    TIMEOUT_SECONDS: "120",
    MIN_FREE_GIB: "1",
    HYDRATE: spec.hydrate ?? "hot",
    USER_SCRIPT: own,
  });
}

/** Boots a worker, waits for the end of its first run, and removes it with its volume. */
export async function measureWorker({ cloud }: World, spec: WorkerSpec): Promise<WorkerTimes> {
  const { lab } = cloud;
  const volume =
    spec.snapshot && (await createVolume(lab.run, { id: id("vol"), snapshot: spec.snapshot, loading: spec.loading }));
  const machine = await bootMachine(lab, {
    id: id("i"),
    image: IMAGE,
    rootVolumeId: id("vol"),
    volumes: volume ? [{ volume, deviceName: CACHE_DEVICE_NAME }] : [],
    networkMbitPerSecond: spec.networkMbitPerSecond,
    userData: userDataOf(spec),
    metadata,
  });
  const booted = Date.now();
  try {
    const text = await waitUntil(`the first run on ${machine.spec.id}`, 300, async () => readIn(machine, RESULT));
    const [began = 0, ended = 0, startTicks = 0] = text.split(" ").map(Number);
    const docker = text.trim().split(" ").at(-1) ?? "";
    const loaded = volume?.loader && progressOf(volume.loader).touched * BLOCK_BYTES;
    const times = { boot: ended - booted / 1000, run: ended - began, loadedBytes: loaded, docker };
    return spec.snapshot ? { ...times, ...(await readCacheTimes(machine, ended, startTicks)) } : times;
  } finally {
    await kill(machine);
    await removeMachine(machine);
    if (volume) await deleteVolume(lab.run, volume);
  }
}

async function readIn(machine: Machine, path: string): Promise<string | undefined> {
  if (!machine.boot) throw new Error(`${machine.spec.id} is off`);
  try {
    return readFileSync(`/proc/${await leaderOf(machine)}/root${path}`, "utf8");
  } catch {
    return undefined;
  }
}

const sleptSeconds = () => uptime() - Number(process.hrtime.bigint()) / 1e9;

/** Reads times from the worker's status and systemd. The machine's clocks are the host's. */
async function readCacheTimes(machine: Machine, ended: number, startTicks: number) {
  const status = JSON.parse((await readIn(machine, STATUS_PATH)) ?? "{}") as Record<string, unknown>;
  if (status.state !== "warm") throw new Error(`the worker is ${status.state}: ${status.reason}`);
  const [written = "0", dockerStart = "0"] = (
    await execIn(machine, [
      "sh",
      "-c",
      `stat --format=%.6Y ${STATUS_PATH}; systemctl show --property=ExecMainStartTimestampMonotonic --value docker.service`,
    ])
  ).split("\n");
  const hot = ((await readIn(machine, "/run/docker-cache/hot-set")) ?? "").split("\n");
  const ready = (Number(status.readyMs) - Number(status.mountedMs)) / 1000;
  return {
    sinceMount: ended - Number(written) + ready,
    // The kernel counts a process's start with the time that the machine slept, systemd without.
    beforeDocker: Number(dockerStart) / 1e6 + sleptSeconds() - startTicks / TICKS_PER_SECOND,
    hotBytes: hot.reduce((sum, line) => sum + (Number(line.split(" ")[1]) || 0), 0) * BLOCK_BYTES,
  };
}
