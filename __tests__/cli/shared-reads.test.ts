/** Shared reads tell each cell what its own would, with far fewer calls. */
import { look } from "../../cli/region-ports";
import { sharedReads } from "../../cli/shared-reads";
import { fakePorts } from "../../lab/fake/aws";
import { HOUR, PATHS, SETTINGS } from "../../lab/fake/example-state";
import { awsError, type FakeAws } from "../../lab/fake/region";
import { addVersion } from "../../lab/fake/templates";
import {
  applyBuilderStack,
  applyRotationStack,
  applyWorkerStack,
  build,
  pointer,
  region,
  run,
} from "../../lab/fake/world";
import { bearing, type Ports } from "../../lambda-src/rotation/ports";
import { readState } from "../../lambda-src/rotation/read/read";
import { type RotationSettings, TAG } from "../../lib/contract";

const ARM: RotationSettings = { ...SETTINGS, architecture: "arm64" };
const ML: RotationSettings = { ...SETTINGS, name: "ml" };
const CELLS = [SETTINGS, ARM, ML];

/** Three cells that are served, with an AMI, a lock, a pinned group, fast restore and a volume in creation. */
async function busy(): Promise<FakeAws> {
  const fake = region(SETTINGS, "eu-west-1", { pageSize: 1000 });
  for (const settings of [ARM, ML]) {
    applyRotationStack(fake, settings);
    applyBuilderStack(fake, settings);
    applyWorkerStack(fake, settings, `lt-${settings.name}-${settings.architecture}`);
  }
  for (const settings of CELLS)
    for (const content of ["a", "b"]) {
      build(fake, settings, content);
      fake.now += HOUR;
      await run(fake, settings);
    }
  const id = pointer(fake, SETTINGS) ?? "";
  fake.images.set("ami-1", [id]);
  fake.images.set("ami-2", ["snap-of-others"]);
  fake.locks.add(pointer(fake, ARM) ?? "");
  fake.groups.push({ name: "group", templateId: "lt-worker", version: "2" });
  await fakePorts(fake).enableFastRestore(pointer(fake, ML) ?? "", ["eu-west-1a"]);
  fake.volumes.set("vol-new", {
    id: "vol-new",
    state: "creating",
    createdAt: 0,
    snapshotId: id,
    tags: {},
    visibleAt: 0,
  });
  addVersion(fake, "lt-worker", { ImageId: "ami-9" }, "by Terraform");
  return fake;
}

test("each cell is told what its own reads would tell", async () => {
  const fake = await busy();
  const own = await Promise.all(CELLS.map((settings) => readState(fakePorts(fake), settings, { references: "all" })));
  fake.calls.length = 0;
  const ports = sharedReads(fakePorts(fake));
  const shared = await Promise.all(CELLS.map((settings) => readState(ports, settings, { references: "all" })));
  expect(shared).toEqual(own);
  expect(own.map((one) => one.references.length > 0)).toEqual([true, true, true]);
  const counts: Record<string, number> = {};
  for (const name of fake.calls) counts[name] = (counts[name] ?? 0) + 1;
  expect(counts).toMatchObject({
    GetParametersCommand: 1,
    DescribeSnapshotsCommand: 1,
    DescribeInstancesCommand: 1,
    DescribeVolumesCommand: 2,
    DescribeImagesCommand: 1,
    DescribeLaunchTemplatesCommand: 1,
    DescribeAutoScalingGroupsCommand: 1,
    DescribeFastSnapshotRestoresCommand: 1,
    DescribeLockedSnapshotsCommand: 1,
  });
});

test("a command that reads without references, and one that lists without filters", async () => {
  const fake = await busy();
  const [plain, shared] = [fakePorts(fake), sharedReads(fakePorts(fake))];
  expect(await readState(shared, ML, { asked: true })).toEqual(await readState(plain, ML, { asked: true }));
  expect(await shared.listImages()).toEqual(await plain.listImages());
  expect(await shared.listFastRestores()).toEqual(await plain.listFastRestores());
  expect(await shared.listVolumes({ status: ["creating"] })).toEqual(await plain.listVolumes({ status: ["creating"] }));
});

test("other questions go to AWS as they are", async () => {
  const fake = await busy();
  const [plain, shared] = [fakePorts(fake), sharedReads(fakePorts(fake))];
  const id = pointer(fake, SETTINGS) ?? "";
  expect(await shared.listSnapshots({ "snapshot-id": [id] })).toEqual(
    await plain.listSnapshots({ "snapshot-id": [id] }),
  );
  const byRole = bearing({ [TAG.role]: "cache-volume" });
  expect(await shared.listVolumes(byRole)).toEqual(await plain.listVolumes(byRole));
  fake.templates.get("lt-worker")!.tags = {};
  expect(await shared.listLatestVersions(["lt-worker"])).toEqual(await plain.listLatestVersions(["lt-worker"]));
});

test("who asks the same again is shown what has changed since", async () => {
  const fake = await busy();
  const ports = sharedReads(fakePorts(fake));
  const filters = bearing({ [TAG.name]: "ci", [TAG.architecture]: "x86_64" });
  const before = await ports.listSnapshots(filters);
  fake.snapshots.delete(before[0]!.id);
  expect(await ports.listSnapshots(filters)).toEqual(before.slice(1));
});

test("a parameter that may not be read keeps nobody else from his own", async () => {
  const fake = await busy();
  const plain = fakePorts(fake);
  const refusing: Ports = {
    ...plain,
    getParameters: async (names) => {
      if (names.some((name) => name.includes("/ml/"))) throw awsError("AccessDeniedException");
      return plain.getParameters(names);
    },
  };
  const ports = sharedReads(refusing);
  const [mine, others] = await Promise.allSettled([
    ports.getParameters([PATHS.pointer]),
    ports.getParameters(["/docker-cache/ml/x86_64/snapshot-id"]),
  ]);
  expect(mine).toMatchObject({ status: "fulfilled", value: new Map([[PATHS.pointer, expect.anything()]]) });
  expect(others).toMatchObject({ status: "rejected", reason: { name: "AccessDeniedException" } });
  await expect(sharedReads(refusing).getParameters(["/docker-cache/ml/x86_64/rejected"])).rejects.toThrow();
});

test("more names than a call takes are asked for in portions", async () => {
  const fake = await busy();
  const names = [...Array.from({ length: 21 }, (_, index) => `/nowhere/${index}`), PATHS.pointer];
  fake.calls.length = 0;
  const found = await sharedReads(fakePorts(fake)).getParameters(names);
  expect([[...found.keys()], fake.calls.length]).toEqual([[PATHS.pointer], 3]);
});

test("a look shares what one region tells, and the next look reads anew", async () => {
  const fake = await busy();
  const from = () => fakePorts(fake);
  const [first, second] = [look(from), look(from)];
  expect(first("eu-west-1")).toBe(first("eu-west-1"));
  const locks = await first("eu-west-1").listLocks();
  fake.locks.clear();
  expect([await first("eu-west-1").listLocks(), await second("eu-west-1").listLocks()]).toEqual([locks, []]);
});
