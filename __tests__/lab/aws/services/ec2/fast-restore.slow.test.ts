import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeFastSnapshotRestoresCommand,
  DisableFastSnapshotRestoresCommand,
  EnableFastSnapshotRestoresCommand,
} from "@aws-sdk/client-ec2";
import { type Emulated, REGION, startEmulated } from "../../emulated";

let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
}, 120_000);
afterAll(() => aws?.stop());
beforeEach(() => {
  const restores = aws.regions[REGION]?.fastRestores ?? {};
  for (const key of Object.keys(restores)) delete restores[key];
});

const ZONES = ["eu-west-1a", "eu-west-1b"];

async function snapshot(Size: number): Promise<string> {
  const { VolumeId } = await aws.ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", Size, VolumeType: "gp3" }),
  );
  return (await aws.ec2.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId ?? "";
}

const enable = (id: string, AvailabilityZones = ZONES) =>
  aws.ec2.send(new EnableFastSnapshotRestoresCommand({ SourceSnapshotIds: [id], AvailabilityZones }));

async function states(id: string) {
  const Filters = [{ Name: "snapshot-id", Values: [id] }];
  const { FastSnapshotRestores = [] } = await aws.ec2.send(new DescribeFastSnapshotRestoresCommand({ Filters }));
  return Object.fromEntries(FastSnapshotRestores.map((one) => [one.AvailabilityZone, one.State]));
}

test("a restore is enabling, optimizing for an hour per TiB, then enabled, and says so", async () => {
  const id = await snapshot(512);
  const { Successful } = await enable(id);
  expect(Successful?.map((one) => one.State)).toEqual(["enabling", "enabling"]);
  await aws.pass(5);
  expect(await states(id)).toEqual({ "eu-west-1a": "optimizing", "eu-west-1b": "optimizing" });
  await aws.pass(1799);
  expect(await states(id)).toEqual({ "eu-west-1a": "optimizing", "eu-west-1b": "optimizing" });
  await aws.pass(1);
  expect(await states(id)).toEqual({ "eu-west-1a": "enabled", "eu-west-1b": "enabled" });
  const events = aws.events.filter(
    (one) => one["detail-type"].startsWith("EBS Fast") && one.detail.zone === "eu-west-1a",
  );
  expect(events.map((one) => one.detail.state)).toEqual(["enabling", "optimizing", "enabled"]);
  expect(events[0]).toMatchObject({ region: REGION, detail: { "snapshot-id": id, zone: "eu-west-1a" } });
});

test("it is disabled zone by zone, and with the snapshot", async () => {
  const id = await snapshot(10);
  await enable(id);
  const request = { SourceSnapshotIds: [id], AvailabilityZones: ["eu-west-1a", "eu-west-1c"] };
  const answer = await aws.ec2.send(new DisableFastSnapshotRestoresCommand(request));
  expect(answer.Successful?.map((one) => [one.AvailabilityZone, one.State])).toEqual([["eu-west-1a", "disabling"]]);
  const [refused] = answer.Unsuccessful?.[0]?.FastSnapshotRestoreStateErrors ?? [];
  expect(refused?.AvailabilityZone).toBe("eu-west-1c");
  expect(await states(id)).toEqual({ "eu-west-1b": "enabling" });
  await aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
  expect(await states(id)).toEqual({});
});

test("at most five snapshots of a region are enabled, and none that is gone", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 6; n++) ids.push(await snapshot(1));
  for (const id of ids.slice(0, 5)) expect((await enable(id)).Unsuccessful).toEqual([]);
  const code = async (id: string) => {
    const { Unsuccessful } = await enable(id);
    return Unsuccessful?.[0]?.FastSnapshotRestoreStateErrors?.[0]?.Error?.Code;
  };
  expect(await code(ids[5] ?? "")).toBe("FastSnapshotRestoreLimitExceeded");
  expect(await code("snap-0123456789abcdef0")).toBe("InvalidSnapshot.NotFound");
  await aws.ec2.send(
    new DisableFastSnapshotRestoresCommand({ SourceSnapshotIds: [ids[0] ?? ""], AvailabilityZones: ZONES }),
  );
  expect((await enable(ids[5] ?? "")).Unsuccessful).toEqual([]);
});
