import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeImagesCommand,
  DisableImageCommand,
  EnableImageCommand,
  RegisterImageCommand,
} from "@aws-sdk/client-ec2";
import { type Emulated, errorOf, startEmulated } from "../../emulated";

let aws: Emulated;
let snapshotId: string;
let imageId: string;

beforeAll(async () => {
  aws = await startEmulated({ settings: { snapshotSeconds: 1 } });
  const zone = { AvailabilityZone: "eu-west-1a", Size: 10 };
  const { VolumeId } = await aws.ec2.send(new CreateVolumeCommand(zone));
  snapshotId = (await aws.ec2.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId ?? "";
  await aws.pass(2);
  const image = await aws.ec2.send(
    new RegisterImageCommand({
      Name: "mine",
      RootDeviceName: "/dev/xvda",
      BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: snapshotId } }],
    }),
  );
  imageId = image.ImageId ?? "";
}, 120_000);
afterAll(() => aws?.stop());

async function listed(ofSnapshot: string, IncludeDisabled?: boolean) {
  const Filters = [{ Name: "block-device-mapping.snapshot-id", Values: [ofSnapshot] }];
  const { Images = [] } = await aws.ec2.send(new DescribeImagesCommand({ Owners: ["self"], Filters, IncludeDisabled }));
  return Images.map((one) => [one.ImageId, one.State]);
}

test("an image is found by the snapshot that it was registered with, and by no other", async () => {
  expect(await listed(snapshotId)).toEqual([[imageId, "available"]]);
  expect(await listed("snap-0123456789abcdef0")).toEqual([]);
});

test("a disabled image is listed only if it is asked for, and its snapshot stays in use", async () => {
  await aws.ec2.send(new DisableImageCommand({ ImageId: imageId }));
  expect(await listed(snapshotId)).toEqual([]);
  expect(await listed(snapshotId, true)).toEqual([[imageId, "disabled"]]);
  const remove = aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
  expect(await errorOf(remove)).toBe("InvalidSnapshot.InUse");
  await aws.ec2.send(new EnableImageCommand({ ImageId: imageId }));
  expect(await listed(snapshotId)).toEqual([[imageId, "available"]]);
});

test("an image that does not exist cannot be disabled", async () => {
  const refused = aws.ec2.send(new DisableImageCommand({ ImageId: "ami-0123456789abcdef0" }));
  expect(await errorOf(refused)).toBe("InvalidAMIID.NotFound");
});
