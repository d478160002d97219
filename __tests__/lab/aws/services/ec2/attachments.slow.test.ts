import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { type Emulated, errorOf, startEmulated } from "../../emulated";

let aws: Emulated;
let instance: string;
const hooks: string[] = [];
beforeAll(async () => {
  aws = await startEmulated();
  aws.hooks.on(
    "AttachVolume",
    ({ attachment }) => void hooks.push(`attach ${attachment.VolumeId} ${attachment.Device}`),
  );
  aws.hooks.on(
    "DetachVolume",
    ({ attachment }) => void hooks.push(`detach ${attachment.VolumeId} ${attachment.Device}`),
  );
  instance = await run();
}, 120_000);
afterAll(() => aws?.stop());

async function run(): Promise<string> {
  const ImageId = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
  const Placement = { AvailabilityZone: "eu-west-1a" };
  const request = { ImageId, InstanceType: "m7i.large" as const, MinCount: 1, MaxCount: 1, Placement };
  const { Instances } = await aws.ec2.send(new RunInstancesCommand(request));
  return Instances?.[0]?.InstanceId ?? "";
}

async function volume(AvailabilityZone = "eu-west-1a"): Promise<string> {
  const made = await aws.ec2.send(new CreateVolumeCommand({ AvailabilityZone, Size: 1, VolumeType: "gp3" }));
  return made.VolumeId ?? "";
}

const attach = (VolumeId: string, Device = "/dev/sdf", InstanceId = instance) =>
  aws.ec2.send(new AttachVolumeCommand({ VolumeId, Device, InstanceId }));

test("a volume is attached once: the attachment is a mutex, also for two callers at the same time", async () => {
  const id = await volume();
  const other = await run();
  const results = await Promise.allSettled([attach(id), attach(id, "/dev/sdf", other)]);
  expect(results.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await errorOf(attach(id, "/dev/sdg"))).toBe("VolumeInUse");
  expect(await errorOf(attach(id, "/dev/sdg", other))).toBe("VolumeInUse");
  const { Volumes } = await aws.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
  expect(Volumes?.[0]).toMatchObject({
    State: "in-use",
    Attachments: [expect.objectContaining({ DeleteOnTermination: false })],
  });
  await aws.ec2.send(new DetachVolumeCommand({ VolumeId: id }));
  await attach(id, "/dev/sdh");
  await aws.ec2.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: instance }));
  expect(hooks.filter((line) => line.includes(id))).toEqual([
    `attach ${id} /dev/sdf`,
    `detach ${id} /dev/sdf`,
    `attach ${id} /dev/sdh`,
    `detach ${id} /dev/sdh`,
  ]);
});

test("another zone, a device in use, and a volume that is not attached are refused", async () => {
  const first = await volume();
  await attach(first, "/dev/sdj");
  expect(await errorOf(attach(await volume(), "/dev/sdj"))).toBe("InvalidParameterValue");
  expect(await errorOf(attach(await volume("eu-west-1b")))).toBe("InvalidVolume.ZoneMismatch");
  expect(await errorOf(attach("vol-0123456789abcdef0"))).toBe("InvalidVolume.NotFound");
  expect(await errorOf(aws.ec2.send(new DetachVolumeCommand({ VolumeId: await volume() })))).toBe("IncorrectState");
});

test("deletion on termination can be set afterwards", async () => {
  const id = await volume();
  await attach(id, "/dev/sdk");
  const BlockDeviceMappings = [{ DeviceName: "/dev/sdk", Ebs: { DeleteOnTermination: true } }];
  await aws.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: instance, BlockDeviceMappings }));
  const { Volumes } = await aws.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
  expect(Volumes?.[0]?.Attachments?.[0]?.DeleteOnTermination).toBe(true);
});
