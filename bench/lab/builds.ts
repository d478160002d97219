/** Builds, timed step by step, and what they are compared with: the same images pulled one by one. */
import { randomBytes } from "node:crypto";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { bootMachine, type Machine } from "../../lab/machine/machine";
import { kill, removeMachine } from "../../lab/machine/machine-power";
import { execIn, waitUntil } from "../../lab/machine/machine-shell";
import { clients, deliver } from "../../lab/product/api-loop";
import { ourLines, scheduledBuild } from "../../lab/product/machine-loop";
import { runCommand } from "../../lab/run/command";
import { damageVolume } from "../../lab/volume/damage";
import type { Snapshot } from "../../lab/volume/snapshot";
import { createVolume, deleteVolume } from "../../lab/volume/volume";
import { parameterPaths } from "../../lib/contract";
import { ARCHITECTURE, CACHE, IMAGE, metadata, REGION, type World } from "./world";

/** Times in seconds. */
export interface BuildTimes {
  /** From the launch until the instance is gone. */
  readonly seconds: number;
  /** By the builder's own names. */
  readonly steps: Readonly<Record<string, number>>;
  /** From the launch to its first step, and from the end of its last until it is gone. */
  readonly bootSeconds: number;
  readonly shutdownSeconds: number;
  /** None if nothing had changed. */
  readonly snapshot?: Snapshot;
}

const id = (prefix: string) => `${prefix}-0${randomBytes(8).toString("hex")}`;

/** Runs the builder's schedule, waits until it is gone, and lets rotation promote what it made. */
export async function measureBuild(world: World): Promise<BuildTimes> {
  const { cloud, loop } = world;
  const before = new Set(cloud.snapshots.keys());
  const known = new Set(cloud.machines.keys());
  const watch = watchSteps(() => [...cloud.machines.values()].find(({ spec }) => !known.has(spec.id)));
  const launched = Date.now();
  const { log, events, seconds } = await scheduledBuild(loop, cloud, REGION);
  const gone = Date.now();
  const { steps, firstBegan, lastEnded } = watch();
  const outcome = log.find((line) => line.startsWith("outcome: "));
  if (!/ready|checked/.test(outcome ?? "")) throw new Error(`the build ended with ${outcome}:\n${log.join("\n")}`);
  await deliver(loop, events);
  const made = [...cloud.snapshots.keys()].find((snapshotId) => !before.has(snapshotId));
  return {
    seconds,
    steps,
    bootSeconds: (firstBegan - launched) / 1000,
    shutdownSeconds: (gone - lastEnded) / 1000,
    snapshot: made === undefined ? undefined : cloud.snapshots.get(made),
  };
}

interface WatchedSteps {
  readonly steps: Record<string, number>;
  /** In milliseconds since the epoch, as long as any step was seen. */
  readonly firstBegan: number;
  readonly lastEnded: number;
}

/** Follows a builder's console; the function that comes back stops and says how long each step took. */
function watchSteps(find: () => Machine | undefined): () => WatchedSteps {
  const began: Record<string, number> = {};
  const steps: Record<string, number> = {};
  let lastEnded = Number.NaN;
  const look = () => {
    const machine = find();
    for (const line of machine ? ourLines(machine) : []) {
      const [, name = "", done] = /^== (.+?)(: done.*)?$/.exec(line) ?? [];
      if (name === "") continue;
      if (done === undefined) began[name] ??= Date.now();
      else if (steps[name] === undefined) {
        lastEnded = Date.now();
        steps[name] = (lastEnded - (began[name] ?? lastEnded)) / 1000;
      }
    }
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    return { steps, firstBegan: Math.min(...Object.values(began)), lastEnded };
  };
}

/** Makes the cache volume as it was before the first build. */
export async function blankVolume({ cloud, loop }: World): Promise<void> {
  const Name = parameterPaths(CACHE, ARCHITECTURE).volumeId;
  const { Parameter } = await clients(loop, REGION).ssm.send(new GetParameterCommand({ Name }));
  const volume = cloud.volumes.get(Parameter?.Value ?? "");
  if (volume) damageVolume(cloud.lab.run, volume, { kind: "blank" });
}

/** Seconds for which Docker, with its own defaults, on a volume like the cache's, pulls one image after the other. */
export async function measureSerialPulls(
  { cloud }: World,
  images: readonly string[],
): Promise<{ seconds: number; docker: string }> {
  const { lab } = cloud;
  const volume = await createVolume(lab.run, { id: id("vol"), sizeGib: 8 });
  const machine = await bootMachine(lab, {
    id: id("i"),
    image: IMAGE,
    rootVolumeId: id("vol"),
    volumes: [{ volume, deviceName: "/dev/sdf" }],
    userData: `#!/bin/bash
systemctl stop docker.socket docker.service
mkfs.xfs -q -K /dev/nvme1n1 && mount /dev/nvme1n1 /var/lib/docker && systemctl start docker.service || exit
began=$EPOCHREALTIME
for image in ${images.join(" ")}; do docker pull --quiet "$image" || exit; done
echo "$began $EPOCHREALTIME $(docker version --format '{{.Server.Version}}')" >/run/docker-cache-bench.new
mv /run/docker-cache-bench.new /run/docker-cache-bench
`,
    metadata,
  });
  try {
    const text = await waitUntil(`the pulls on ${machine.spec.id}`, 600, () =>
      execIn(machine, ["cat", "/run/docker-cache-bench"]).catch(() => undefined),
    );
    const [began, ended, docker = ""] = text.trim().split(" ");
    return { seconds: Number(ended) - Number(began), docker };
  } finally {
    await kill(machine);
    await removeMachine(machine);
    await deleteVolume(lab.run, volume);
  }
}

/** Bytes that the layers of `images` which `former` do not have take on a disk: each file in blocks of 4 KiB. */
export async function bytesOfNewLayers(
  { cloud }: World,
  former: readonly string[],
  images: readonly string[],
): Promise<number> {
  const storage = cloud.registry?.storage ?? "";
  const program = `
import json, os, sys, tarfile
storage, former, images = sys.argv[1:]
def blob(digest):
    return os.path.join(storage, "docker/registry/v2/blobs/sha256", digest[7:9], digest[7:], "data")
def layers(reference):
    name, tag = reference.split(":")
    link = os.path.join(storage, "docker/registry/v2/repositories", name, "_manifests/tags", tag, "current/link")
    manifest = json.load(open(blob(open(link).read())))
    if "manifests" in manifest:
        manifest = json.load(open(blob(manifest["manifests"][0]["digest"])))
    return {layer["digest"] for layer in manifest["layers"]}
def layers_of(references):
    return set().union(*map(layers, references.split()))
total = 0
for digest in layers_of(images) - layers_of(former):
    for member in tarfile.open(blob(digest)):
        total += -(-member.size // 4096) * 4096
print(total)`;
  return Number(await runCommand(["python3", "-c", program, storage, former.join(" "), images.join(" ")]));
}
