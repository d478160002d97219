import { type Around, fakePorts } from "../../../lab/fake/aws";
import { COPYING, DAY, HOUR, OURS, PATHS, SETTINGS } from "../../../lab/fake/example-state";
import { awsError, type FakeAws } from "../../../lab/fake/region";
import { addVersion } from "../../../lab/fake/templates";
import { build, MINUTE, region, run } from "../../../lab/fake/world";
import { reconcile } from "../../../lambda-src/rotation/reconcile";
import { DLM_TAG, TAG } from "../../../lib/contract";

/** Does something when the run begins to look a second time. */
function atSecondLook(act: () => void): Around {
  let looks = 0;
  return async (name, carry) => {
    if (name === "GetParametersCommand" && ++looks === 2) act();
    return carry();
  };
}

/** A region in which the oldest snapshot is due right now. */
async function ripe() {
  const fake = region(SETTINGS);
  const oldest = build(fake, SETTINGS, "oldest") ?? "";
  for (const content of ["b", "c", "d"]) {
    fake.now += HOUR;
    await run(fake, SETTINGS);
    build(fake, SETTINGS, content);
  }
  for (let hour = 0; hour < 3; hour++, fake.now += HOUR) await run(fake, SETTINGS);
  expect(fake.snapshots.get(oldest)?.tags[TAG.deleteAfter]).toBeDefined();
  fake.now += DAY;
  return { fake, oldest };
}

test("what is due and needed by nobody goes", async () => {
  const { fake, oldest } = await ripe();
  await run(fake, SETTINGS);
  expect(fake.snapshots.has(oldest)).toBe(false);
});

test.each<[string, (fake: FakeAws, id: string) => void]>([
  ["an AMI", (fake, id) => fake.images.set("ami-1", [id])],
  [
    "a volume in creation",
    (fake, id) =>
      fake.volumes.set("vol-n", {
        id: "vol-n",
        state: "creating",
        createdAt: 0,
        snapshotId: id,
        tags: {},
        visibleAt: 0,
      }),
  ],
  [
    "a disabled AMI",
    (fake, id) => {
      fake.images.set("ami-1", [id]);
      fake.disabledImages.add("ami-1");
    },
  ],
  ["a lock", (fake, id) => fake.locks.add(id)],
  [
    "a group's version",
    (fake, id) => {
      addVersion(fake, "lt-worker", { BlockDeviceMappings: [{ Ebs: { SnapshotId: id } }] });
      addVersion(fake, "lt-worker", fake.templates.get("lt-worker")?.versions.at(-2)?.data ?? {});
      const versions = fake.templates.get("lt-worker")?.versions ?? [];
      Object.assign(fake.templates.get("lt-worker") ?? {}, { defaultVersion: versions.at(-1)?.number });
      fake.groups.push({ name: "g", templateId: "lt-worker", version: String(versions.at(-2)?.number) });
    },
  ],
  ["a share", (fake, id) => fake.shares.add(id)],
  ["a pin", (fake, id) => Object.assign(fake.snapshots.get(id)?.tags ?? {}, { [TAG.pin]: "mine" })],
  [
    "the pointer, which another run moved",
    (fake, id) => fake.parameters.get(PATHS.pointer)?.push({ value: id, writtenAt: fake.now }),
  ],
])("%s that appears between the two looks saves it, and its date goes", async (_name, act) => {
  const { fake, oldest } = await ripe();
  await reconcile(
    fakePorts(
      fake,
      atSecondLook(() => act(fake, oldest)),
    ),
    SETTINGS,
  );
  expect(fake.snapshots.get(oldest)?.tags[TAG.deleteAfter]).toBeUndefined();
  expect(fake.snapshots.has(oldest)).toBe(true);
});

test("one that lost its date between the two looks stays; one that somebody deleted is no matter", async () => {
  for (const act of [
    (fake: FakeAws, id: string) => delete fake.snapshots.get(id)?.tags[TAG.deleteAfter],
    (fake: FakeAws, id: string) => fake.snapshots.delete(id),
  ]) {
    const { fake, oldest } = await ripe();
    const { applied } = await reconcile(
      fakePorts(
        fake,
        atSecondLook(() => act(fake, oldest)),
      ),
      SETTINGS,
    );
    expect(applied).toEqual([]);
  }
});

test("what the first look took a date off is not touched again, and a pointer that vanished is taken as it was", async () => {
  const { fake, oldest } = await ripe();
  const newest = [...fake.snapshots.values()].at(-1);
  Object.assign(newest?.tags ?? {}, { [TAG.deleteAfter]: new Date(fake.now).toISOString() });
  const vanish = atSecondLook(() => fake.parameters.delete(PATHS.pointer));
  const { applied } = await reconcile(fakePorts(fake, vanish), SETTINGS);
  expect(applied.map((one) => one.action.kind)).toEqual(["untag-delete-after", "delete-snapshot"]);
  expect([fake.snapshots.has(oldest), newest?.tags[TAG.deleteAfter]]).toEqual([false, undefined]);
});

test("what refuses for ever holds up nothing else, is noted, and is tried again after all others", async () => {
  const { fake, oldest } = await ripe();
  for (const one of fake.snapshots.values())
    if (!one.tags[TAG.deleteAfter]) Object.assign(one.tags, { [TAG.deleteAfter]: new Date(fake.now).toISOString() });
  fake.holds.add(oldest);
  const { applied } = await run(fake, SETTINGS);
  expect(applied.map((one) => one.action.kind)).toContain("tag-deletion-refused");
  expect(fake.snapshots.get(oldest)?.tags[TAG.deletionRefused]).toBeDefined();
  fake.holds.clear();
  await run(fake, SETTINGS);
  expect(fake.snapshots.has(oldest)).toBe(false);
});

test("what cannot be tagged keeps no other from being dated", async () => {
  const fake = region(SETTINGS);
  const ids = ["a", "b", "c", "d", "e", "f", "g"].map((content) => {
    fake.now += HOUR;
    return build(fake, SETTINGS, content) ?? "";
  });
  fake.now += HOUR;
  const ports = fakePorts(fake);
  const untaggable = ids.slice(0, 2);
  const tagResources: typeof ports.tagResources = async (some, key, value) => {
    if (some.some((id) => untaggable.includes(id))) throw awsError("TagLimitExceeded");
    await ports.tagResources(some, key, value);
  };
  for (let run_ = 0; run_ < 8; run_++, fake.now += 10 * MINUTE) await reconcile({ ...ports, tagResources }, SETTINGS);
  const dated = [...fake.snapshots.values()].filter((one) => one.tags[TAG.deleteAfter]).map((one) => one.id);
  expect(dated).toEqual(ids.slice(2, 4));
});

test("once a day, a region that copies looks at what names its copies, though nothing is to be removed", async () => {
  const fake = region(COPYING, "us-east-1");
  fake.now = Date.parse("2026-11-22T00:05:00Z");
  const tags = {
    ...OURS,
    [TAG.state]: "ready",
    [TAG.store]: "overlay2/26",
    [TAG.content]: "a",
    [DLM_TAG.policyId]: "p",
    [DLM_TAG.expirationTime]: "2026-12-03T00:00:00Z",
  };
  const times = { sizeGib: 50, startTime: fake.now - HOUR, completesAt: fake.now - HOUR, visibleAt: 0 };
  fake.snapshots.set("snap-a", { id: "snap-a", volumeId: "v", failed: false, archived: false, tags, ...times });
  const theirs = { id: "lt-theirs", versions: [], defaultVersion: 1, lastNumber: 0, tags: {}, visibleAt: 0 };
  fake.templates.set("lt-theirs", theirs);
  addVersion(fake, "lt-theirs", { BlockDeviceMappings: [{ Ebs: { SnapshotId: "snap-a" } }] });
  const told = async () => (await run(fake, COPYING)).plan;
  expect((await told()).figures.expiringReferences).toBe(1);
  fake.now += HOUR;
  expect((await told()).figures.expiringReferences).toBeNull();
});

test("promote before delete: a run that moves the pointer deletes nothing, the next one does", async () => {
  const { fake, oldest } = await ripe();
  build(fake, SETTINGS, "newest");
  fake.now += HOUR;
  await run(fake, SETTINGS);
  expect(fake.snapshots.has(oldest)).toBe(true);
  await run(fake, SETTINGS);
  expect(fake.snapshots.has(oldest)).toBe(false);
});

test("what becomes due between the two looks waits for the next run", async () => {
  const { fake, oldest } = await ripe();
  build(fake, SETTINGS, "more");
  fake.now += HOUR;
  await run(fake, SETTINGS);
  const next = [...fake.snapshots.values()].find((one) => one.id !== oldest && one.tags[TAG.deleteAfter]);
  expect(next).toBeDefined();
  await reconcile(
    fakePorts(
      fake,
      atSecondLook(() => Object.assign(fake, { now: fake.now + 2 * DAY })),
    ),
    SETTINGS,
  );
  expect([fake.snapshots.has(oldest), fake.snapshots.has(next?.id ?? "")]).toEqual([false, true]);
});
