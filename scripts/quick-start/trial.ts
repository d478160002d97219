/** One run of the quick start: what it has started, and how all of it ends. */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AwsEvent } from "../../lab/aws/hooks";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import { stopCloud } from "../../lab/cloud/cloud";
import type { Cloud } from "../../lab/cloud/types";
import { type ApiLoop, apiLoop, deliver } from "../../lab/product/api-loop";
import { createClock } from "../../lab/product/clock";
import { synthesize } from "../../lab/product/synthesize";
import { endLeashed } from "../../lab/run/leashed";
import { isAlive } from "../../lab/run/process";
import { CACHE, PLUGIN_CACHE, TERRAFORM_CACHE } from "../../lab/tools/project";
import { ensureTerraform } from "../../lab/tools/terraform";

const folders = join(CACHE, "quickstart");

export interface Trial {
  /** Scratch, removed at the end. */
  readonly folder: string;
  readonly clock: ReturnType<typeof createClock>;
  terraform?: string;
  aws?: EmulatedAws;
  cloud?: Cloud;
  loop?: ApiLoop;
}

/** Tells what a step does while it runs. */
export type Tell = (line: string) => void;

/** Begins a run; removes what runs have left that were killed. */
export function startTrial(): Trial {
  for (const name of existsSync(folders) ? readdirSync(folders) : []) {
    if (!isAlive(Number(name))) rmSync(join(folders, name), { recursive: true, force: true });
  }
  const folder = join(folders, String(process.pid));
  mkdirSync(folder, { recursive: true });
  return { folder, clock: createClock() };
}

/** Ends everything, in order; what is still at work fails. */
export async function endTrial(trial: Trial): Promise<void> {
  await endLeashed();
  if (trial.cloud) await stopCloud(trial.cloud);
  await trial.aws?.stop();
  rmSync(trial.folder, { recursive: true, force: true });
}

/** Returns what an earlier step has made. @throws if it has not: steps run in order */
export function made<Part extends keyof Trial>(trial: Trial, part: Part): NonNullable<Trial[Part]> {
  const value = trial[part];
  if (value === undefined || value === null) throw new Error(`no ${part} yet`);
  return value;
}

export async function findTerraform(trial: Trial): Promise<void> {
  trial.terraform = await ensureTerraform(TERRAFORM_CACHE);
}

export async function startAws(trial: Trial, tell: Tell): Promise<void> {
  const logFile = join(trial.folder, "moto.log");
  trial.aws = await startEmulatedAws({ now: trial.clock.now, logFile, say: tell });
}

/** Synthesizes a configuration; returns the names of its stacks. */
export async function synthesizeStacks(trial: Trial, config?: string): Promise<string> {
  const { deployment, outFolder } = await synthesize(trial.folder, config);
  const aws = made(trial, "aws");
  trial.loop = apiLoop(aws, trial.clock, deployment, outFolder, {
    terraform: made(trial, "terraform"),
    env: aws.env,
    pluginCache: PLUGIN_CACHE,
  });
  return trial.loop.stacks.map(({ name }) => name).join(", ");
}

/** Delivers events to the deployed functions. @throws if one fails */
export async function promote(trial: Trial, events: readonly AwsEvent[]): Promise<void> {
  for (const { ok, result } of await deliver(made(trial, "loop"), events)) {
    if (!ok) throw new Error(`the rotation function failed: ${result}`);
  }
}
