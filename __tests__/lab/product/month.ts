/**
 * A cache in two regions, lived through day by day: real Terraform, the emulated AWS and DLM, the deployed functions, one clock. Builds are stand-ins:
 * the stored schedule launches the builder, which boots no machine; what it would do on the volume is done in its place.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateTagsCommand, DescribeInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import type { AwsEvent } from "../../../lab/aws/hooks";
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/server/start";
import { runDueDlmPolicies } from "../../../lab/aws/services/dlm/run";
import { type Delivery, onTheWay, scheduledEvents, wakesOf } from "../../../lab/aws/services/event-bridge";
import { runSchedule } from "../../../lab/aws/services/scheduler-run";
import * as loops from "../../../lab/product/api-loop";
import { createClock, type LabClock, nextTimeOfDay } from "../../../lab/product/clock";
import type { Invocation } from "../../../lab/product/function";
import { LAB_CONFIG } from "../../../lab/product/lab-config";
import { route } from "../../../lab/product/routing";
import { standInBuild } from "../../../lab/product/stand-in-build";
import { PLUGIN_CACHE, ROOT, TERRAFORM_CACHE } from "../../../lab/tools/project";
import { ensureTerraform } from "../../../lab/tools/terraform";
import { readConfig } from "../../../lib/config/read-config";
import { resolveConfig } from "../../../lib/config/resolve-config";
import { parameterPaths, TAG } from "../../../lib/contract";
import { type WarmFunction, warmFunction } from "./warm-function";

const run = promisify(execFile);

/** Region that builds the cache, and the one that its copies go to. */
export const BUILDS = "eu-west-1";
export const COPIES = "us-east-1";
export const NAME = "ci";
export const ARCHITECTURE = "x86_64";
const MINUTE = 60_000;
const STORE = "overlay2/25";

export interface Month {
  readonly aws: EmulatedAws;
  readonly clock: LabClock;
  readonly loop: loops.ApiLoop;
  /** Rotation functions by region. */
  readonly functions: Readonly<Record<string, WarmFunction>>;
  /** Routers by region. */
  readonly routers: Readonly<Record<string, WarmFunction>>;
  /** Events that EventBridge would deliver, oldest first, until they are taken. */
  events: AwsEvent[];
  readonly folder: string;
}

/** Applies every stack; about half a minute. */
export async function startMonth(): Promise<Month> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-month-"));
  const outFolder = join(folder, "cdktf.out");
  const env = { ...process.env, DOCKER_CACHE_CONFIG: LAB_CONFIG, CDKTF_OUTDIR: outFolder };
  await run(join(ROOT, "node_modules/.bin/tsx"), ["main.ts"], { cwd: ROOT, env });
  const parsed = readConfig({ DOCKER_CACHE_CONFIG: LAB_CONFIG });
  if (!parsed.ok) throw new Error("the lab's configuration has problems");
  const clock = createClock();
  const aws = await startEmulatedAws({ now: clock.now, settings: { snapshotSeconds: 300, copySeconds: 900 } });
  const loop = loops.apiLoop(aws, clock, resolveConfig(parsed.config), outFolder, {
    terraform: await ensureTerraform(TERRAFORM_CACHE),
    env: aws.env,
    provider: aws.provider,
    pluginCache: PLUGIN_CACHE,
  });
  await loops.applyAll(loop, () => {});
  const functions: Record<string, WarmFunction> = {};
  const routers: Record<string, WarmFunction> = {};
  for (const region of [BUILDS, COPIES]) {
    for (const target of await loops.functionsOf(loop, region))
      (target.name.endsWith("-router") ? routers : functions)[region] = warmFunction(target, aws, clock);
    if (!functions[region] || !routers[region]) throw new Error(`no rotation function or no router in ${region}`);
  }
  const month: Month = { aws, clock, loop, functions, routers, events: [], folder };
  aws.hooks.on("Event", async (event) => {
    if ((await wakesOf(aws.aws, event)).length > 0) month.events.push(event);
  });
  return month;
}

export async function stopMonth(month: Month): Promise<void> {
  for (const warm of [...Object.values(month.functions), ...Object.values(month.routers)]) warm.crash();
  await month.aws.stop();
  rmSync(month.folder, { recursive: true, force: true });
}

export async function pass(month: Month, minutes: number): Promise<void> {
  month.clock.advanceTo(new Date(month.clock.now().getTime() + minutes * MINUTE));
  await month.aws.aws.agenda.settle();
}

export async function passUntil(month: Month, timeOfDay: string): Promise<void> {
  month.clock.advanceTo(nextTimeOfDay(timeOfDay, month.clock.now()));
  await month.aws.aws.agenda.settle();
}

/** How a build goes. */
export type BuildKind =
  /** A snapshot of this day's content. */
  | "new"
  /** Nothing has changed: no snapshot. */
  | "unchanged"
  /** It says that it has failed, and leaves the volume in the middle of a build. */
  | "failed"
  /** The builder never ends. */
  | "hung"
  /** It says nothing any more: a power cut. */
  | "silent"
  /** EC2 fails to make the snapshot. */
  | "error";

/** Runs the builder's schedule, does what that builder would do, and ends it. Returns the snapshot's id, or undefined if it makes none. */
export async function build(month: Month, kind: BuildKind, content: string): Promise<string | undefined> {
  const { ec2, ssm } = loops.clients(month.loop, BUILDS);
  const buildId = await launchBuilder(month);
  const volumeId = (await ssm.send(new GetParameterCommand({ Name: parameterPaths(NAME, ARCHITECTURE).volumeId })))
    .Parameter?.Value;
  const tag = (id: string | undefined, tags: Record<string, string>) =>
    ec2.send(
      new CreateTagsCommand({
        Resources: [id ?? ""],
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
  let snapshotId: string | undefined;
  if (kind === "new" || kind === "error") {
    const spec = { name: NAME, architecture: ARCHITECTURE, content, store: STORE, buildId } as const;
    snapshotId = await standInBuild(ec2, ssm, spec);
    const record = month.aws.aws.state(BUILDS).snapshots[snapshotId];
    if (kind === "error" && record) record.failure = "Client error";
  } else if (kind === "unchanged") {
    await tag(volumeId, { [TAG.checked]: `${month.clock.now().toISOString().slice(0, 19)}Z` });
  } else {
    await tag(volumeId, { [TAG.state]: "building", [TAG.buildId]: buildId });
  }
  if (kind === "hung") return undefined;
  const outcome = { new: "ready", error: "ready", unchanged: "checked", failed: "failed", silent: undefined }[kind];
  if (outcome) await tag(buildId, { [TAG.outcome]: outcome });
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [buildId] }));
  return snapshotId;
}

async function launchBuilder(month: Month): Promise<string> {
  const { aws } = month.aws;
  const before = new Set(await runningBuilders(month));
  const list = { service: "scheduler", action: "ListSchedules", region: BUILDS };
  const { Schedules } = await aws.call<{ Schedules: { Name: string; GroupName: string }[] }>(list, {});
  const schedule = Schedules.find(({ Name }) => Name.includes("-builder"));
  await runSchedule(aws, { region: BUILDS, name: schedule?.Name ?? "", groupName: schedule?.GroupName });
  const [started] = (await runningBuilders(month)).filter((id) => !before.has(id));
  if (!started) throw new Error("the schedule started no builder");
  return started;
}

/** Builders that have not ended. */
export async function runningBuilders(month: Month): Promise<string[]> {
  const { ec2 } = loops.clients(month.loop, BUILDS);
  const Filters = [{ Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
}

/** DLM's daily replication, until its copies are there. */
export async function replicate(month: Month): Promise<void> {
  await runDueDlmPolicies(month.aws.aws);
  await pass(month, 10);
  await pass(month, 20);
}

/** The hints that the routers leave for the rotation functions when these events arrive, by region. */
export async function hints(
  month: Month,
  events: readonly AwsEvent[],
  delivery: Delivery,
): Promise<[string, unknown][]> {
  const left: [string, unknown][] = [];
  for (const region of [BUILDS, COPIES]) {
    const warm = [month.functions[region], month.routers[region]] as [WarmFunction, WarmFunction];
    const woken = await route(
      {
        aws: month.aws.aws,
        region,
        functions: warm.map(({ target }) => target),
        run: async (target, event) => (warm.find((one) => one.target === target) as WarmFunction).invoke(event),
      },
      onTheWay(
        events.filter((event) => event.region === region),
        delivery,
      ),
    );
    left.push(...woken.map(({ event }): [string, unknown] => [region, event]));
  }
  return left;
}

/** One run by the event that the function's scheduled rule sends. */
export async function reconcile(month: Month, region: string): Promise<Invocation> {
  const warm = month.functions[region] as WarmFunction;
  const due = await scheduledEvents(month.aws.aws, region);
  return warm.invoke(due.find(({ wakes }) => wakes.includes(warm.target.arn))?.event);
}

/** The command line, in the lab's time. */
export async function commandLine(month: Month, ...argv: string[]): Promise<string> {
  const clock = `const M = Date; globalThis.Date = class Date extends M { constructor(...g) { g.length > 0 ? super(...g) : super(Date.now()); } static now() { return M.now() + ${month.clock.offsetMilliseconds()}; } };`;
  const options = `--import data:text/javascript,${encodeURIComponent(clock)}`;
  const env = { ...process.env, ...month.aws.env, DOCKER_CACHE_CONFIG: LAB_CONFIG, NODE_OPTIONS: options };
  return (await run(join(ROOT, "scripts/docker-cache"), argv, { cwd: ROOT, env })).stdout;
}
