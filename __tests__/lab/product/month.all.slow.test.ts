/**
 * Thirty lab days with faults (see month-faults.ts). Builds fail, hang, go silent or find nothing new. Events are lost, repeated, turned around or
 * late. Calls are throttled, and functions die in the middle of a run. DLM makes copies, and they expire. A bad build is rolled back, in one region and
 * twice, then in both and twice. Snapshots lie under a legal hold, or are in use by a disabled AMI. A foreign snapshot bears our tags, and `volume-id` is
 * written again after it. People delete what is promoted. `DOCKER_CACHE_MONTH_SEED` draws another month.
 */
import {
  DeleteSnapshotCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeVolumesCommand,
  type Snapshot,
} from "@aws-sdk/client-ec2";
import { DescribeParametersCommand, GetParameterCommand } from "@aws-sdk/client-ssm";
import type { AwsEvent } from "../../../lab/aws/hooks";
import { tagsOf } from "../../../lab/aws/services/ec2/lists";
import type { Delivery } from "../../../lab/aws/services/event-bridge";
import * as loops from "../../../lab/product/api-loop";
import type { Invocation } from "../../../lab/product/function";
import { parameterPaths, TAG } from "../../../lib/contract";
import { generator } from "../random";
import * as months from "./month";
import { crashing, type DeletionWatch, drawDays, snapshotsIn, throttled, watchDeletions } from "./month-faults";
import { hinder, letGo, makeForeign, obeyHolds, stuck, writeVolumeIdAgain } from "./month-hindrances";

const { BUILDS, COPIES } = months;
const MINUTES = 60_000;
const KEEP_LAST = 3;
const MIN_KEEP = 2;
/** Days on which something special happens. */
const BAD_BUILD = 9;
const ROLLBACK = 10;
/** A legal hold on the oldest snapshot of each region, and a disabled AMI on the next; from then on they cannot be deleted. */
const HINDRANCES = 4;
const FOREIGN = 6;
const VOLUME_ID_WRITTEN_AGAIN = 12;
const SOMEBODY_DELETES_BUILT = 16;
const SOMEBODY_DELETES_COPY = 22;

const seed = Number(process.env.DOCKER_CACHE_MONTH_SEED ?? 5);
const random = generator(seed);
const days = drawDays(random);
let month: months.Month;
let watch: DeletionWatch;
/** Snapshots of finished builds that nobody has rejected or deleted, oldest first. */
let made: string[] = [];
let late: AwsEvent[] = [];
let crashes = 0;

beforeAll(async () => {
  month = await months.startMonth();
  watch = watchDeletions(month);
  obeyHolds(month);
}, 15 * MINUTES);
afterAll(async () => {
  if (month) await months.stopMonth(month);
}, MINUTES);

async function run(region: string, work: () => Promise<Invocation>): Promise<Invocation> {
  await watch.begin(region);
  return work().finally(() => watch.end());
}

/** A run that has to succeed. */
async function calmRun(region: string, event?: unknown): Promise<void> {
  const { ok, result } = await run(region, () =>
    event
      ? (month.functions[region] as months.Month["functions"][string]).invoke(event)
      : months.reconcile(month, region),
  );
  if (!ok) throw new Error(String(result));
}

async function troubledRun(day: number, region: string): Promise<void> {
  const reconcile = () => months.reconcile(month, region);
  switch (days[day]?.trouble) {
    case "crash": {
      const [at, isCarriedOut] = [1 + Math.floor(random() * 24), random() < 0.5];
      const crashed = await run(
        region,
        async () => (await crashing(month, region, at, isCarriedOut, reconcile)) ?? { ok: true, result: null, log: [] },
      );
      if (!crashed.ok) crashes += 1;
      break;
    }
    case "throttled":
      expect((await run(region, () => throttled(month, random, reconcile))).result).toMatchObject({ skipped: false });
      break;
    default:
      await calmRun(region);
  }
}

async function deliver(day: number): Promise<void> {
  const events = month.events;
  month.events = [];
  const due = late;
  late = [];
  const delivery = days[day]?.delivery ?? "in order";
  if (delivery === "a day late") late = events;
  const arriving: [readonly AwsEvent[], Delivery][] = [
    [due, "in order"],
    [events, delivery === "a day late" ? "lost" : delivery],
  ];
  for (const [some, how] of arriving)
    for (const [region, hint] of await months.hints(month, some, how)) await calmRun(region, hint);
}

const pointerOf = async (region: string) =>
  (await loops.pointers(month.loop)).find((pointer) => pointer.region === region)?.snapshotId ?? "";

async function rejectedIn(region: string): Promise<string> {
  const Name = parameterPaths(months.NAME, months.ARCHITECTURE).rejected;
  return (await loops.clients(month.loop, region).ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? "";
}

/** Snapshots that the worker's template gives to instances, by `$Latest` and by `$Default`. */
async function servedIn(region: string): Promise<(string | undefined)[]> {
  const { ec2 } = loops.clients(month.loop, region);
  const Filters = [{ Name: `tag:${TAG.consume}`, Values: ["ci/x86_64"] }];
  const [template] = (await ec2.send(new DescribeLaunchTemplatesCommand({ Filters }))).LaunchTemplates ?? [];
  const wanted = { LaunchTemplateId: template?.LaunchTemplateId, Versions: ["$Latest", "$Default"] };
  const { LaunchTemplateVersions = [] } = await ec2.send(new DescribeLaunchTemplateVersionsCommand(wanted));
  return LaunchTemplateVersions.map(
    ({ LaunchTemplateData: data }) =>
      data?.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === "/dev/sdf")?.Ebs?.SnapshotId,
  );
}

const isManaged = ({ Tags = [] }: Snapshot) => Tags.some(({ Key = "" }) => Key.startsWith("aws:"));
const contentOf = ({ Tags }: Snapshot) => tagsOf(Tags)[TAG.content] ?? "";

async function healthyIn(region: string): Promise<Snapshot[]> {
  const rejected = await rejectedIn(region);
  const healthy = (await snapshotsIn(month, region)).filter(
    (one) =>
      one.State === "completed" &&
      tagsOf(one.Tags)[TAG.state] === "ready" &&
      !rejected.includes(contentOf(one)) &&
      one.SnapshotId !== stuck.foreign &&
      (region === COPIES || !isManaged(one)),
  );
  return healthy.sort((a, b) => (a.StartTime?.getTime() ?? 0) - (b.StartTime?.getTime() ?? 0));
}

/** After a run that went well: what is served is there, good and the newest, and enough is kept. */
async function expectSound(region: string): Promise<void> {
  const healthy = await healthyIn(region);
  const pointer = await pointerOf(region);
  const promoted = healthy.find(({ SnapshotId }) => SnapshotId === pointer);
  const newest = healthy.at(-1);
  if (!newest) return expect(pointer).toBe("none");
  expect(promoted).toBeDefined();
  expect(promoted && contentOf(promoted)).toBe(contentOf(newest));
  expect(new Set(await servedIn(region))).toEqual(new Set([pointer]));
}

/** The newest good ones are all there, whatever the deletions were. */
async function expectKept(): Promise<void> {
  const built = (await healthyIn(BUILDS)).map(({ SnapshotId }) => SnapshotId);
  expect(built).toEqual(expect.arrayContaining(made.slice(-KEEP_LAST)));
  if (made.length >= MIN_KEEP) expect(built.length).toBeGreaterThanOrEqual(MIN_KEEP);
  expect(watch.takeFaults()).toEqual([]);
}

async function somebodyDeletes(region: string): Promise<void> {
  const SnapshotId = await pointerOf(region);
  await loops.clients(month.loop, region).ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  made = made.filter((id) => id !== SnapshotId);
}

/** Said twice, it goes back once: first in the region that builds alone, then in both. */
async function rollBack(): Promise<void> {
  const before = await Promise.all([BUILDS, COPIES].map(pointerOf));
  await months.commandLine(month, "rollback", "--region", BUILDS);
  const [back] = await Promise.all([BUILDS, COPIES].map(pointerOf));
  expect(back).not.toBe(before[0]);
  await months.commandLine(month, "rollback", "--region", BUILDS);
  expect(await Promise.all([BUILDS, COPIES].map(pointerOf))).toEqual([back, before[1]]);
  await months.commandLine(month, "rollback");
  const after = await Promise.all([BUILDS, COPIES].map(pointerOf));
  await months.commandLine(month, "rollback");
  expect(await Promise.all([BUILDS, COPIES].map(pointerOf))).toEqual(after);
  for (const [index, region] of [BUILDS, COPIES].entries()) {
    expect(after[index]).not.toBe(before[index]);
    await expectSound(region);
  }
  made = made.filter((id) => !before.includes(id));
}

/** The bad content is built once more the day after its rollback: by somebody who had not heard of it. */
const isBad = (day: number) => day === BAD_BUILD || day === ROLLBACK;

async function live(day: number): Promise<void> {
  if (day === ROLLBACK) await rollBack();
  if (day === HINDRANCES) for (const region of [BUILDS, COPIES]) await hinder(month, region, await healthyIn(region));
  if (day === FOREIGN) stuck.foreign = await makeForeign(month, (await healthyIn(BUILDS)).at(-1)?.Tags);
  if (day === VOLUME_ID_WRITTEN_AGAIN) await writeVolumeIdAgain(month);
  if (day === SOMEBODY_DELETES_BUILT) await somebodyDeletes(BUILDS);
  if (day === SOMEBODY_DELETES_COPY) await somebodyDeletes(COPIES);
  await months.passUntil(month, "02:00");
  const kind = day < 2 || isBad(day) ? "new" : (days[day]?.build ?? "new");
  const snapshotId = await months.build(month, kind, isBad(day) ? "bad" : `day ${day}`);
  if (kind === "new" && snapshotId && day !== ROLLBACK) made.push(snapshotId);
  await months.pass(month, 10);
  await deliver(day);
  await troubledRun(day, BUILDS);
  const { builder } = month.loop.deployment.regions.flatMap((region) => region.cells)[0] ?? {};
  await months.passUntil(month, builder?.replicateAt ?? "06:00");
  await months.replicate(month);
  await deliver(day);
  await troubledRun(day, COPIES);
  await months.passUntil(month, "23:00");
  for (const region of [BUILDS, COPIES]) {
    await calmRun(region);
    await expectSound(region);
  }
  await expectKept();
}

test.each(days.map((day, index) => ({ index, ...day })))(
  "day $index: the build is $build, events come $delivery, trouble is $trouble",
  ({ index }) => live(index),
  5 * MINUTES,
);

test("the bad build stays rolled back in both regions, through ten builds and its own copies", async () => {
  for (const region of [BUILDS, COPIES]) expect(await rejectedIn(region)).toMatch(/^[0-9a-f]{64}$/m);
});

test("what cannot be deleted is there, and what is foreign: neither dated nor deleted", async () => {
  const all = [...(await snapshotsIn(month, BUILDS)), ...(await snapshotsIn(month, COPIES))];
  const ids = all.map(({ SnapshotId }) => SnapshotId);
  expect(ids).toEqual(expect.arrayContaining([...stuck.inUse, stuck.foreign]));
  const told = all.find(({ SnapshotId }) => SnapshotId === stuck.foreign);
  expect(tagsOf(told?.Tags)[TAG.deleteAfter]).toBeUndefined();
  // A copy under a hold is DLM's to delete, too.
  const refused = all.filter(({ Tags }) => tagsOf(Tags)[TAG.deletionRefused]).map(({ SnapshotId = "" }) => SnapshotId);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every((id) => stuck.held.has(id))).toBe(true);
});

test("there were crashes and deletions", () => {
  expect(crashes).toBeGreaterThan(5);
  expect(watch.deleted.length).toBeGreaterThan(10);
});

test(
  "after some quiet days only what the rules keep is left",
  async () => {
    for (let day = 0; day < 4; day++) {
      await months.passUntil(month, "12:00");
      for (const region of [BUILDS, COPIES]) for (let turn = 0; turn < 2; turn++) await calmRun(region);
    }
    for (const region of [BUILDS, COPIES]) {
      await expectSound(region);
      const cannot = new Set([...stuck.held, ...stuck.inUse, stuck.foreign]);
      const left = (await snapshotsIn(month, region)).filter(
        (one) => !cannot.has(one.SnapshotId ?? "") && (region === COPIES || !isManaged(one)),
      );
      const healthy = (await healthyIn(region)).map(({ SnapshotId }) => SnapshotId);
      // The snapshot that a rollback goes to may be older than the newest three.
      expect(left.length).toBeLessThanOrEqual(KEEP_LAST + 1);
      expect(healthy).toEqual(expect.arrayContaining(left.map(({ SnapshotId }) => SnapshotId)));
      const { ec2 } = loops.clients(month.loop, region);
      const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
      const roles = Volumes.filter(({ State }) => State !== "deleting").map(({ Tags }) => tagsOf(Tags)[TAG.role]);
      expect(roles).toEqual(region === BUILDS ? ["cache-volume"] : []);
      const { LaunchTemplates = [] } = await ec2.send(new DescribeLaunchTemplatesCommand({}));
      for (const { LaunchTemplateId } of LaunchTemplates) {
        const versions = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }));
        expect(versions.LaunchTemplateVersions?.length).toBeLessThanOrEqual(25);
      }
    }
    expect(await months.runningBuilders(month)).toEqual([]);
  },
  5 * MINUTES,
);

test(
  "purge and destroy leave nothing that bears our tags",
  async () => {
    for (const region of [BUILDS, COPIES]) await letGo(month, region);
    await months.commandLine(month, "purge", "--confirm=ci");
    await loops.destroyAll(month.loop, () => {});
    for (const region of [BUILDS, COPIES]) {
      const { ec2, ssm } = loops.clients(month.loop, region);
      expect(await snapshotsIn(month, region)).toEqual([]);
      const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
      expect(Volumes.filter(({ State }) => State !== "deleting")).toEqual([]);
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
      const states = Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name));
      expect(states.filter((state) => state !== "terminated")).toEqual([]);
      expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates ?? []).toEqual([]);
      const ParameterFilters = [{ Key: "Name", Option: "BeginsWith", Values: ["/docker-cache/"] }];
      expect((await ssm.send(new DescribeParametersCommand({ ParameterFilters }))).Parameters ?? []).toEqual([]);
    }
  },
  10 * MINUTES,
);
