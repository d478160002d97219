/**
 * Scaling. moto launches a group's instances itself, past what a launch template really says. So here a group in moto never
 * wants an instance: the front's RunInstances launches them, and they are attached to the group.
 */
import type { AutoScalingGroup, AutoScalingInstanceDetails } from "@aws-sdk/client-auto-scaling";
import type { Reservation } from "@aws-sdk/client-ec2";
import type { Call } from "../../handler";
import type { GroupRecord } from "../../state";
import { findTemplate, versionOf } from "../ec2/launch-template-versions";

const RETRY_SECONDS = 60;

/** Launches or terminates until the group has as many instances as it wants. A launch that fails is tried again later. */
export async function scaleGroup(call: Call, name: string): Promise<void> {
  const record = call.state.autoScalingGroups[name];
  if (!record) return;
  const group = await groupInMoto(call, name);
  const present = (group.Instances ?? []).map(({ InstanceId = "" }) => InstanceId);
  const missing = record.desired - present.length;
  if (missing > 0) await launchInto(call, record, group, missing);
  if (missing < 0) {
    const surplus = present.slice(0, -missing);
    await detach(call, name, surplus);
    await ec2(call, "TerminateInstances", { InstanceIds: surplus });
  }
}

async function launchInto(
  call: Call,
  record: GroupRecord,
  group: Partial<AutoScalingGroup>,
  count: number,
): Promise<void> {
  const name = group.AutoScalingGroupName ?? "";
  const startTime = call.aws.now();
  try {
    for (let n = 0; n < count; n++) {
      const { Instances = [] } = await ec2<Reservation>(call, "RunInstances", launchRequest(call, group, n));
      const InstanceIds = Instances.map(({ InstanceId }) => InstanceId);
      await autoscaling(call, "AttachInstances", { AutoScalingGroupName: name, InstanceIds });
      record.activities.unshift(activity(call, name, startTime, `Launching a new EC2 instance: ${InstanceIds[0]}`));
    }
  } catch (error) {
    const message = `${(error as Error).message} Launching EC2 instance failed.`;
    record.activities.unshift(activity(call, name, startTime, "Launching a new EC2 instance.", message));
    const retryAt = new Date(startTime.getTime() + RETRY_SECONDS * 1000);
    call.aws.agenda.at(retryAt, () => scaleGroup(call, name));
  }
}

/** A group's request to RunInstances: its template, one of its subnets in turn, the tags that it hands on. */
function launchRequest(call: Call, group: Partial<AutoScalingGroup>, turn: number) {
  const { LaunchTemplateSpecification: mixed, Overrides = [] } = group.MixedInstancesPolicy?.LaunchTemplate ?? {};
  const { LaunchTemplateId, LaunchTemplateName, Version = "$Default" } = group.LaunchTemplate ?? mixed ?? {};
  const named = LaunchTemplateId ? { LaunchTemplateId } : { LaunchTemplateName };
  const [primary] = versionOf(findTemplate(call, named), Version).LaunchTemplateData?.NetworkInterfaces ?? [];
  const subnets = (group.VPCZoneIdentifier ?? "").split(",").filter((id) => id !== "");
  const SubnetId = subnets[turn % Math.max(subnets.length, 1)];
  const handedOn = (group.Tags ?? []).filter((tag) => tag.PropagateAtLaunch);
  const Tags = handedOn.map(({ Key, Value }) => ({ Key, Value }));
  return {
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { ...named, Version },
    ...(Overrides[0]?.InstanceType ? { InstanceType: Overrides[0].InstanceType } : {}),
    ...(SubnetId ? (primary ? { NetworkInterfaces: [{ ...primary, SubnetId }] } : { SubnetId }) : {}),
    TagSpecifications: Tags.length > 0 ? [{ ResourceType: "instance", Tags }] : undefined,
  };
}

function activity(call: Call, name: string, startTime: Date, description: string, failure?: string) {
  return {
    ActivityId: `activity-${call.state.autoScalingGroups[name]?.activities.length ?? 0}`,
    AutoScalingGroupName: name,
    Description: description,
    Cause: "The group's desired capacity is not met.",
    StartTime: startTime,
    EndTime: call.aws.now(),
    StatusCode: failure ? "Failed" : "Successful",
    StatusMessage: failure,
    Progress: 100,
    Details: "{}",
  } as const;
}

/** Takes instances that are about to be terminated out of their groups, and says which groups these were. */
export async function releaseFromGroups(call: Call, instanceIds: readonly string[]): Promise<string[]> {
  if (Object.keys(call.state.autoScalingGroups).length === 0) return [];
  type Answer = { AutoScalingInstances?: AutoScalingInstanceDetails[] };
  const { AutoScalingInstances = [] } = await autoscaling<Answer>(call, "DescribeAutoScalingInstances", {});
  const members = AutoScalingInstances.filter(({ InstanceId = "" }) => instanceIds.includes(InstanceId));
  for (const { AutoScalingGroupName = "", InstanceId = "" } of members)
    await detach(call, AutoScalingGroupName, [InstanceId]);
  return [...new Set(members.map(({ AutoScalingGroupName = "" }) => AutoScalingGroupName))];
}

/** Lets groups that have lost instances launch others. */
export async function replaceInGroups(call: Call, groups: readonly string[]): Promise<void> {
  for (const name of groups) await scaleGroup(call, name);
}

function detach(call: Call, AutoScalingGroupName: string, InstanceIds: readonly string[]) {
  const request = { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: true };
  return autoscaling(call, "DetachInstances", request);
}

/** A group as moto knows it. */
export async function groupInMoto(call: Call, name: string): Promise<Partial<AutoScalingGroup>> {
  type Answer = { AutoScalingGroups?: AutoScalingGroup[] };
  const { AutoScalingGroups = [] } = await autoscaling<Answer>(call, "DescribeAutoScalingGroups", {
    AutoScalingGroupNames: [name],
  });
  return AutoScalingGroups[0] ?? {};
}

function autoscaling<Output = object>(call: Call, action: string, input: object): Promise<Output> {
  return call.aws.moto<Output>({ service: "autoscaling", action, region: call.region }, input);
}

/** In the name of Auto Scaling itself, whose own role may do this. */
function ec2<Output = object>(call: Call, action: string, input: object): Promise<Output> {
  return call.aws.call<Output>({ service: "ec2", action, region: call.region, nested: true }, input);
}
