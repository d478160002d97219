/**
 * The example for existing Terraform, unchanged, in front of machines that boot. Its builder's own schedule builds, from a stand-in for Docker Hub.
 * Its Auto Scaling group's instances are warm.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { startCloud, stopCloud } from "../../lab/cloud/cloud";
import type { Cloud } from "../../lab/cloud/types";
import type { Machine } from "../../lab/machine/machine";
import { execIn, waitUntil } from "../../lab/machine/machine-shell";
import type { ApiLoop } from "../../lab/product/api-loop";
import { dockerRun, scheduledBuild } from "../../lab/product/machine-loop";
import { layerOfFolder } from "../../lab/registry/image-layer";
import { layersOf } from "../../lab/registry/image-read";
import { writeImage } from "../../lab/registry/image-store";
import { startRegistry } from "../../lab/registry/lab-registry";
import { STATUS_PATH } from "../../lib/contract";
import { type Example, REGION, startExample } from "./example";

const MINUTES = 60_000;
const GROUP = "ci-workers";
const IMAGE = "python:3.12-slim";
let example: Example;
let cloud: Cloud;

/** The lab's `base` with a `python` in it, under the name that Docker Hub has for the image; redis, which is optional, is not there. */
async function writePython(storage: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-python-"));
  try {
    mkdirSync(join(folder, "usr/local/bin"), { recursive: true });
    symlinkSync("/usr/bin/python3", join(folder, "usr/local/bin/python"));
    const layers = [...layersOf(storage, "base", "1"), await layerOfFolder(storage, folder)];
    writeImage(storage, {
      name: "library/python",
      tag: "3.12-slim",
      layers,
      command: ["python", "-c", "print('hello')"],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

beforeAll(async () => {
  example = await startExample("examples/existing-terraform");
  cloud = await startCloud(example.aws, { regions: [REGION] });
  cloud.registry = await startRegistry(cloud.lab.run);
  await writePython(cloud.registry.storage);
  await example.apply();
}, 10 * MINUTES);

afterAll(async () => {
  if (cloud) await stopCloud(cloud);
  await example?.stop();
}, 2 * MINUTES);

const autoScaling = () =>
  new AutoScalingClient({
    region: REGION,
    endpoint: example.aws.endpointUrl,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });

async function scale(DesiredCapacity: number): Promise<Machine[]> {
  const client = autoScaling();
  await client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity }));
  const [group] = (await client.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups ?? [];
  return (group?.Instances ?? []).flatMap(({ InstanceId = "" }) => cloud.machines.get(InstanceId) ?? []);
}

async function statusOf(machine: Machine): Promise<{ state: string; reason: string }> {
  const text = await waitUntil(`the status of ${machine.spec.id}`, 180, () =>
    execIn(machine, ["cat", STATUS_PATH]).catch(() => undefined),
  );
  return JSON.parse(text) as { state: string; reason: string };
}

test(
  "before the first build an instance of the group starts cold, at once",
  async () => {
    const [machine] = await scale(1);
    if (!machine) throw new Error("the group has launched no machine");
    expect(await statusOf(machine)).toMatchObject({ state: "cold", reason: "no cache device was mapped at launch" });
    expect(await scale(0)).toEqual([]);
  },
  5 * MINUTES,
);

test(
  "the module's schedule builds, without the optional image that is not there, and the snapshot is promoted",
  async () => {
    const build = await scheduledBuild({ aws: example.aws } as ApiLoop, cloud, REGION);
    const log = build.log.join("\n");
    expect(log).toContain("outcome: ready");
    expect(log).toContain("left out, since it is optional: redis:7");
    expect(log).toMatch(/proven: python:3\.12-slim: exit 0/);
    for (const event of build.events) await example.deliver(event);
    expect(cloud.snapshots.has(await example.pointer())).toBe(true);
  },
  8 * MINUTES,
);

test(
  "two instances of the group boot warm, and run the image while every registry is switched off",
  async () => {
    await cloud.registry?.stop();
    const machines = await scale(2);
    expect(machines).toHaveLength(2);
    for (const machine of machines) {
      expect(await statusOf(machine)).toMatchObject({ state: "warm", reason: "" });
      expect((await dockerRun(machine, IMAGE)).output).toBe("hello\n");
    }
    expect(await scale(0)).toEqual([]);
    expect(cloud.machines.size).toBe(0);
  },
  5 * MINUTES,
);

test(
  "no plan shows any of it, and nothing went wrong behind the API",
  async () => {
    expect(await example.changes()).toBeUndefined();
    expect(cloud.faults).toEqual([]);
  },
  5 * MINUTES,
);
