import { fakePorts } from "../../../../lab/fake/aws";
import { ACCOUNT, HOUR, OURS, PATHS, SETTINGS } from "../../../../lab/fake/example-state";
import { createFakeAws, type FakeAws } from "../../../../lab/fake/region";
import { addVersion } from "../../../../lab/fake/templates";
import {
  applyBuilderStack,
  applyWorkerStack,
  build,
  destroyBuilderStack,
  MINUTE,
  region,
  rotationRole,
  run,
  volumeOf,
} from "../../../../lab/fake/world";
import { plan } from "../../../../lambda-src/rotation/plan/plan";
import { type ReadOptions, readState } from "../../../../lambda-src/rotation/read/read";
import { TAG } from "../../../../lib/contract";

const read = (fake: FakeAws, options: ReadOptions = {}) => readState(fakePorts(fake), SETTINGS, options);

async function served(): Promise<{ fake: FakeAws; id: string }> {
  const fake = region(SETTINGS, "eu-west-1", { pageSize: 2 });
  const id = build(fake, SETTINGS, "a") ?? "";
  fake.now += HOUR;
  await run(fake, SETTINGS);
  return { fake, id };
}

test("parameters, with account and history, oldest first, over several pages", async () => {
  const { fake, id } = await served();
  for (const value of ["snap-b", "snap-c", id])
    fake.parameters.get(PATHS.pointer)?.push({ value, writtenAt: fake.now });
  fake.parameters.set(PATHS.rejected, [{ value: "x\n y \n", writtenAt: 5 }]);
  const state = await read(fake);
  expect(state).toMatchObject({
    accountId: ACCOUNT,
    region: "eu-west-1",
    rejected: ["x", "y"],
    rejectedWrites: [{ writtenAt: 5 }],
    pointerHistoryComplete: true,
  });
  expect(state.pointerHistory.map((one) => one.value)).toEqual(["none", id, "snap-b", "snap-c", id]);
});

test("SSM keeps a hundred values: the first may be gone", async () => {
  const { fake } = await served();
  const versions = fake.parameters.get(PATHS.pointer) ?? [];
  for (let write = 0; write < 120; write++) versions.push({ value: "none", writtenAt: fake.now });
  expect(await read(fake)).toMatchObject({ pointerHistoryComplete: false, pointerHistory: { length: 100 } });
});

test("without the pointer it is an error that says what to do; purge reads on", async () => {
  const fake = createFakeAws();
  await expect(read(fake)).rejects.toThrow(
    /parameter \/docker-cache\/ci\/x86_64\/snapshot-id does not exist in eu-west-1.*apply it first/,
  );
  const anyway = () => readState(fakePorts(fake), SETTINGS, { pointerMayBeMissing: true });
  expect(await anyway()).toMatchObject({
    accountId: "",
    pointer: { value: "none" },
    rejected: [],
    rejectedWrites: [],
    volumeId: null,
  });
  const { fake: other } = await served();
  for (const [id, one] of other.snapshots) fake.snapshots.set(id, one);
  fake.now = other.now;
  expect(await anyway()).toMatchObject({ accountId: ACCOUNT });
});

describe("references", () => {
  async function referred() {
    const { fake, id } = await served();
    fake.images.set("ami-1", [id, "snap-root"]);
    fake.images.set("ami-2", [id]);
    fake.disabledImages.add("ami-2");
    fake.locks.add(id);
    fake.locks.add("snap-1a");
    fake.shares.add(id);
    const creating = { state: "creating", createdAt: fake.now, tags: {}, visibleAt: 0 };
    fake.volumes.set("vol-n", { id: "vol-n", snapshotId: id, ...creating });
    const theirs = { id: "lt-theirs", versions: [], defaultVersion: 1, lastNumber: 0, tags: {}, visibleAt: 0 };
    fake.templates.set("lt-theirs", theirs);
    addVersion(fake, "lt-theirs", {
      BlockDeviceMappings: [{ DeviceName: "/dev/sdb", Ebs: { SnapshotId: id } }, {}],
    });
    addVersion(fake, "lt-theirs", {});
    return { fake, id };
  }

  test("AMIs, disabled ones too, every template's $Latest and $Default, locks, volumes in creation, shares if asked for", async () => {
    const { fake, id } = await referred();
    const told = async (options: ReadOptions) => {
      const { references } = await read(fake, options);
      expect(references.every((one) => one.snapshotId === id)).toBe(true);
      return references.map(({ by }) => by);
    };
    const all = [
      "AMI ami-1",
      "AMI ami-2",
      "volume vol-n in creation",
      "launch template lt-worker version 2",
      "launch template lt-theirs version 1",
      "a snapshot lock",
    ];
    expect(await told({ references: "all" })).toEqual(all);
    expect(await told({ references: "shares-too" })).toEqual([...all, "a share with another account"]);
  });

  test("J6 are not read by a run that has nothing to remove, whatever the region holds", async () => {
    const { fake } = await referred();
    const from = fake.calls.length;
    expect(await read(fake)).toMatchObject({ referencesOf: "none", references: [], pinnedVersions: [] });
    const calls = fake.calls.slice(from);
    for (const list of ["Images", "AutoScalingGroups", "LockedSnapshots"])
      expect(calls).not.toContain(`Describe${list}Command`);
  });

  test("of nothing are none: only what groups name is read", async () => {
    const fake = region(SETTINGS);
    expect(await read(fake, { references: "shares-too" })).toMatchObject({ referencesOf: "all", references: [] });
  });

  test("of more snapshots than a filter takes are looked for in all of the region", async () => {
    const { fake, id } = await referred();
    const [sample] = fake.snapshots.values();
    for (let index = 0; index < 200 && sample; index++)
      fake.snapshots.set(`snap-f${index}`, { ...sample, id: `snap-f${index}` });
    fake.restores.push({ snapshotId: id, zone: "a", enablingAt: 0, enabledAt: 0 });
    fake.restores.push({ snapshotId: "snap-root", zone: "a", enablingAt: 0, enabledAt: 0 });
    const { references, fastRestores } = await read(fake, { references: "all" });
    expect(references.map(({ by }) => by)).toContain("AMI ami-2");
    expect(fastRestores.map((one) => one.snapshotId)).toEqual([id, "snap-root"]);
  });
});

describe("versions that Auto Scaling groups name by number, of whatever template", () => {
  test("are read by number; a group on a deleted one does no harm", async () => {
    const { fake, id } = await served();
    for (const size of [40, 50])
      addVersion(fake, "lt-worker", { BlockDeviceMappings: [{ Ebs: { VolumeSize: size } }] });
    fake.groups.push(
      { name: "a", templateId: "lt-worker", version: "2" },
      { name: "b", templateId: "lt-worker", version: "4", mixed: true },
      { name: "c", templateId: "lt-worker", version: "$Latest" },
      { name: "d", templateId: "lt-worker", version: "77" },
      { name: "e", templateId: "lt-gone", version: "1" },
      { name: "f", templateId: "lt-worker", version: "2" },
    );
    Object.assign(fake.templates.get("lt-worker") ?? {}, { defaultVersion: 3 });
    const { pinnedVersions, references } = await read(fake, { references: "all" });
    expect(pinnedVersions).toEqual([
      { templateId: "lt-worker", version: 2 },
      { templateId: "lt-worker", version: 4 },
      { templateId: "lt-worker", version: 77 },
      { templateId: "lt-gone", version: 1 },
    ]);
    expect(references).toContainEqual({
      snapshotId: id,
      by: "launch template lt-worker version 2",
      version: { templateId: "lt-worker", version: 2 },
    });
  });

  test("are asked for by number, never all versions of a large template", async () => {
    const { fake } = await served();
    fake.templates.set("lt-bare", {
      id: "lt-bare",
      versions: [],
      defaultVersion: 1,
      lastNumber: 0,
      tags: {},
      visibleAt: 0,
    });
    fake.groups.push({ name: "a", templateId: "lt-worker", version: "1" });
    addVersion(fake, "lt-bare", {});
    addVersion(fake, "lt-bare", {});
    Object.assign(fake.templates.get("lt-bare") ?? {}, { defaultVersion: 2 });
    fake.groups.push({ name: "b", templateId: "lt-bare", version: "1" });
    const ports = fakePorts(fake);
    const asked: unknown[] = [];
    const listVersions: typeof ports.listVersions = (id, versions) => {
      asked.push([id, versions]);
      return ports.listVersions(id, versions);
    };
    await readState({ ...ports, listVersions }, SETTINGS, { references: "all" });
    expect(asked).toEqual([
      ["lt-worker", [1]],
      ["lt-bare", [1]],
    ]);
  });
});

describe("volumes that `volume-id` has named", () => {
  test("are asked for only if a snapshot hangs on them", async () => {
    const { fake } = await served();
    const first = volumeOf(fake, SETTINGS);
    const histories = () => fake.calls.filter((call) => call === "GetParameterHistoryCommand").length;
    const from = histories();
    expect((await read(fake)).knownVolumeIds).toEqual([first]);
    expect(histories() - from).toBe(1);
    build(fake, SETTINGS, "never promoted");
    const second = applyBuilderStack(fake, SETTINGS);
    expect((await read(fake)).knownVolumeIds).toEqual([first, second]);
    destroyBuilderStack(fake, SETTINGS);
    expect((await read(fake)).knownVolumeIds).toEqual([]);
  });
});

test("every write of `rejected` is read if nothing is promoted, or if a person asks", async () => {
  const { fake } = await served();
  fake.parameters.get(PATHS.rejected)?.push({ value: "x", writtenAt: fake.now });
  const values = async (options?: ReadOptions) => (await read(fake, options)).rejectedWrites.map((one) => one.value);
  expect([await values(), await values({ asked: true })]).toEqual([["x"], ["none", "x"]]);
  fake.parameters.get(PATHS.pointer)?.push({ value: "none", writtenAt: fake.now });
  expect(await values()).toEqual(["none", "x"]);
});

test("more than twenty templates of ours are found in the list of the region", async () => {
  const { fake } = await served();
  for (let index = 0; index < 21; index++) applyWorkerStack(fake, SETTINGS, `lt-${index}`);
  const from = fake.calls.length;
  const { launchTemplates } = await read(fake);
  expect(launchTemplates).toHaveLength(22);
  const calls = fake.calls.slice(from).filter((call) => call === "DescribeLaunchTemplateVersionsCommand");
  expect(calls).toHaveLength(Math.ceil(22 / fake.pageSize));
});

test("a template's versions are listed only where there may be something to prune, and only rotation's count", async () => {
  const { fake } = await served();
  expect((await read(fake)).launchTemplates[0]?.rotationVersions).toEqual([]);
  const by = `arn:aws:sts::${ACCOUNT}:assumed-role/${rotationRole(SETTINGS, "eu-west-1")}/session`;
  for (let version = 3; version <= 22; version++)
    addVersion(fake, "lt-worker", {}, undefined, version % 2 ? by : "somebody");
  expect((await read(fake)).launchTemplates[0]?.rotationVersions).toEqual([2, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21]);
});

test("of several templates with many versions one is listed in each run, each in its turn", async () => {
  const { fake } = await served();
  applyWorkerStack(fake, SETTINGS, "lt-a");
  const by = `arn:aws:sts::${ACCOUNT}:assumed-role/${rotationRole(SETTINGS, "eu-west-1")}/session`;
  for (const id of ["lt-worker", "lt-a"])
    for (let version = 0; version < 25; version++) addVersion(fake, id, {}, undefined, by);
  const listed = async () =>
    (await read(fake)).launchTemplates.filter((one) => one.rotationVersions.length > 0).map((one) => one.id);
  const first = await listed();
  fake.now += SETTINGS.reconcileMinutes * MINUTE;
  const second = await listed();
  fake.now += SETTINGS.reconcileMinutes * MINUTE;
  expect([first, second].flat().sort()).toEqual(["lt-a", "lt-worker"]);
  expect(await listed()).toEqual(first);
});

test("a template whose versions are not to be seen yet is left for the next run", async () => {
  const { fake } = await served();
  applyWorkerStack(fake, SETTINGS, "lt-new");
  const ports = fakePorts(fake);
  const blind = { ...ports, listLatestVersions: async () => [] };
  expect((await readState(blind, SETTINGS)).launchTemplates).toEqual([]);
});

describe("a promoted snapshot that is not listed", () => {
  test("is waited for where the pointer is young, and only there", async () => {
    const { fake, id } = await served();
    const one = fake.snapshots.get(id);
    if (one) one.visibleAt = fake.now + MINUTE;
    const before = fake.now;
    expect((await read(fake)).snapshots.map((snapshot) => snapshot.id)).toEqual([id]);
    expect(fake.now - before).toBe(90_000);
    fake.snapshots.delete(id);
    expect((await read(fake)).snapshots).toEqual([]);
    expect(fake.now - before).toBe(90_000);
  });

  test("is asked for by id before it is taken for lost: a list may leave something out", async () => {
    const { fake, id } = await served();
    fake.now += HOUR;
    const ports = fakePorts(fake);
    const partial = { ...ports, listSnapshots: async () => [] };
    expect((await readState(partial, SETTINGS)).snapshots.map((snapshot) => snapshot.id)).toEqual([id]);
  });

  test("is not asked for where the pointer names no snapshot at all", async () => {
    const { fake } = await served();
    fake.parameters.get(PATHS.pointer)?.push({ value: "whatever", writtenAt: fake.now - HOUR });
    const ports = fakePorts(fake);
    const strict = { ...ports, getSnapshot: async () => Promise.reject(new Error("InvalidSnapshotID.Malformed")) };
    expect((await readState(strict, SETTINGS)).snapshots).toHaveLength(1);
  });
});

test("a clock that runs behind does not make the promoted snapshot one of the future", async () => {
  const { fake, id } = await served();
  const ports = fakePorts(fake);
  const behind = { ...ports, now: () => fake.now - 5 * HOUR };
  const state = await readState(behind, SETTINGS);
  expect([state.now, plan(state, SETTINGS).promoted]).toEqual([state.pointer.writtenAt, id]);
});

test("only what bears name and architecture is read", async () => {
  const { fake } = await served();
  fake.volumes.set("vol-x", {
    id: "vol-x",
    state: "available",
    createdAt: 0,
    tags: { ...OURS, [TAG.name]: "ml" },
    visibleAt: 0,
  });
  fake.instances.set("i-0c", { id: "i-0c", state: "running", launchedAt: 0, tags: {}, visibleAt: 0 });
  const { volumes, instances } = await read(fake);
  expect([volumes.length, instances.map((one) => one.tags[TAG.role])]).toEqual([1, ["builder"]]);
});
