import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  ListSnapshotsInRecycleBinCommand,
  RestoreSnapshotFromRecycleBinCommand,
} from "@aws-sdk/client-ec2";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";

const DAY_SECONDS = 86_400;

let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
  const target = { service: "rbin", action: "CreateRule", region: REGION };
  await aws.aws.call(target, {
    ResourceType: "EBS_SNAPSHOT",
    ResourceTags: [{ ResourceTagKey: "docker-cache:name", ResourceTagValue: "default" }],
    RetentionPeriod: { RetentionPeriodValue: 7, RetentionPeriodUnit: "DAYS" },
  });
}, 120_000);
afterAll(() => aws?.stop());

async function deleted(name: string): Promise<string> {
  const { VolumeId } = await aws.ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", Size: 1, VolumeType: "gp3" }),
  );
  const Tags = [{ Key: "docker-cache:name", Value: name }];
  const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags }];
  const { SnapshotId = "" } = await aws.ec2.send(new CreateSnapshotCommand({ VolumeId, TagSpecifications }));
  await aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  return SnapshotId;
}

const describe = (id: string) => aws.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
const inBin = () =>
  aws.ec2
    .send(new ListSnapshotsInRecycleBinCommand({}))
    .then(({ Snapshots }) => Snapshots?.map((one) => one.SnapshotId));

test("a deleted snapshot that a rule concerns can be restored, tags and all", async () => {
  const id = await deleted("default");
  expect(await errorOf(describe(id))).toBe("InvalidSnapshot.NotFound");
  expect(await inBin()).toEqual([id]);
  const make = new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", SnapshotId: id });
  expect(await errorOf(aws.ec2.send(make))).toBe("InvalidSnapshot.NotFound");
  await aws.ec2.send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId: id }));
  expect((await describe(id)).Snapshots?.[0]).toMatchObject({
    State: "completed",
    Tags: [{ Key: "docker-cache:name", Value: "default" }],
  });
  await aws.pass(8 * DAY_SECONDS);
  expect((await describe(id)).Snapshots).toHaveLength(1);
});

test("after the rule's period it is gone; one that no rule concerns is gone at once", async () => {
  const id = await deleted("default");
  await aws.pass(6 * DAY_SECONDS);
  expect(await inBin()).toEqual([id]);
  await aws.pass(DAY_SECONDS);
  expect(await inBin()).toEqual([]);
  const restore = new RestoreSnapshotFromRecycleBinCommand({ SnapshotId: id });
  expect(await errorOf(aws.ec2.send(restore))).toBe("InvalidSnapshot.NotFound");
  await deleted("other");
  expect(await inBin()).toEqual([]);
});
