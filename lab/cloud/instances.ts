/** Instances: a launch boots a machine, a power-off ends the instance, attachments reach the running machine. */
import type { Instance } from "@aws-sdk/client-ec2";
import { bootMachine, type Machine, type MachineSpec, startMachine } from "../machine/machine";
import { kill, powerOff, removeMachine } from "../machine/machine-power";
import { attachVolume, detachVolume } from "../machine/machine-volumes";
import { roleOf } from "./roles";
import type { Cloud } from "./types";
import { volumeOf } from "./volumes";

/** A machine that does not power off within this time is killed, as AWS does after some minutes. */
const POWER_OFF_SECONDS = 30;

function ec2<Output>(cloud: Cloud, region: string, action: string, input: object): Promise<Output> {
  return cloud.aws.aws.call<Output>({ service: "ec2", action, region }, input);
}

async function specOf(cloud: Cloud, region: string, instance: Instance, userData?: string): Promise<MachineSpec> {
  const root = instance.RootDeviceName ?? "/dev/xvda";
  const mapped = (instance.BlockDeviceMappings ?? []).map((mapping) => ({
    deviceName: mapping.DeviceName ?? "",
    volumeId: mapping.Ebs?.VolumeId ?? "",
  }));
  const others = mapped.filter(({ deviceName }) => deviceName !== root);
  const volumes = [];
  for (const { deviceName, volumeId } of others) {
    volumes.push({ deviceName, volume: await volumeOf(cloud, region, volumeId) });
  }
  const metadata = instance.MetadataOptions;
  const tags = Object.fromEntries((instance.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
  return {
    id: instance.InstanceId ?? "",
    image: cloud.options.images?.[instance.ImageId ?? ""] ?? cloud.image,
    rootVolumeId:
      mapped.find(({ deviceName }) => deviceName === root)?.volumeId ?? `vol-${instance.InstanceId?.slice(2)}`,
    rootDeviceName: root,
    volumes,
    networkMbitPerSecond: cloud.options.networkMbitPerSecond,
    userData: userData === undefined ? undefined : Buffer.from(userData, "base64"),
    metadata: {
      imageId: instance.ImageId ?? "",
      instanceType: instance.InstanceType ?? "",
      architecture: instance.Architecture ?? "x86_64",
      accountId: cloud.aws.aws.accountId,
      region,
      availabilityZone: instance.Placement?.AvailabilityZone ?? "",
      tags: metadata?.InstanceMetadataTags === "enabled" ? tags : undefined,
      httpTokens: metadata?.HttpTokens ?? "optional",
      hopLimit: metadata?.HttpPutResponseHopLimit,
      role: await roleOf(cloud, instance),
    },
  };
}

/**
 * Ends the instance when its machine powers itself off: terminated if the launch says so, else stopped. A machine that dies tells nobody. As on EC2,
 * its instance is shown as running, and holds its volumes, until somebody terminates it.
 */
function followEnd(cloud: Cloud, region: string, machine: Machine, behavior: string): void {
  const { id } = machine.spec;
  machine.ended
    .then(async (end) => {
      if (end === "killed" || !cloud.machines.has(id)) return;
      const action = behavior === "terminate" ? "TerminateInstances" : "StopInstances";
      await ec2(cloud, region, action, { InstanceIds: [id] });
    })
    .catch((error: Error) => cloud.faults.push(error));
}

async function shutdownBehavior(cloud: Cloud, region: string, id: string): Promise<string> {
  const input = { InstanceId: id, Attribute: "instanceInitiatedShutdownBehavior" };
  type Answer = { InstanceInitiatedShutdownBehavior?: { Value?: string } };
  const answer = await ec2<Answer>(cloud, region, "DescribeInstanceAttribute", input);
  return answer.InstanceInitiatedShutdownBehavior?.Value ?? "stop";
}

/** Powers a machine off, in order if it obeys. */
async function switchOff(machine: Machine): Promise<void> {
  if (!machine.boot) return;
  const timer = setTimeout(() => void kill(machine).catch(() => {}), POWER_OFF_SECONDS * 1000);
  await powerOff(machine).finally(() => clearTimeout(timer));
}

/** Does to the machines what is done to instances by API. */
export function followInstances(cloud: Cloud): void {
  const { hooks } = cloud.aws;
  hooks.on("RunInstances", async ({ region, instance, userData }) => {
    const machine = await bootMachine(cloud.lab, await specOf(cloud, region, instance, userData));
    cloud.machines.set(machine.spec.id, machine);
    followEnd(cloud, region, machine, await shutdownBehavior(cloud, region, machine.spec.id));
  });
  hooks.on("TerminateInstances", async ({ instanceId }) => {
    const machine = cloud.machines.get(instanceId);
    cloud.machines.delete(instanceId);
    if (!machine) return;
    await switchOff(machine);
    await machine.ended;
    await removeMachine(machine);
  });
  hooks.on("StopInstances", async ({ instanceId }) => {
    const machine = cloud.machines.get(instanceId);
    if (machine) await switchOff(machine);
  });
  hooks.on("StartInstances", async ({ region, instanceId }) => {
    const machine = cloud.machines.get(instanceId);
    if (!machine) return;
    await startMachine(machine);
    followEnd(cloud, region, machine, await shutdownBehavior(cloud, region, instanceId));
  });
  hooks.on("AttachVolume", async ({ region, attachment }) => {
    const machine = cloud.machines.get(attachment.InstanceId ?? "");
    if (!machine) return;
    const volume = await volumeOf(cloud, region, attachment.VolumeId ?? "");
    await attachVolume(machine, { volume, deviceName: attachment.Device ?? "" });
  });
  hooks.on("DetachVolume", async ({ attachment }) => {
    const machine = cloud.machines.get(attachment.InstanceId ?? "");
    if (machine?.boot) await detachVolume(machine, attachment.VolumeId ?? "");
  });
}
