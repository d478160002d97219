/** The main job with machines: builds that a schedule starts, and workers launched from the template that rotation wrote. */
import { DescribeLaunchTemplatesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { cacheId, resourceNames, STATUS_PATH, TAG } from "../../lib/contract";
import type { AwsEvent } from "../aws/hooks";
import { runSchedule } from "../aws/services/scheduler-run";
import type { Cloud } from "../cloud/types";
import type { Machine } from "../machine/machine";
import { consoleOf, execIn, readIn, waitUntil } from "../machine/machine-shell";
import { type ApiLoop, clients, eventsOf } from "./api-loop";

export interface FinishedBuild {
  readonly machine: Machine;
  /** Lines that the builder's scripts wrote. */
  readonly log: readonly string[];
  /** EC2's events of it. */
  readonly events: readonly AwsEvent[];
  readonly seconds: number;
}

interface ScheduleSummary {
  readonly Name: string;
  readonly GroupName: string;
}

/** Lines of the console that come from our scripts, without what systemd and cloud-init put in front. */
export function ourLines(machine: Machine): string[] {
  return consoleOf(machine)
    .split("\n")
    .filter((line) => line.includes("docker-cache: "))
    .map((line) => line.slice(line.indexOf("docker-cache: ") + "docker-cache: ".length));
}

/** Runs a builder's schedule as it is stored, and returns as soon as the builder boots. */
export async function startBuild(
  loop: ApiLoop,
  cloud: Cloud,
  region: string,
  { cache = "ci", scheduledTime }: { readonly cache?: string; readonly scheduledTime?: Date } = {},
): Promise<Machine> {
  const { aws } = loop.aws;
  const target = { service: "scheduler", action: "ListSchedules", region };
  const { Schedules } = await aws.call<{ Schedules: ScheduleSummary[] }>(target, {});
  const { builder } = resourceNames(cache, "x86_64", region);
  const schedule = Schedules.find(({ Name }) => Name.startsWith(builder));
  if (!schedule) throw new Error(`no schedule ${builder} in ${region}: found ${Schedules.map(({ Name }) => Name)}`);
  const due = { region, name: schedule.Name, groupName: schedule.GroupName, scheduledTime };
  const launched = (await runSchedule(aws, due)) as { Instances?: { InstanceId?: string }[] };
  const machine = cloud.machines.get(launched.Instances?.[0]?.InstanceId ?? "");
  if (!machine) throw new Error("the schedule started no builder");
  return machine;
}

/** Waits until a builder has powered itself off and is terminated. */
export async function finishBuild(cloud: Cloud, machine: Machine): Promise<readonly string[]> {
  await machine.ended;
  await waitUntil("the builder to be terminated", 120, () => !cloud.machines.has(machine.spec.id));
  return ourLines(machine);
}

/** Runs the builder's schedule as it is stored, and returns when the builder has powered itself off. */
export async function scheduledBuild(
  loop: ApiLoop,
  cloud: Cloud,
  region: string,
  cache?: string,
): Promise<FinishedBuild> {
  const started = Date.now();
  let machine: Machine | undefined;
  let log: readonly string[] = [];
  const events = await eventsOf(loop, async () => {
    machine = await startBuild(loop, cloud, region, { cache });
    log = await finishBuild(cloud, machine);
  });
  if (!machine) throw new Error("the schedule started no builder");
  return { machine, log, events, seconds: (Date.now() - started) / 1000 };
}

/** Status of a worker's cache, as the worker reports it. */
export interface WorkerStatus {
  readonly state: "warm" | "cold";
  readonly reason: string;
  readonly readyMs?: number;
}

export interface RunningWorker {
  readonly machine: Machine;
  readonly status: WorkerStatus;
  /** From the launch to the status. */
  readonly seconds: number;
}

/** Launches a worker from the `$Default` version of the cache's template, and waits for what it says of its cache. */
export async function bootWorker(
  loop: ApiLoop,
  cloud: Cloud,
  region: string,
  id = cacheId("ci", "x86_64"),
): Promise<RunningWorker> {
  const { ec2 } = clients(loop, region);
  const Filters = [{ Name: `tag:${TAG.consume}`, Values: [id] }];
  const [template] = (await ec2.send(new DescribeLaunchTemplatesCommand({ Filters }))).LaunchTemplates ?? [];
  const started = Date.now();
  const launched = await ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateId: template?.LaunchTemplateId, Version: "$Default" },
      MinCount: 1,
      MaxCount: 1,
    }),
  );
  const machine = cloud.machines.get(launched.Instances?.[0]?.InstanceId ?? "");
  if (!machine) throw new Error("the launch booted no machine");
  const text = await waitUntil(`the status of ${machine.spec.id}`, 120, () => readIn(machine, STATUS_PATH));
  return { machine, status: JSON.parse(text) as WorkerStatus, seconds: (Date.now() - started) / 1000 };
}

/** `docker run` of an image's own command, without network; what it printed and how long it took. */
export async function dockerRun(
  machine: Machine,
  image: string,
  ...options: string[]
): Promise<{ output: string; seconds: number }> {
  const started = Date.now();
  const output = await execIn(machine, ["docker", "run", "--rm", "--network", "none", ...options, image], {
    timeoutSeconds: 600,
  });
  return { output, seconds: (Date.now() - started) / 1000 };
}

/** Ends an instance as a person does. */
export async function terminate(loop: ApiLoop, region: string, machine: Machine): Promise<void> {
  const target = { service: "ec2", action: "TerminateInstances", region };
  await loop.aws.aws.call(target, { InstanceIds: [machine.spec.id] });
}
