/**
 * Issue of every line: the synthesized stacks applied by real Terraform, a build that the stored schedule starts on a machine with a real Docker, its
 * snapshot promoted by the deployed function, and workers that run every cached image while the registry is switched off.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/start";
import { type Cloud, startCloud, stopCloud } from "../../../lab/cloud/cloud";
import * as loops from "../../../lab/loop/api-loop";
import { createClock } from "../../../lab/loop/clock";
import { bootWorker, dockerRun, type FinishedBuild, scheduledBuild, terminate } from "../../../lab/loop/machine-loop";
import { startRegistry } from "../../../lab/registry/lab-registry";
import { readConfig } from "../../../lib/config/read-config";
import { resolveConfig } from "../../../lib/config/resolve";
import { ensureTerraform } from "../../../scripts/setup/terraform";

const run = promisify(execFile);
const root = join(__dirname, "../../..");
const config = join(root, "lab/docker-cache.lab.yaml");
const MINUTES = 60_000;
const IMAGES = ["registry.lab/base:1", "registry.lab/language:1", "registry.lab/app-01:1"];
let aws: EmulatedAws;
let cloud: Cloud;
let folder: string;
let loop: loops.ApiLoop;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-lab-"));
  const outFolder = join(folder, "cdktf.out");
  const env = { ...process.env, DOCKER_CACHE_CONFIG: config, CDKTF_OUTDIR: outFolder };
  await run(join(root, "node_modules/.bin/tsx"), ["main.ts"], { cwd: root, env });
  const parsed = readConfig({ DOCKER_CACHE_CONFIG: config });
  if (!parsed.ok) throw new Error("the lab's configuration has problems");
  const clock = createClock();
  aws = await startEmulatedAws({ now: clock.now });
  cloud = await startCloud(aws, { regions: ["eu-west-1", "us-east-1"] });
  cloud.registry = await startRegistry(cloud.lab.run);
  const terraform = await ensureTerraform(join(root, ".cache/terraform"));
  loop = loops.apiLoop(aws, clock, resolveConfig(parsed.config), outFolder, {
    terraform,
    env: aws.env,
    pluginCache: join(root, ".cache/terraform-plugins"),
  });
  await loops.applyAll(loop, () => {});
}, 10 * MINUTES);

afterAll(async () => {
  if (cloud) await stopCloud(cloud);
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 2 * MINUTES);

async function promote(events: readonly Awaited<ReturnType<typeof loops.buildAll>>[number][]): Promise<void> {
  for (const event of events) {
    for (const { ok, result } of await loops.deliver(loop, event)) if (!ok) throw new Error(String(result));
  }
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
    await cloud.registry?.stop();
    const { machine, status } = await bootWorker(loop, cloud, "eu-west-1");
    expect(status).toMatchObject({ state: "warm", reason: "" });
    for (const image of IMAGES) expect((await dockerRun(machine, image)).output).not.toBe("");
    await terminate(loop, "eu-west-1", machine);
    cloud.registry = await startRegistry(cloud.lab.run);
  },
  4 * MINUTES,
);

test(
  "an unchanged set is checked, and makes no snapshot",
  async () => {
    const again = await scheduledBuild(loop, cloud, "eu-west-1");
    expect(again.log.join("\n")).toContain("outcome: checked");
    expect(cloud.snapshots.size).toBe(1);
    expect(again.seconds).toBeLessThan(first.seconds);
  },
  5 * MINUTES,
);

test(
  "DLM copies, the other region promotes its copy, and its worker is warm",
  async () => {
    await promote(await loops.replicateAll(loop));
    expect(await pointerOf("us-east-1")).toMatch(/^snap-/);
    expect(await pointerOf("us-east-1")).not.toBe(await pointerOf("eu-west-1"));
    const { machine, status } = await bootWorker(loop, cloud, "us-east-1");
    expect(status).toMatchObject({ state: "warm", reason: "" });
    await terminate(loop, "us-east-1", machine);
  },
  5 * MINUTES,
);

test("nothing went wrong behind the API", () => {
  expect(cloud.faults).toEqual([]);
});
