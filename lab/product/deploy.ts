/** A configuration, deployed: synthesized by the program itself, applied by real Terraform, in front of machines that boot. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment } from "../../lib/config/cell";
import { type EmulatedAws, startEmulatedAws } from "../aws/server/start";
import { startCloud, stopCloud } from "../cloud/cloud";
import type { Cloud } from "../cloud/types";
import { type LabEcr, startEcr } from "../ecr/start";
import { startRegistry } from "../registry/lab-registry";
import type { RegistryFaults } from "../registry/registry-faults";
import { PLUGIN_CACHE, TERRAFORM_CACHE } from "../tools/project";
import { ensureTerraform } from "../tools/terraform";
import { type ApiLoop, apiLoop, applyAll, functionsOf } from "./api-loop";
import { createClock, type LabClock } from "./clock";
import type { DeployedFunction } from "./function";
import { synthesize } from "./synthesize";

export interface DeployOptions {
  /** The configuration, YAML. */
  readonly config: string;
  /** Nouns whose stacks are applied, by the names in the stacks'; one without a stack is an error. Default: all. */
  readonly nouns?: readonly string[];
  readonly faults?: RegistryFaults;
  /** Done before Terraform runs, such as secrets that it expects to exist. */
  readonly before?: (aws: EmulatedAws) => Promise<void>;
}

/** A deployment; `withdraw` ends it. */
export interface Deployed {
  readonly aws: EmulatedAws;
  readonly cloud: Cloud;
  /** The registries of ECR. */
  readonly ecr: LabEcr;
  readonly clock: LabClock;
  readonly loop: ApiLoop;
  /** By region, as long as Terraform changes nothing. */
  readonly functions: ReadonlyMap<string, readonly DeployedFunction[]>;
  readonly folder: string;
}

export async function deploy(options: DeployOptions): Promise<Deployed> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-lab-"));
  const file = join(folder, "docker-cache.yaml");
  writeFileSync(file, options.config);
  const { deployment, outFolder } = await synthesize(folder, file);
  const regions = deployment.regions.map(({ name }) => name);
  const clock = createClock();
  const aws = await startEmulatedAws({ now: clock.now });
  const cloud = await startCloud(aws, { regions }).catch(async (error: unknown) => {
    await aws.stop();
    throw error;
  });
  const running: Running = { aws, cloud, clock, folder };
  try {
    const ecr = await startEcr(cloud.lab.run, aws);
    return { ...running, ecr, ...(await set(running, deployment, outFolder, options)) };
  } catch (error) {
    await withdraw(running);
    throw error;
  }
}

type Running = Pick<Deployed, "aws" | "cloud" | "clock" | "folder"> & Partial<Pick<Deployed, "ecr">>;

/** Registry, stacks, functions. */
async function set(
  { aws, cloud, clock }: Running,
  deployment: Deployment,
  outFolder: string,
  options: DeployOptions,
): Promise<Pick<Deployed, "loop" | "functions">> {
  cloud.registry = await startRegistry(cloud.lab.run, options.faults);
  await options.before?.(aws);
  const whole = apiLoop(aws, clock, deployment, outFolder, {
    terraform: await ensureTerraform(TERRAFORM_CACHE),
    env: aws.env,
    provider: aws.provider,
    pluginCache: PLUGIN_CACHE,
  });
  const loop = { ...whole, stacks: stacksOf(whole.stacks, options.nouns) };
  await applyAll(loop, () => {});
  const functions = new Map<string, DeployedFunction[]>();
  for (const { name } of deployment.regions) functions.set(name, await functionsOf(loop, name));
  return { loop, functions };
}

/** The stacks of these nouns; all if `nouns` is undefined. */
function stacksOf(stacks: ApiLoop["stacks"], nouns: DeployOptions["nouns"]): ApiLoop["stacks"] {
  if (nouns === undefined) return stacks;
  const of = (noun: string) => stacks.filter(({ name }) => name.includes(`-${noun}-`));
  const without = nouns.filter((noun) => of(noun).length === 0);
  if (without.length === 0) return nouns.flatMap(of);
  const there = stacks.map(({ name }) => name).join(", ");
  throw new Error(`no stack of ${without.join(", ")}: expected nouns of ${there}`);
}

/** Ends all of it. */
export async function withdraw(deployed: Running): Promise<void> {
  await deployed.ecr?.stop();
  await stopCloud(deployed.cloud);
  await deployed.aws.stop();
  rmSync(deployed.folder, { recursive: true, force: true });
}
