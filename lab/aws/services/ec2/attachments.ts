/** Attaching and detaching volumes. moto lets a volume be attached twice, or in another zone; EC2 does not. */
import type {
  AttachVolumeRequest,
  DetachVolumeRequest,
  Instance,
  ModifyInstanceAttributeRequest,
  VolumeAttachment,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import { instanceById } from "./instance-lookup";
import { volumeById } from "./volumes";

async function attachVolume(input: AttachVolumeRequest, call: Call) {
  const { VolumeId: id = "", InstanceId: instanceId = "", Device: device = "" } = input;
  // Two calls at once would both find the volume free: the first to come holds it.
  if (call.state.attaching.has(id)) alreadyAttached(id);
  call.state.attaching.add(id);
  try {
    const volume = await volumeById(call, id);
    if (volume.State !== "available") alreadyAttached(id);
    checkInstance(await instanceById(call, instanceId), device, volume.AvailabilityZone);
    await call.forward(input);
    const attachment = (await volumeById(call, id)).Attachments?.[0] ?? {};
    await call.aws.hooks.raise("AttachVolume", { region: call.region, attachment });
    return { ...attachment, State: "attaching" };
  } finally {
    call.state.attaching.delete(id);
  }
}

function alreadyAttached(id: string): never {
  throw new AwsError("VolumeInUse", `${id} is already attached to an instance`);
}

function checkInstance(instance: Instance, device: string, zone: string | undefined): void {
  const { InstanceId: id, State, Placement, BlockDeviceMappings = [] } = instance;
  if (!["pending", "running", "stopping", "stopped"].includes(State?.Name ?? "")) {
    throw new AwsError("IncorrectState", `Instance '${id}' is not 'running'.`);
  }
  if (Placement?.AvailabilityZone !== zone) {
    throw new AwsError(
      "InvalidVolume.ZoneMismatch",
      `The volume is not in the same availability zone as instance '${id}'`,
    );
  }
  if (BlockDeviceMappings.some(({ DeviceName }) => DeviceName === device)) {
    const reason = `Attachment point ${device} is already in use`;
    throw new AwsError("InvalidParameterValue", `Invalid value '${device}' for unixDevice. ${reason}`);
  }
}

async function detachVolume(input: DetachVolumeRequest, call: Call) {
  const { State, Attachments = [] } = await volumeById(call, input.VolumeId ?? "");
  const [attachment] = Attachments;
  const matches =
    attachment &&
    (!input.InstanceId || input.InstanceId === attachment.InstanceId) &&
    (!input.Device || input.Device === attachment.Device);
  if (!matches) throw new AwsError("IncorrectState", `Volume '${input.VolumeId}' is in the '${State}' state.`);
  await call.forward({ VolumeId: attachment.VolumeId, InstanceId: attachment.InstanceId, Device: attachment.Device });
  await call.aws.hooks.raise("DetachVolume", { region: call.region, attachment });
  return { ...attachment, State: "detaching" } satisfies VolumeAttachment;
}

/** moto takes one kind of change a call and forgets the rest; mappings are what it does with others beside. */
async function modifyInstanceAttribute(input: ModifyInstanceAttributeRequest, call: Call) {
  const { BlockDeviceMappings, ...rest } = input;
  if (BlockDeviceMappings) await call.forward({ InstanceId: input.InstanceId, BlockDeviceMappings });
  if (Object.keys(rest).some((name) => name !== "InstanceId")) await call.forward(rest);
  return {};
}

/** The handlers of this file. */
export const attachmentHandlers: Handlers = {
  "ec2:AttachVolume": attachVolume,
  "ec2:DetachVolume": detachVolume,
  "ec2:ModifyInstanceAttribute": modifyInstanceAttribute,
};
