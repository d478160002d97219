/**
 * The product's main job at the level of AWS's API. Real Terraform applies every stack of a configuration against the emulated AWS, and a build is
 * stood in for. The deployed function promotes its snapshot, DLM's rules copy it, it is promoted there, and Terraform plans again.
 */

import { EC2Client } from "@aws-sdk/client-ec2";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Deployment } from "../../lib/config/cell";
import { type Architecture, parameterPaths } from "../../lib/contract";
import { MINUTE_MILLISECONDS } from "../../lib/time";
import type { AwsEvent } from "../aws/hooks";
import type { EmulatedAws } from "../aws/server/start";
import { runDueDlmPolicies } from "../aws/services/dlm/run";
import { runDueImageLifecycles } from "../aws/services/ecr/lifecycle-run";
import { type Delivery, onTheWay, scheduledEvents } from "../aws/services/event-bridge";
import { runDueLifecycles } from "../aws/services/s3/lifecycle-run";
import { enforcePermissions, type Permissions } from "../iam/enforce";
import { type LabClock, nextTimeOfDay } from "./clock";
import { type DeployedFunction, deployedFunctions, type Invocation, invoke } from "./function";
import { route } from "./routing";
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

/**
 * `terraform destroy` of every stack.
 * @internal
 */
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

/**
 * Delivers events as the deployed rules say, in their order, or as `delivery` says. `known` spares looking for the functions. The invocations are
 * those of the functions that the events are for, not of those that only pass them on.
 */
export async function deliver(
  loop: ApiLoop,
  events: readonly AwsEvent[],
  { delivery = "in order", known }: { delivery?: Delivery; known?: readonly DeployedFunction[] } = {},
): Promise<Invocation[]> {
  const { aws, clock } = loop;
  const run = (target: DeployedFunction, event: unknown) => invoke(target, event, aws, clock);
  const invocations: Invocation[] = [];
  for (const region of new Set(events.map((event) => event.region))) {
    const own = events.filter((event) => event.region === region);
    const functions = known ?? (await functionsOf(loop, region));
    const woken = await route({ aws: aws.aws, region, functions, run }, onTheWay(own, delivery));
    for (const { target, event } of woken) invocations.push(await run(target, event));
  }
  return invocations;
}

/** One run of every function of a region, or of those in `known`, by the event that its scheduled rule sends. */
export async function reconcile(
  loop: ApiLoop,
  region: string,
  known?: readonly DeployedFunction[],
): Promise<Invocation[]> {
  const functions = known ?? (await functionsOf(loop, region));
  const due = (await scheduledEvents(loop.aws.aws, region)).flatMap(({ event, wakes }) =>
    functions.filter(({ arn }) => wakes.includes(arn)).map((target) => ({ event, target })),
  );
  return Promise.all(due.map(({ event, target }) => invoke(target, event, loop.aws, loop.clock)));
}

/** Collects the events that the emulated AWS raises while `work` runs, of any kind: the deployed rules choose. */
export async function eventsOf(loop: ApiLoop, work: () => Promise<unknown>): Promise<AwsEvent[]> {
  const events: AwsEvent[] = [];
  const stop = loop.aws.hooks.on("Event", (event) => void events.push(event));
  await work();
  stop();
  return events;
}

/** A stand-in build of every cache in the regions that build; the events that it raised. */
export function buildAll(loop: ApiLoop, content: string, buildId: string): Promise<AwsEvent[]> {
  return eventsOf(loop, async () => {
    for (const region of loop.deployment.regions) {
      for (const cell of region.cells.filter((candidate) => candidate.builder)) {
        const { ec2, ssm } = clients(loop, region.name);
        const store = `${cell.rotation.store}/25`;
        await standInBuild(ec2, ssm, { name: cell.cache, architecture: cell.architecture, content, store, buildId });
      }
    }
  });
}

/**
 * Moves the clock past the next daily replication of every cache, so that DLM's policies do their work, and the life-cycle rules of buckets and
 * repositories theirs.
 * Returns the events of it.
 */
export function replicateAll(loop: ApiLoop): Promise<AwsEvent[]> {
  const from = loop.clock.now();
  const times = loop.deployment.regions
    .flatMap((region) => region.cells)
    .flatMap(({ builder }) => (builder?.replicateAt ? [nextTimeOfDay(builder.replicateAt, from).getTime()] : []));
  return eventsOf(loop, async () => {
    if (times.length > 0) loop.clock.advanceTo(new Date(Math.max(...times) + MINUTE_MILLISECONDS));
    await runDueDlmPolicies(loop.aws.aws);
    await runDueLifecycles(loop.aws.aws);
    await runDueImageLifecycles(loop.aws.aws);
    await loop.aws.aws.agenda.settle();
  });
}

export interface Pointer {
  readonly region: string;
  readonly name: string;
  readonly architecture: Architecture;
  readonly snapshotId: string;
}

/** Value of every pointer. */
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
