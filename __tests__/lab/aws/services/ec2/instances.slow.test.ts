import {
  CreateLaunchTemplateCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type Instance,
  RegisterImageCommand,
  type RequestLaunchTemplateData,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  TerminateInstancesCommand,
  type Volume,
} from "@aws-sdk/client-ec2";
import type { HookPayloads } from "../../../../../lab/aws/hooks";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";

const IMAGE_PARAMETER = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
const ARM_PARAMETER = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id";

let aws: Emulated;
const launches: HookPayloads["RunInstances"][] = [];
beforeAll(async () => {
  aws = await startEmulated();
  aws.hooks.on("RunInstances", (launch) => void launches.push(launch));
}, 120_000);
afterAll(() => aws?.stop());

let templates = 0;
async function template(LaunchTemplateData: RequestLaunchTemplateData): Promise<string> {
  const made = await aws.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: `template-${templates++}`, LaunchTemplateData }),
  );
  return made.LaunchTemplate?.LaunchTemplateId ?? "";
}

async function run(input: Partial<RunInstancesCommandInput>): Promise<Instance> {
  const { Instances } = await aws.ec2.send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      InstanceType: "m7i.large",
      ImageId: IMAGE_PARAMETER,
      ...input,
    }),
  );
  return Instances?.[0] ?? {};
}

async function describe(id: string | undefined) {
  const { Reservations } = await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id ?? ""] }));
  return Reservations?.[0]?.Instances?.[0];
}

async function volumesOf(id: string | undefined): Promise<Record<string, Volume>> {
  const Filters = [{ Name: "attachment.instance-id", Values: [id ?? ""] }];
  const { Volumes = [] } = await aws.ec2.send(new DescribeVolumesCommand({ Filters }));
  return Object.fromEntries(Volumes.map((volume) => [volume.Attachments?.[0]?.Device ?? "", volume]));
}

async function snapshot(Size = 10): Promise<string> {
  const { VolumeId } = await aws.ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", Size, VolumeType: "gp3" }),
  );
  const { SnapshotId = "" } = await aws.ec2.send(new CreateSnapshotCommand({ VolumeId }));
  return SnapshotId;
}

test("one token and the same parameters are one instance; other parameters an error; a failed launch frees the token", async () => {
  const first = await run({ ClientToken: "tick-1" });
  const again = await run({ ClientToken: "tick-1" });
  expect(again.InstanceId).toBe(first.InstanceId);
  expect(await errorOf(run({ ClientToken: "tick-1", InstanceType: "m7i.xlarge" }))).toBe("IdempotentParameterMismatch");
  expect((await run({ ClientToken: "tick-2" })).InstanceId).not.toBe(first.InstanceId);
  expect(await errorOf(run({ ClientToken: "tick-3", ImageId: "ami-0123456789abcdef0" }))).toBe("InvalidAMIID.NotFound");
  expect((await run({ ClientToken: "tick-3" })).InstanceId).toMatch(/^i-/);
  const [a, b] = await Promise.all([run({ ClientToken: "tick-4" }), run({ ClientToken: "tick-4" })]);
  expect(a.InstanceId).toBe(b.InstanceId);
});

test("a launch from a template honours all that the template says", async () => {
  const createProfile = { service: "iam", action: "CreateInstanceProfile", region: "us-east-1" };
  const { InstanceProfile } = await aws.aws.moto<{ InstanceProfile: { Arn: string } }>(createProfile, {
    InstanceProfileName: "worker",
  });
  const snapshotId = await snapshot(10);
  const tags = (n: string) => [{ Key: "docker-cache:role", Value: n }];
  const id = await template({
    ImageId: IMAGE_PARAMETER,
    InstanceType: "m7i.large",
    UserData: Buffer.from("#!/bin/sh\necho < '&' >\n").toString("base64"),
    InstanceInitiatedShutdownBehavior: "terminate",
    IamInstanceProfile: { Arn: InstanceProfile.Arn },
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1, InstanceMetadataTags: "enabled" },
    NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: true }],
    BlockDeviceMappings: [
      { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 40, VolumeType: "gp3", Throughput: 250, Encrypted: true } },
      {
        DeviceName: "/dev/sdf",
        Ebs: { SnapshotId: snapshotId, VolumeSize: 60, VolumeType: "gp3", VolumeInitializationRate: 300 },
      },
      { DeviceName: "/dev/sdg", NoDevice: "" },
    ],
    TagSpecifications: [
      { ResourceType: "instance", Tags: tags("instance") },
      { ResourceType: "volume", Tags: tags("volume") },
      { ResourceType: "network-interface", Tags: tags("interface") },
    ],
  });
  const LaunchTemplate = { LaunchTemplateId: id, Version: "$Latest" };
  const { Instances: [made] = [] } = await aws.ec2.send(
    new RunInstancesCommand({ MinCount: 1, MaxCount: 1, LaunchTemplate }),
  );
  expect(made?.State?.Name).toBe("pending");

  const instance = await describe(made?.InstanceId);
  expect(instance).toMatchObject({
    State: { Name: "running" },
    InstanceType: "m7i.large",
    RootDeviceName: "/dev/xvda",
    IamInstanceProfile: { Arn: InstanceProfile.Arn },
    MetadataOptions: { HttpTokens: "required", InstanceMetadataTags: "enabled" },
    Tags: expect.arrayContaining([
      { Key: "docker-cache:role", Value: "instance" },
      { Key: "aws:ec2launchtemplate:id", Value: id },
      { Key: "aws:ec2launchtemplate:version", Value: "1" },
    ]),
  });
  expect(instance?.PublicIpAddress).toBeDefined();
  const volumes = await volumesOf(made?.InstanceId);
  expect(Object.keys(volumes).sort()).toEqual(["/dev/sdf", "/dev/xvda"]);
  expect(volumes["/dev/xvda"]).toMatchObject({ Size: 40, VolumeType: "gp3", Throughput: 250, Encrypted: true });
  expect(volumes["/dev/sdf"]).toMatchObject({
    Size: 60,
    SnapshotId: snapshotId,
    VolumeInitializationRate: 300,
    Tags: [{ Key: "docker-cache:role", Value: "volume" }],
    Attachments: [expect.objectContaining({ DeleteOnTermination: true, State: "attached" })],
  });
  const Filters = [{ Name: "tag:docker-cache:role", Values: ["interface"] }];
  const { NetworkInterfaces } = await aws.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  expect(NetworkInterfaces?.map((one) => one.Attachment?.InstanceId)).toEqual([made?.InstanceId]);
  const attribute = { InstanceId: made?.InstanceId, Attribute: "instanceInitiatedShutdownBehavior" as const };
  const { InstanceInitiatedShutdownBehavior } = await aws.ec2.send(new DescribeInstanceAttributeCommand(attribute));
  expect(InstanceInitiatedShutdownBehavior?.Value).toBe("terminate");

  const launch = launches.find((one) => one.instance.InstanceId === made?.InstanceId);
  expect(launch?.region).toBe(REGION);
  expect(Buffer.from(launch?.userData ?? "", "base64").toString()).toBe("#!/bin/sh\necho < '&' >\n");
  expect(launch?.instance.BlockDeviceMappings).toHaveLength(2);
});

test("the request's own parameters come before the template's", async () => {
  const id = await template({
    ImageId: IMAGE_PARAMETER,
    InstanceType: "m7i.large",
    BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeSize: 5 } }],
    TagSpecifications: [
      {
        ResourceType: "instance",
        Tags: [
          { Key: "a", Value: "template" },
          { Key: "b", Value: "template" },
        ],
      },
    ],
  });
  const made = await run({
    ImageId: ARM_PARAMETER,
    InstanceType: "m7g.large",
    LaunchTemplate: { LaunchTemplateId: id },
    BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeSize: 6, DeleteOnTermination: false } }],
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "b", Value: "request" }] }],
  });
  const instance = await describe(made.InstanceId);
  expect(instance).toMatchObject({ InstanceType: "m7g.large", Architecture: "arm64" });
  expect(instance?.Tags).toEqual(
    expect.arrayContaining([
      { Key: "a", Value: "template" },
      { Key: "b", Value: "request" },
    ]),
  );
  const before = (await volumesOf(made.InstanceId))["/dev/sdf"];
  expect(before).toMatchObject({ Size: 6, Attachments: [expect.objectContaining({ DeleteOnTermination: false })] });
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.InstanceId ?? ""] }));
  const { Volumes } = await aws.ec2.send(new DescribeVolumesCommand({ VolumeIds: [before?.VolumeId ?? ""] }));
  expect(Volumes?.[0]?.State).toBe("available");
});

test("a launch that names a snapshot that is gone fails and leaves nothing; so do other impossible launches", async () => {
  const SnapshotId = await snapshot(10);
  const mapping = (Ebs: object) => ({ BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs }] });
  const id = await template({ ImageId: IMAGE_PARAMETER, InstanceType: "m7i.large", ...mapping({ SnapshotId }) });
  const before = (await aws.ec2.send(new DescribeVolumesCommand({}))).Volumes?.length;
  expect(await errorOf(run(mapping({ SnapshotId, VolumeSize: 9 })))).toBe("InvalidParameterValue");
  expect(await errorOf(run(mapping({ SnapshotId, Encrypted: true })))).toBe("InvalidBlockDeviceMapping");
  expect(await errorOf(run(mapping({ VolumeType: "gp3" })))).toBe("MissingParameter");
  expect(await errorOf(run({ InstanceType: "m7g.large" }))).toBe("InvalidParameterValue");
  expect(await errorOf(run({ ImageId: "resolve:ssm:/no/such/parameter" }))).toBe("InvalidParameterValue");
  await aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  expect(await errorOf(run(mapping({ SnapshotId })))).toBe("InvalidSnapshot.NotFound");
  expect(await errorOf(run({ LaunchTemplate: { LaunchTemplateId: id } }))).toBe("InvalidSnapshot.NotFound");
  expect((await aws.ec2.send(new DescribeVolumesCommand({}))).Volumes?.length).toBe(before);
});

test("an image of one's own keeps its root device and mappings, holds its snapshots, and is launched so", async () => {
  const SnapshotId = await snapshot(12);
  const ownSnapshots = async () =>
    (await aws.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }))).Snapshots?.length;
  const before = await ownSnapshots();
  const { ImageId = "" } = await aws.ec2.send(
    new RegisterImageCommand({
      Name: "ubuntu",
      Architecture: "arm64",
      RootDeviceName: "/dev/sda1",
      BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { SnapshotId } }],
    }),
  );
  expect(await ownSnapshots()).toBe(before);
  const { Images } = await aws.ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
  expect(Images).toEqual([
    expect.objectContaining({
      ImageId,
      RootDeviceName: "/dev/sda1",
      Architecture: "arm64",
      BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: expect.objectContaining({ SnapshotId, VolumeSize: 12 }) }],
    }),
  ]);
  const made = await run({ ImageId, InstanceType: "m7g.large" });
  expect(await describe(made.InstanceId)).toMatchObject({ RootDeviceName: "/dev/sda1", Architecture: "arm64" });
  expect((await volumesOf(made.InstanceId))["/dev/sda1"]).toMatchObject({ Size: 12, SnapshotId });
  expect(await errorOf(aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId })))).toBe("InvalidSnapshot.InUse");
  await aws.ec2.send(new DeregisterImageCommand({ ImageId }));
  await aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
});

test("starting and terminating are told as AWS tells them, and leave neither volume nor interface", async () => {
  const made = await run({ BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeSize: 5 } }] });
  await aws.pass(1);
  const [root] = Object.values(await volumesOf(made.InstanceId));
  const network = made.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "";
  const deleted: string[] = [];
  const forget = aws.hooks.on("DeleteVolume", ({ volumeId }) => void deleted.push(volumeId));
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.InstanceId ?? ""] }));
  forget();
  expect(deleted).toHaveLength(2);
  expect(deleted).toContain(root?.VolumeId);
  await aws.pass(1);
  const events = aws.events.filter((event) => event.detail["instance-id"] === made.InstanceId);
  expect(events.map((event) => event.detail.state)).toEqual(["pending", "running", "shutting-down", "terminated"]);
  expect(events[0]).toMatchObject({
    "detail-type": "EC2 Instance State-change Notification",
    source: "aws.ec2",
    resources: [`arn:aws:ec2:${REGION}:123456789012:instance/${made.InstanceId}`],
  });
  expect((await describe(made.InstanceId))?.State?.Name).toBe("terminated");
  const again = await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.InstanceId ?? ""] }));
  expect(again.TerminatingInstances?.[0]?.CurrentState?.Name).toBe("terminated");
  await aws.pass(1);
  expect(aws.events.filter((event) => event.detail["instance-id"] === made.InstanceId)).toHaveLength(4);
  const start = new StartInstancesCommand({ InstanceIds: [made.InstanceId ?? ""] });
  expect(await errorOf(aws.ec2.send(start))).toBe("IncorrectInstanceState");
  const volume = new DescribeVolumesCommand({ VolumeIds: [root?.VolumeId ?? ""] });
  expect(await errorOf(aws.ec2.send(volume))).toBe("InvalidVolume.NotFound");
  const networks = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [network] });
  expect(await errorOf(aws.ec2.send(networks))).toBe("InvalidNetworkInterfaceID.NotFound");
});
