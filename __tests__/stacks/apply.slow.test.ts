/** All stacks of two regions under real Terraform: applied, planned again around everything that happens to them from outside, and destroyed. */

import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import {
  CreateTagsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeVolumesCommand,
  type LaunchTemplateVersion,
  type ResponseLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetParameterCommand, GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import { writeTemplate } from "../../lambda-src/rotation/apply/write-template";
import { awsPorts } from "../../lambda-src/rotation/aws/ports";
import { planTemplates } from "../../lambda-src/rotation/plan/templates";
import { readState } from "../../lambda-src/rotation/read/read";
import type { Snapshot } from "../../lambda-src/rotation/types";
import type { Cell, WorkerSettings } from "../../lib/config/cell";
import { BUILDER_VOLUME_TAGS, CACHE_DEVICE_NAME, parameterPaths, TAG } from "../../lib/contract";
import { NOUNS } from "../../stacks/nouns";
import { builderSettings, cell, deployment, region, rotationSettings, workerSettings } from "./fixture";
import { clientConfig, openWorkbench, type Workbench } from "./terraform";

jest.setTimeout(900_000);

const [HERE, THERE] = ["eu-west-1", "us-east-1"] as const;
const SNAPSHOT = "snap-0123456789abcdef0";
/** A cache for each warmth, named after it. */
const WARMTHS: Record<WorkerSettings["warmth"], Partial<WorkerSettings>> = {
  lazy: { warmth: "lazy" },
  rate: { warmth: "rate", initializationRateMibps: 200 },
  fsr: { warmth: "fsr" },
};
const CACHES = Object.keys(WARMTHS) as WorkerSettings["warmth"][];
/** Caches by region: one is copied. */
const IN: Readonly<Record<string, readonly WorkerSettings["warmth"][]>> = { [HERE]: CACHES, [THERE]: ["lazy"] };
const WORKER_STACKS = "docker-cache-worker";
/** Later changes of the workers. */
const LATER: Changed = {
  worker: {
    instance: { ...workerSettings().instance, rootVolumeSizeGib: 77 },
    volume: { ...workerSettings().volume, sizeGib: 250 },
  },
};
/** Every worker template. */
const WORKERS = Object.entries(IN).flatMap(([at, caches]) => caches.map((cache) => [at, cache] as const));

interface Changed {
  readonly worker?: Partial<WorkerSettings>;
  readonly rotation?: Parameters<typeof rotationSettings>[0];
}

function cells(at: string, { worker, rotation }: Changed): Cell[] {
  const copyTo = [{ region: THERE, kmsKeyArn: null, schedule: 1 }];
  return IN[at]!.map((cache) =>
    cell({
      region: at,
      cache,
      builder:
        at === HERE
          ? builderSettings({ name: cache, ...(cache === "lazy" && { copyTo, replicateAt: "09:00" }) })
          : null,
      rotation: rotationSettings({ name: cache, copyFrom: at === HERE ? null : HERE, recycleBinDays: 7, ...rotation }),
      worker: workerSettings({ name: cache, ...WARMTHS[cache], ...worker }),
    }),
  );
}

const wanted = (changed: Changed = {}) =>
  deployment({ regions: [HERE, THERE].map((name) => region({ name, cells: cells(name, changed) })) });

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
  await bench.synthesize(wanted());
  // Stacks that need something come first: stacks meet through the contract alone. Other tests apply them all at once.
  for (const { name } of [...NOUNS].reverse()) await bench.apply(`docker-cache-${name}`);
});
afterAll(() => bench.close());

async function templateOf(at: string, cache: string) {
  const { ec2 } = bench.clients(at);
  const name = `docker-cache-${cache}-x86_64-worker`;
  const { LaunchTemplates } = await ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [name] }));
  return LaunchTemplates![0]!;
}

async function versionOf(at: string, cache: string, version: string): Promise<LaunchTemplateVersion> {
  const { LaunchTemplateId } = await templateOf(at, cache);
  const found = await bench
    .clients(at)
    .ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [version] }));
  return found.LaunchTemplateVersions![0]!;
}

const PROMOTED: Snapshot = {
  id: SNAPSHOT,
  ownerId: "123456789012",
  volumeId: "vol-0123456789abcdef0",
  state: "completed",
  archived: false,
  startTime: 0,
  completionTime: 0,
  volumeSizeGib: 100,
  fullSizeBytes: null,
  tags: {},
};

/** Does what rotation does, by its own code, when it has decided to promote the snapshot, and at each later run: pointer, then templates. */
async function reconcile(at: string, cache: string): Promise<void> {
  const autoScaling = new AutoScalingClient(clientConfig(bench.aws, at));
  const clock = { now: Date.now, sleep: async () => {} };
  const ports = awsPorts(at, { ...bench.clients(at), autoScaling }, clock);
  const { name, architecture } = rotationSettings({ name: cache });
  await ports.putParameter(parameterPaths(name, architecture).pointer, SNAPSHOT);
  const state = await readState(ports, rotationSettings({ name: cache }));
  for (const action of planTemplates(state, PROMOTED, [])) {
    if (action.kind === "write-template") await writeTemplate(action.template, action.mapping, ports);
    if (action.kind === "set-default-version") await ports.setDefaultVersion(action.templateId, action.version);
  }
  autoScaling.destroy();
}

const cacheDeviceIn = (data: ResponseLaunchTemplateData) =>
  data.BlockDeviceMappings!.find(({ DeviceName }) => DeviceName === CACHE_DEVICE_NAME);

// In the order of a deployment's life: each step starts where the one before ended.
describe("all stacks of two regions", () => {
  it("R15: are as planned: a second plan says No changes", async () => {
    expect(await bench.planAll()).toEqual({});
  });

  it("hold the image list, one line an image, and the volume's id", async () => {
    const { ssm } = bench.clients(HERE);
    const path = "/docker-cache/lazy/x86_64/images";
    const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: path }));
    expect(Parameters!.flatMap(({ Value }) => Value!.split("\n")).sort()).toEqual([...builderSettings().images].sort());
    const id = await ssm.send(new GetParameterCommand({ Name: "/docker-cache/lazy/x86_64/volume-id" }));
    expect(id.Parameter!.Value).toMatch(/^vol-/);
  });

  it("hold a schedule whose token Scheduler can fill in", async () => {
    const scheduler = new SchedulerClient(clientConfig(bench.aws, HERE));
    const group = "docker-cache-lazy-x86_64-builder";
    const schedule = await scheduler.send(new GetScheduleCommand({ GroupName: group, Name: `${group}-0430` }));
    scheduler.destroy();
    const input = JSON.parse(schedule.Target!.Input!);
    expect(schedule.Target!.Input).toContain(`${input.LaunchTemplate.LaunchTemplateId}-<aws.scheduler.scheduled-time>`);
    expect(schedule.ScheduleExpression).toBe("cron(30 4 * * ? *)");
  });

  it("stay as they are when a build has tagged the volume, and after a promotion, for every warmth", async () => {
    const { ec2 } = bench.clients(HERE);
    const filter = { Name: `tag:${TAG.role}`, Values: ["cache-volume"] };
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ Filters: [filter] }));
    expect(Volumes).toHaveLength(CACHES.length);
    const Tags = BUILDER_VOLUME_TAGS.map((Key) => ({ Key, Value: "written by a build" }));
    await ec2.send(new CreateTagsCommand({ Resources: Volumes!.map(({ VolumeId }) => VolumeId!), Tags }));
    for (const [at, cache] of WORKERS) {
      await reconcile(at, cache);
      const ebs = cacheDeviceIn((await versionOf(at, cache, "$Default")).LaunchTemplateData!)!.Ebs!;
      expect(ebs).toMatchObject({ SnapshotId: SNAPSHOT, VolumeSize: 150 });
      expect(ebs.VolumeInitializationRate).toBe(cache === "rate" ? 200 : undefined);
    }
    expect(await bench.planAll()).toEqual({});
  });

  it("carry both a later change and the snapshot in $Latest and $Default, for every warmth", async () => {
    await bench.synthesize(wanted(LATER));
    await bench.apply(WORKER_STACKS);
    for (const [at, cache] of WORKERS) {
      for (const version of ["$Latest", "$Default"]) {
        const data = (await versionOf(at, cache, version)).LaunchTemplateData!;
        expect(data.BlockDeviceMappings).toHaveLength(2);
        expect(data.BlockDeviceMappings![0]!.Ebs).toMatchObject({ VolumeSize: 77, Encrypted: true });
        expect(cacheDeviceIn(data)!.Ebs).toMatchObject({ SnapshotId: SNAPSHOT });
      }
      const tags = Object.fromEntries((await templateOf(at, cache)).Tags!.map(({ Key, Value }) => [Key, Value]));
      expect(tags[TAG.mapping]).toBe(`size=250 type=gp3${cache === "rate" ? " rate=200" : ""}`);
    }
    expect(await bench.planAll(WORKER_STACKS)).toEqual({});
  });

  it("have the mapping as the tag wants it after rotation's next run, and stay as they are, for every warmth", async () => {
    for (const [at, cache] of WORKERS) {
      await reconcile(at, cache);
      for (const version of ["$Latest", "$Default"]) {
        const data = (await versionOf(at, cache, version)).LaunchTemplateData!;
        expect(data.BlockDeviceMappings![0]!.Ebs).toMatchObject({ VolumeSize: 77 });
        const ebs = cacheDeviceIn(data)!.Ebs!;
        expect(ebs).toMatchObject({ SnapshotId: SNAPSHOT, VolumeSize: 250 });
        // A provider that does not know the rate wrote the device without it.
        expect(ebs.VolumeInitializationRate).toBe(cache === "rate" ? 200 : undefined);
      }
    }
    expect(await bench.planAll(WORKER_STACKS)).toEqual({});
  });

  it("keep the pointer through every later apply", async () => {
    await bench.synthesize(wanted({ ...LATER, rotation: { keepLast: 4 } }));
    await bench.apply(`docker-cache-rotation-${THERE}`);
    const lambda = new LambdaClient(clientConfig(bench.aws, THERE));
    const wish = { FunctionName: "docker-cache-lazy-x86_64-rotation" };
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand(wish));
    lambda.destroy();
    expect(JSON.parse(Environment!.Variables!.DOCKER_CACHE_SETTINGS!)).toMatchObject({ keepLast: 4 });
    const pointer = await bench
      .clients(THERE)
      .ssm.send(new GetParameterCommand({ Name: "/docker-cache/lazy/x86_64/snapshot-id" }));
    expect(pointer.Parameter!.Value).toBe(SNAPSHOT);
  });

  it("are destroyed in any order: here the one first that the others work for, and what serves it last", async () => {
    for (const noun of ["worker", "builder", "rotation"]) await bench.destroy(`docker-cache-${noun}`);
    for (const at of [HERE, THERE]) {
      const { ec2, ssm } = bench.clients(at);
      expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates).toEqual([]);
      const left = await ssm.send(new GetParametersByPathCommand({ Path: "/docker-cache", Recursive: true }));
      expect(left.Parameters).toEqual([]);
    }
  });
});
