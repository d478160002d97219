/** The whole loop: machines that boot, a build that pulls, a volume that is snapshotted, workers that run its images with the registry switched off. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AwsEvent } from "../../lab/aws/hooks";
import { startCloud } from "../../lab/cloud/cloud";
import { execIn } from "../../lab/machine/machine-shell";
import { replicateAll } from "../../lab/product/api-loop";
import { writeLabConfig } from "../../lab/product/lab-config";
import {
  bootWorker,
  dockerRun,
  ourLines,
  type RunningWorker,
  scheduledBuild,
  terminate,
} from "../../lab/product/machine-loop";
import { startRegistry } from "../../lab/registry/lab-registry";
import { runLeashed } from "../../lab/run/leashed";
import { ROOT } from "../../lab/tools/project";
import { applyStep, awsStep, planStep, terraformStep } from "./api-steps";
import { isPrepared } from "./can-boot";
import type { Step } from "./steps";
import { made, promote, synthesizeStacks, type Tell, type Trial } from "./trial";

const BUILDS = "eu-west-1";
const COPIES = "us-east-1";
const GENERATION = "trixie";
/** The image of 1 GB; the others are smaller. */
export const LARGE = "registry.lab/language:1";
const IMAGES = ["registry.lab/base:1", LARGE, "registry.lab/app-01:1"];
/** Network that machines get, and the time that the first touch of 512 KiB of a volume from a snapshot takes: about as on AWS. */
export const NETWORK_MBIT = 1000;
export const FIRST_TOUCH_MS = 15;
const BUILD_LOOK_MS = 300;

/** Seconds from the launch to the end of the first `docker run` of the large image. */
export interface Figures {
  cold?: number;
  /** Of the cold start: the pull alone. */
  pull?: number;
  warm?: number;
  build?: number;
}

/** Makes the images that machines boot from. */
const setupStep: Step = {
  title: isPrepared(GENERATION)
    ? "the lab's images"
    : "the lab's images and registry, made once (several minutes: Debian packages, 3 GB in /var/cache)",
  run: async (_trial, tell) => {
    const setup = join(ROOT, "lab/setup");
    await runLeashed([setup, GENERATION], { endSeconds: 20, say: (line) => tell(line.replace("lab setup: ", "")) });
  },
};

async function startMachines(trial: Trial): Promise<void> {
  const regions = [BUILDS, COPIES];
  const loading = { firstTouchMs: FIRST_TOUCH_MS };
  const options = { regions, loading, image: `${GENERATION}-aws`, networkMbitPerSecond: NETWORK_MBIT };
  trial.cloud = await startCloud(made(trial, "aws"), options);
  trial.cloud.registry = await startRegistry(trial.cloud.lab.run);
}

const worker = (trial: Trial, region: string) => bootWorker(made(trial, "loop"), made(trial, "cloud"), region);

/** Runs the large image on a worker, and lets the worker go. */
async function firstRun(trial: Trial, { machine, seconds }: RunningWorker): Promise<number> {
  const run = await dockerRun(machine, LARGE);
  await terminate(made(trial, "loop"), BUILDS, machine);
  return seconds + run.seconds;
}

async function coldWorker(trial: Trial, figures: Figures): Promise<string> {
  const booted = await worker(trial, BUILDS);
  const started = Date.now();
  await execIn(booted.machine, ["docker", "pull", "--quiet", LARGE], { timeoutSeconds: 1800 });
  figures.pull = (Date.now() - started) / 1000;
  figures.cold = figures.pull + (await firstRun(trial, booted));
  return `cold, ${booted.status.reason}; it pulls ${LARGE}`;
}

async function build(trial: Trial, tell: Tell, figures: Figures): Promise<readonly AwsEvent[]> {
  const cloud = made(trial, "cloud");
  let last: string | undefined;
  const look = setInterval(() => {
    const machine = [...cloud.machines.values()].at(-1);
    // A Ctrl-C takes the machine away, console and all.
    if (!machine || !existsSync(machine.directory)) return;
    const line = ourLines(machine).at(-1);
    if (line && line !== last) tell(line);
    last = line;
  }, BUILD_LOOK_MS);
  try {
    const { events, seconds, log } = await scheduledBuild(made(trial, "loop"), cloud, BUILDS);
    if (!log.some((line) => line.includes("outcome: ready"))) throw new Error(`the build failed:\n${log.join("\n")}`);
    figures.build = seconds;
    return events;
  } finally {
    clearInterval(look);
  }
}

async function warmWorker(trial: Trial, figures: Figures): Promise<string> {
  const cloud = made(trial, "cloud");
  await cloud.registry?.stop();
  const booted = await worker(trial, BUILDS);
  if (booted.status.state !== "warm") throw new Error(`the worker is cold: ${booted.status.reason}`);
  figures.warm = await firstRun(trial, booted);
  return "warm, with the registry switched off";
}

/** A worker of the other region runs every image, the registry still off. */
async function otherRegion(trial: Trial): Promise<string> {
  const loop = made(trial, "loop");
  await promote(trial, await replicateAll(loop));
  const { machine, status } = await worker(trial, COPIES);
  if (status.state !== "warm") throw new Error(`the worker is cold: ${status.reason}`);
  for (const image of IMAGES) await dockerRun(machine, image);
  await terminate(loop, COPIES, machine);
  return `a worker there runs ${IMAGES.length} images`;
}

/** The steps, in order; fills in the figures. */
export function machineSteps(figures: Figures): Step[] {
  let events: readonly AwsEvent[] = [];
  return [
    terraformStep,
    setupStep,
    awsStep,
    { title: "a network, a registry, room for machines and volumes", run: startMachines },
    {
      title: "lab/docker-cache.lab.yaml becomes Terraform",
      run: (trial) => synthesizeStacks(trial, writeLabConfig(trial.folder)),
    },
    applyStep,
    { title: "a worker boots before the first build", run: (trial) => coldWorker(trial, figures) },
    {
      title: "the schedule is due: a builder boots, pulls, proves, snapshots, and is gone",
      run: async (trial, tell) => {
        events = await build(trial, tell, figures);
      },
    },
    { title: "the rotation function hears of the snapshot and promotes it", run: (trial) => promote(trial, events) },
    { title: "a worker boots from the launch template", run: (trial) => warmWorker(trial, figures) },
    { title: "DLM copies to the other region, which promotes its copy", run: otherRegion },
    planStep,
  ];
}
