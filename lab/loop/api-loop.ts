/**
 * The product's main job at the level of AWS's API: every stack of a configuration applied by real Terraform against the emulated AWS, a build
 * stood in for, its snapshot promoted by the deployed function, copied by DLM's rules, promoted there, and planned again.
 */
import { EC2Client } from "@aws-sdk/client-ec2";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Deployment } from "../../lib/config/cell";
import { type Architecture, parameterPaths } from "../../lib/contract";
import { runDueDlmPolicies } from "../aws/dlm-run";
import type { AwsEvent } from "../aws/hooks";
import type { EmulatedAws } from "../aws/start";
import { enforcePermissions, type Permissions } from "../iam/enforce";
import { type LabClock, nextTimeOfDay } from "./clock";
import { type DeployedFunction, deployedFunctions, type Invocation, invoke } from "./function";
import { standInBuild } from "./stand-in-build";
import { apply, changes, destroy, init, type SynthesizedStack, stacksIn, type TerraformOptions } from "./terraform";

/** At most this many Terraform processes at once. */
const PARALLEL = 2;

export interface ApiLoop {
  readonly aws: EmulatedAws;
  /** The clock that `aws` was started with. */
  readonly clock: LabClock;
  readonly deployment: Deployment;
  readonly stacks: readonly SynthesizedStack[];
  readonly terraform: TerraformOptions;
  /** Calls in the name of a role, judged by its policies. */
  readonly permissions: Permissions;
}

export function apiLoop(
  aws: EmulatedAws,
  clock: LabClock,
  deployment: Deployment,
  outFolder: string,
  terraform: TerraformOptions,
): ApiLoop {
  return { aws, clock, deployment, stacks: stacksIn(outFolder), terraform, permissions: enforcePermissions(aws) };
}

/** Runs `work` over `items`, a few at a time; every item is tried, and the failures are thrown together. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.join("\n"));
}

/** `terraform init` and `apply` of every stack, in the manifest's order: none waits for another. */
export async function applyAll(loop: ApiLoop, say: (line: string) => void): Promise<void> {
  for (const stack of loop.stacks) await init(stack, loop.terraform);
  await eachOf(loop.stacks, async (stack) => {
    await apply(stack, loop.terraform);
    say(`applied ${stack.name}`);
  });
}

/** The stacks whose plan is not empty, with that plan. */
export async function planAll(loop: ApiLoop): Promise<{ stack: string; plan: string }[]> {
  const found: { stack: string; plan: string }[] = [];
  await eachOf(loop.stacks, async (stack) => {
    const plan = await changes(stack, loop.terraform);
    if (plan) found.push({ stack: stack.name, plan });
  });
  return found;
}

export async function destroyAll(loop: ApiLoop, say: (line: string) => void): Promise<void> {
  await eachOf(loop.stacks, async (stack) => {
    await destroy(stack, loop.terraform);
    say(`destroyed ${stack.name}`);
  });
}

/** Clients of one region of the emulated AWS. */
export function clients(loop: ApiLoop, region: string): { ec2: EC2Client; ssm: SSMClient } {
  const config = {
    region,
    endpoint: loop.aws.endpointUrl,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  return { ec2: new EC2Client(config), ssm: new SSMClient(config) };
}

/** The functions that the rotation stacks of a region deployed. */
export async function functionsOf(loop: ApiLoop, region: string): Promise<DeployedFunction[]> {
  const rotations = loop.stacks.filter((stack) => stack.name.endsWith(`-rotation-${region}`));
  return (await Promise.all(rotations.map((stack) => deployedFunctions(stack, loop.terraform)))).flat();
}

/** Delivers an event to every function of its region, as EventBridge's rules do; to `functions` where they are known. */
export async function deliver(
  loop: ApiLoop,
  event: AwsEvent,
  known?: readonly DeployedFunction[],
): Promise<Invocation[]> {
  const functions = known ?? (await functionsOf(loop, event.region));
  return Promise.all(functions.map((target) => invoke(target, event, loop.aws, loop.clock)));
}

/** Collects the snapshot events that the emulated AWS raises while `work` runs. */
export async function snapshotEvents(loop: ApiLoop, work: () => Promise<unknown>): Promise<AwsEvent[]> {
  const events: AwsEvent[] = [];
  const stop = loop.aws.hooks.on("Event", (event) => {
    if (event["detail-type"] === "EBS Snapshot Notification") events.push(event);
  });
  await work();
  stop();
  return events;
}

/** A stand-in build of every cache in the regions that build; the events that it raised. */
export function buildAll(loop: ApiLoop, content: string, buildId: string): Promise<AwsEvent[]> {
  return snapshotEvents(loop, async () => {
    for (const region of loop.deployment.regions) {
      for (const cell of region.cells.filter((candidate) => candidate.builder)) {
        const { ec2, ssm } = clients(loop, region.name);
        const store = `${cell.rotation.store}/25`;
        await standInBuild(ec2, ssm, { name: cell.cache, architecture: cell.architecture, content, store, buildId });
      }
    }
  });
}

/** Moves the clock past the next daily replication of every cache, where DLM's policies do their work; the events of it. */
export function replicateAll(loop: ApiLoop): Promise<AwsEvent[]> {
  const from = loop.clock.now();
  const times = loop.deployment.regions
    .flatMap((region) => region.cells)
    .flatMap(({ builder }) => (builder?.replicateAt ? [nextTimeOfDay(builder.replicateAt, from).getTime()] : []));
  return snapshotEvents(loop, async () => {
    if (times.length > 0) loop.clock.advanceTo(new Date(Math.max(...times) + 60_000));
    await runDueDlmPolicies(loop.aws.aws);
    await loop.aws.aws.agenda.settle();
  });
}

export interface Pointer {
  readonly region: string;
  readonly name: string;
  readonly architecture: Architecture;
  readonly snapshotId: string;
}

/** Where every pointer stands. */
export async function pointers(loop: ApiLoop): Promise<Pointer[]> {
  const cells = loop.deployment.regions.flatMap((region) => region.cells);
  return Promise.all(
    cells.map(async ({ region, cache, architecture }) => {
      const Name = parameterPaths(cache, architecture).pointer;
      const answer = await clients(loop, region).ssm.send(new GetParameterCommand({ Name }));
      return { region, name: cache, architecture, snapshotId: answer.Parameter?.Value ?? "" };
    }),
  );
}
