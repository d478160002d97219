/** Auto Scaling groups: moto keeps them, at a capacity of none; what they really want is kept here and carried out. */
import type {
  AutoScalingGroup,
  CreateAutoScalingGroupCommandInput,
  DeleteAutoScalingGroupCommandInput,
  DescribeScalingActivitiesCommandInput,
  SetDesiredCapacityCommandInput,
  TerminateInstanceInAutoScalingGroupCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { GroupRecord } from "../../state";
import { groupInMoto, scaleGroup } from "./scaling";

async function createAutoScalingGroup(input: CreateAutoScalingGroupCommandInput, call: Call) {
  const name = input.AutoScalingGroupName ?? "";
  const least = input.MinSize ?? 0;
  await call.forward({ ...input, MinSize: 0, DesiredCapacity: 0 });
  call.state.autoScalingGroups[name] = { minSize: least, desired: input.DesiredCapacity ?? least, activities: [] };
  await scaleGroup(call, name);
  return {};
}

async function updateAutoScalingGroup(input: UpdateAutoScalingGroupCommandInput, call: Call) {
  const { MinSize, DesiredCapacity, ...rest } = input;
  const record = find(call, input.AutoScalingGroupName);
  await call.forward(rest);
  record.minSize = MinSize ?? record.minSize;
  record.desired = DesiredCapacity ?? Math.max(record.desired, record.minSize);
  await scaleGroup(call, input.AutoScalingGroupName ?? "");
  return {};
}

async function setDesiredCapacity(input: SetDesiredCapacityCommandInput, call: Call) {
  find(call, input.AutoScalingGroupName).desired = input.DesiredCapacity ?? 0;
  await scaleGroup(call, input.AutoScalingGroupName ?? "");
  return {};
}

async function terminateInstance(input: TerminateInstanceInAutoScalingGroupCommandInput, call: Call) {
  for (const [name, record] of Object.entries(call.state.autoScalingGroups)) {
    const { Instances = [] } = await groupInMoto(call, name);
    const member = Instances.some(({ InstanceId }) => InstanceId === input.InstanceId);
    if (member && input.ShouldDecrementDesiredCapacity) record.desired -= 1;
  }
  await call.ec2("TerminateInstances", { InstanceIds: [input.InstanceId] });
  return {};
}

async function deleteAutoScalingGroup(input: DeleteAutoScalingGroupCommandInput, call: Call) {
  const name = input.AutoScalingGroupName ?? "";
  const record = find(call, name);
  const { Instances = [] } = await groupInMoto(call, name);
  if (Instances.length > 0 && !input.ForceDelete) {
    const message = `You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.`;
    throw new AwsError("ResourceInUse", message);
  }
  record.desired = 0;
  await scaleGroup(call, name);
  delete call.state.autoScalingGroups[name];
  return call.forward(input);
}

async function describeAutoScalingGroups(input: object, call: Call) {
  const answer = await call.forward<{ AutoScalingGroups?: AutoScalingGroup[] }>(input);
  const groups = answer.AutoScalingGroups?.map((group) => {
    const record = call.state.autoScalingGroups[group.AutoScalingGroupName ?? ""];
    return record ? { ...group, MinSize: record.minSize, DesiredCapacity: record.desired } : group;
  });
  return { ...answer, AutoScalingGroups: groups };
}

function describeScalingActivities(input: DescribeScalingActivitiesCommandInput, call: Call) {
  const groups = Object.entries(call.state.autoScalingGroups);
  const name = input.AutoScalingGroupName;
  const chosen = name ? groups.filter(([group]) => group === name) : groups;
  return { Activities: chosen.flatMap(([, { activities }]) => activities) };
}

function find(call: Call, name: string | undefined): GroupRecord {
  const record = call.state.autoScalingGroups[name ?? ""];
  if (!record) throw new AwsError("ValidationError", "AutoScalingGroup name not found - null");
  return record;
}

/** The handlers of this file. */
export const autoScalingHandlers: Handlers = {
  "autoscaling:CreateAutoScalingGroup": createAutoScalingGroup,
  "autoscaling:UpdateAutoScalingGroup": updateAutoScalingGroup,
  "autoscaling:SetDesiredCapacity": setDesiredCapacity,
  "autoscaling:TerminateInstanceInAutoScalingGroup": terminateInstance,
  "autoscaling:DeleteAutoScalingGroup": deleteAutoScalingGroup,
  "autoscaling:DescribeAutoScalingGroups": describeAutoScalingGroups,
  "autoscaling:DescribeScalingActivities": describeScalingActivities,
};
