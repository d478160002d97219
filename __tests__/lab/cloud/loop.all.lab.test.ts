/**
 * Issue of every line: real Terraform applies the synthesized stacks. The stored schedule starts a build on a machine with a real Docker. The
 * deployed function promotes its snapshot. Workers run every cached image while the registry is switched off.
 */
import { DeleteSnapshotCommand } from "@aws-sdk/client-ec2";
import type { Cloud } from "../../../lab/cloud/types";
import { execIn } from "../../../lab/machine/machine-shell";
import * as loops from "../../../lab/product/api-loop";
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { labConfig } from "../../../lab/product/lab-config";
import {
  bootWorker,
  dockerRun,
  type FinishedBuild,
  scheduledBuild,
  terminate,
} from "../../../lab/product/machine-loop";
import { startRegistry } from "../../../lab/registry/lab-registry";

const MINUTES = 60_000;
const IMAGES = ["registry.lab/base:1", "registry.lab/language:1", "registry.lab/app-01:1"];
let deployed: Deployed | undefined;
let cloud: Cloud;
let loop: loops.ApiLoop;

beforeAll(async () => {
  deployed = await deploy({ config: labConfig() });
  ({ cloud, loop } = deployed);
}, 10 * MINUTES);

afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

async function promote(events: readonly Awaited<ReturnType<typeof loops.buildAll>>[number][]): Promise<void> {
  for (const { ok, result } of await loops.deliver(loop, events)) if (!ok) throw new Error(String(result));
}

/** On a warm worker, while the registry is switched off. */
async function runEveryImage(region: string): Promise<void> {
  await cloud.registry?.stop();
  const { machine, status } = await bootWorker(loop, cloud, region);
  expect(status).toMatchObject({ state: "warm", reason: "" });
  for (const image of IMAGES) expect((await dockerRun(machine, image)).output).not.toBe("");
  await terminate(loop, region, machine);
  cloud.registry = await startRegistry(cloud.lab.run);
}

const pointerOf = async (region: string) =>
  (await loops.pointers(loop)).find((pointer) => pointer.region === region)?.snapshotId;

let first: FinishedBuild;

test(
  "before the first promotion a worker waits for nothing and has a usable Docker",
  async () => {
    const { machine, status } = await bootWorker(loop, cloud, "eu-west-1");
    expect(status).toMatchObject({ state: "cold", reason: "no cache device was mapped at launch" });
    await terminate(loop, "eu-west-1", machine);
  },
  3 * MINUTES,
);

test(
  "a scheduled build ends ready, gone and promoted",
  async () => {
    first = await scheduledBuild(loop, cloud, "eu-west-1");
    expect(first.log.join("\n")).toContain("outcome: ready");
    expect(cloud.snapshots.size).toBe(1);
    await promote(first.events);
    expect(await pointerOf("eu-west-1")).toBe([...cloud.snapshots.keys()][0]);
  },
  8 * MINUTES,
);

test(
  "a worker runs every cached image with the registry switched off",
  async () => {
    await runEveryImage("eu-west-1");
  },
  4 * MINUTES,
);

test(
  "an unchanged set is checked, and makes no snapshot",
  async () => {
    const again = await scheduledBuild(loop, cloud, "eu-west-1");
    expect(again.log.join("\n")).toContain("outcome: checked");
    expect(cloud.snapshots.size).toBe(1);
  },
  5 * MINUTES,
);

test(
  "DLM copies, the other region promotes its copy, and its worker runs every image with the registry switched off",
  async () => {
    await promote(await loops.replicateAll(loop));
    expect(await pointerOf("us-east-1")).toMatch(/^snap-/);
    expect(await pointerOf("us-east-1")).not.toBe(await pointerOf("eu-west-1"));
    await runEveryImage("us-east-1");
  },
  5 * MINUTES,
);

test(
  "a promoted snapshot that somebody deletes is out of the template within a reconcile: the launch succeeds, and Docker runs without it",
  async () => {
    const region = "us-east-1";
    const { ec2 } = loops.clients(loop, region);
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId: await pointerOf(region) }));
    await expect(bootWorker(loop, cloud, region)).rejects.toThrow(/does not exist/);
    for (const { ok, result } of await loops.reconcile(loop, region)) if (!ok) throw new Error(String(result));
    expect(await pointerOf(region)).toBe("none");
    const { machine, status } = await bootWorker(loop, cloud, region);
    expect(status).toMatchObject({ state: "cold", reason: "no cache device was mapped at launch" });
    expect(await execIn(machine, ["docker", "info", "--format", "{{.DockerRootDir}}"])).toBe("/var/lib/docker\n");
    await terminate(loop, region, machine);
  },
  5 * MINUTES,
);

test("nothing went wrong behind the API", () => {
  expect(cloud.faults).toEqual([]);
});
