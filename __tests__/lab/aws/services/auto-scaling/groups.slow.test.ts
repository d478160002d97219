import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { type Emulated, errorOf, startEmulated } from "../../emulated";

const NAME = "workers";
const IMAGE = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

let aws: Emulated;
let client: AutoScalingClient;
let templateId: string;
const launched: string[] = [];
const terminated: string[] = [];
beforeAll(async () => {
  aws = await startEmulated();
  client = new AutoScalingClient(aws.config());
  aws.hooks.on("RunInstances", ({ instance }) => void launched.push(instance.InstanceId ?? ""));
  aws.hooks.on("TerminateInstances", ({ instanceId }) => void terminated.push(instanceId));
  const LaunchTemplateData = {
    ImageId: IMAGE,
    InstanceType: "m7i.large" as const,
    NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false }],
    BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeSize: 5 } }],
    TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: "docker-cache:role", Value: "worker" }] }],
  };
  const made = await aws.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: NAME, LaunchTemplateData }));
  templateId = made.LaunchTemplate?.LaunchTemplateId ?? "";
  const { Subnets = [] } = await aws.ec2.send(new DescribeSubnetsCommand({}));
  await client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: NAME,
      MinSize: 2,
      MaxSize: 4,
      VPCZoneIdentifier: Subnets.map((one) => one.SubnetId).join(","),
      LaunchTemplate: { LaunchTemplateId: templateId, Version: "$Latest" },
      Tags: [{ Key: "from", Value: "group", PropagateAtLaunch: true }],
    }),
  );
}, 120_000);
afterAll(() => aws?.stop());

async function group() {
  const { AutoScalingGroups } = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NAME] }),
  );
  return AutoScalingGroups?.[0];
}

async function running() {
  const Filters = [{ Name: "instance-state-name", Values: ["running"] }];
  const { Reservations = [] } = await aws.ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap((one) => one.Instances ?? []);
}

const update = (input: object) =>
  client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ...input }));

test("a group's instances are launched as its template says, in its subnets, with the tags of both", async () => {
  expect(await group()).toMatchObject({ MinSize: 2, MaxSize: 4, DesiredCapacity: 2 });
  expect((await group())?.Instances?.map((one) => one.LifecycleState)).toEqual(["InService", "InService"]);
  const instances = await running();
  expect(instances.map((one) => one.InstanceId).sort()).toEqual([...launched].sort());
  expect(new Set(instances.map((one) => one.SubnetId)).size).toBe(2);
  for (const instance of instances) {
    const tags = Object.fromEntries((instance.Tags ?? []).map((tag) => [tag.Key, tag.Value]));
    expect(tags).toMatchObject({ "docker-cache:role": "worker", from: "group", "aws:autoscaling:groupName": NAME });
    expect(instance.BlockDeviceMappings?.map((one) => one.DeviceName).sort()).toEqual(["/dev/sdf", "/dev/xvda"]);
  }
});

test("an instance that is terminated is replaced, past nobody", async () => {
  const [first] = await running();
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [first?.InstanceId ?? ""] }));
  expect(terminated).toEqual([first?.InstanceId]);
  expect(launched).toHaveLength(3);
  expect(await running()).toHaveLength(2);
  expect((await group())?.Instances).toHaveLength(2);
});

test("capacity goes up and down; a launch that fails is an activity, and is tried again", async () => {
  await update({ DesiredCapacity: 1, MinSize: 0 });
  expect(await running()).toHaveLength(1);
  const BlockDeviceMappings = [{ DeviceName: "/dev/sdf", Ebs: { SnapshotId: "snap-0123456789abcdef0" } }];
  const version = (LaunchTemplateData: object) =>
    aws.ec2.send(
      new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: templateId, SourceVersion: "1", LaunchTemplateData }),
    );
  await version({ BlockDeviceMappings });
  await update({ DesiredCapacity: 2 });
  expect(await group()).toMatchObject({ DesiredCapacity: 2, Instances: [{ LifecycleState: "InService" }] });
  const { Activities } = await client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: NAME }));
  expect(Activities?.[0]).toMatchObject({ StatusCode: "Failed" });
  expect(Activities?.[0]?.StatusMessage).toContain("snap-0123456789abcdef0");
  await version({ BlockDeviceMappings: [] });
  await aws.pass(60);
  expect((await group())?.Instances).toHaveLength(2);
});

test("a group with instances is deleted by force only, and its instances with it", async () => {
  const destroy = (ForceDelete: boolean) =>
    client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete }));
  expect(await errorOf(destroy(false))).toBe("ResourceInUseFault");
  await destroy(true);
  expect(await running()).toEqual([]);
  expect(await group()).toBeUndefined();
});
