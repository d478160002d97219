/** The watch over deletions sees each kind of wrong one; a month has every kind of fault. */
import { createHooks } from "../../../lab/aws/hooks";
import { TAG } from "../../../lib/contract";
import { generator } from "../random";
import type { Month } from "./month";
import { drawDays, watchDeletions } from "./month-faults";

const HOUR = 3_600_000;
const REGION = "eu-west-1";

/** A month of eleven snapshots; each bears a date that `dates` gives it. */
function fakeMonth(dates: Readonly<Record<string, number>> = {}) {
  const hooks = createHooks();
  let now = Date.parse("2026-01-01");
  const snapshots = Array.from({ length: 11 }, (_, index) => {
    const SnapshotId = `snap-${index}`;
    const date = dates[SnapshotId];
    return {
      SnapshotId,
      Tags: date === undefined ? [] : [{ Key: TAG.deleteAfter, Value: new Date(date).toISOString() }],
    };
  });
  const aws = { hooks, aws: { call: async () => ({ Snapshots: snapshots }) } };
  const month = { aws, clock: { now: () => new Date(now) } } as unknown as Month;
  const call = (action: string, input: object) =>
    hooks.raise("Request", { service: "ec2", action, region: REGION, accessKeyId: "test", input: { ...input } });
  return {
    watch: watchDeletions(month),
    /** For some hours after the beginning of 2026, in the seconds' precision of the tag. */
    announce: (id: string, hours = 24) => {
      const Value = new Date(Date.parse("2026-01-01") + hours * HOUR).toISOString().replace(/\.\d+/, "");
      return call("CreateTags", { Resources: [id], Tags: [{ Key: TAG.deleteAfter, Value }] });
    },
    takeBack: (id: string) => call("DeleteTags", { Resources: [id], Tags: [{ Key: TAG.deleteAfter }] }),
    remove: (id: string) => call("DeleteSnapshot", { SnapshotId: id }),
    pass: (hours: number) => {
      now += hours * HOUR;
    },
  };
}

const PAST = Date.parse("2025-12-31");

test("a deletion that was announced a day before, and whose date has passed, is right", async () => {
  const { watch, announce, remove, pass } = fakeMonth({ "snap-1": PAST });
  await watch.begin(REGION);
  await announce("snap-1");
  pass(24);
  await remove("snap-1");
  expect([watch.takeFaults(), watch.deleted]).toEqual([[], ["snap-1"]]);
});

test("a run on a busy machine announces long after it looked at its clock: the day counts from there", async () => {
  const { watch, announce, remove, pass } = fakeMonth({ "snap-1": PAST });
  await watch.begin(REGION);
  pass(0.02);
  await announce("snap-1");
  watch.end();
  pass(23.98);
  await watch.begin(REGION);
  await remove("snap-1");
  expect(watch.takeFaults()).toEqual([]);
});

test("announced for less than a day ahead: a fault", async () => {
  const { watch, announce, pass } = fakeMonth();
  await watch.begin(REGION);
  pass(1);
  await announce("snap-1", 23.9);
  await announce("snap-2", 24);
  expect(watch.takeFaults()).toEqual(["snap-1: announced for less than a day ahead"]);
});

test("a fault is told once", async () => {
  const { watch, remove } = fakeMonth({ "snap-1": PAST });
  await watch.begin(REGION);
  await remove("snap-1");
  expect(watch.takeFaults()).toHaveLength(1);
  expect(watch.takeFaults()).toEqual([]);
});

test("a deletion that a function announced with its last breath, when its run had ended, is right", async () => {
  const { watch, announce, remove, pass } = fakeMonth({ "snap-1": PAST });
  await watch.begin(REGION);
  watch.end();
  await announce("snap-1");
  pass(24);
  await watch.begin(REGION);
  await remove("snap-1");
  expect([watch.takeFaults(), watch.deleted]).toEqual([[], ["snap-1"]]);
});

test.each([
  { what: "not announced", hours: 0, isAnnounced: false, isTakenBack: false },
  { what: "announced an hour before", hours: 1, isAnnounced: true, isTakenBack: false },
  { what: "announced, and taken back", hours: 30, isAnnounced: true, isTakenBack: true },
])("$what: a fault", async ({ hours, isAnnounced, isTakenBack }) => {
  const { watch, announce, takeBack, remove, pass } = fakeMonth({ "snap-1": PAST });
  await watch.begin(REGION);
  if (isAnnounced) await announce("snap-1");
  if (isTakenBack) await takeBack("snap-1");
  pass(hours);
  await remove("snap-1");
  expect(watch.takeFaults()).toEqual(["snap-1: not announced a day before"]);
});

test("a date that has not passed, or is none: a fault", async () => {
  const { watch, announce, remove, pass } = fakeMonth({ "snap-1": Date.parse("2030-01-01") });
  await watch.begin(REGION);
  for (const id of ["snap-1", "snap-2"]) await announce(id);
  pass(24);
  for (const id of ["snap-1", "snap-2"]) await remove(id);
  expect(watch.takeFaults()).toEqual(["snap-1: its date has not passed", "snap-2: its date has not passed"]);
});

test("more than two of eleven in one run: a fault; in the next run two more are right", async () => {
  const { watch, announce, remove, pass } = fakeMonth(
    Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`snap-${number}`, PAST])),
  );
  await watch.begin(REGION);
  for (const number of [1, 2, 3, 4, 5]) await announce(`snap-${number}`);
  pass(24);
  for (const number of [1, 2, 3]) await remove(`snap-${number}`);
  expect(watch.takeFaults()).toEqual(["snap-3: beyond the share of a run"]);
  watch.end();
  await watch.begin(REGION);
  for (const number of [4, 5]) await remove(`snap-${number}`);
  expect(watch.takeFaults()).toEqual([]);
});

test("what somebody else deletes between the runs is not the function's", async () => {
  const { watch, remove } = fakeMonth();
  await remove("snap-1");
  expect(watch.takeFaults()).toEqual([]);
});

test.each([1, 2, 5, 77])("a month drawn from seed %s has thirty days with every kind of fault", (seed) => {
  const days = drawDays(generator(seed));
  expect(days).toHaveLength(30);
  expect(new Set(days.map(({ build }) => build)).size).toBe(6);
  expect(new Set(days.map(({ delivery }) => delivery)).size).toBe(5);
  expect(new Set(days.map(({ trouble }) => trouble)).size).toBe(3);
  expect(drawDays(generator(seed))).toEqual(days);
});
