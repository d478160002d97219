/**
 * Images of one's own. moto forgets root device and mappings of a registered image, and makes a snapshot of its own for it.
 * Kept here is what was registered; moto keeps id, name and tags.
 */
import type { BlockDeviceMapping, DeregisterImageRequest, Image, RegisterImageRequest } from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import { usableSnapshot } from "./volumes";

async function registerImage(input: RegisterImageRequest, call: Call) {
  const { RootDeviceName: rootDeviceName, Architecture: architecture = "x86_64" } = input;
  if (!rootDeviceName) throw new AwsError("InvalidBlockDeviceMapping", "No root device name is given");
  const mappings = await Promise.all((input.BlockDeviceMappings ?? []).map((mapping) => complete(call, mapping)));
  if (!mappings.some(({ DeviceName, Ebs }) => DeviceName === rootDeviceName && Ebs?.SnapshotId)) {
    const message = `The root device ${rootDeviceName} is mapped to no snapshot`;
    throw new AwsError("InvalidBlockDeviceMapping", message);
  }
  const { ImageId = "" } = await call.forward<{ ImageId?: string }>({ ...input, BlockDeviceMappings: undefined });
  const describe = { service: "ec2", action: "DescribeImages", region: call.region };
  const { Images: [made] = [] } = await call.aws.moto<{ Images?: Image[] }>(describe, { ImageIds: [ImageId] });
  for (const { Ebs } of made?.BlockDeviceMappings ?? []) call.state.hiddenSnapshots.add(Ebs?.SnapshotId ?? "");
  call.state.images[ImageId] = { rootDeviceName, architecture, mappings };
  return { ImageId };
}

async function complete(call: Call, mapping: BlockDeviceMapping): Promise<BlockDeviceMapping> {
  const { Ebs } = mapping;
  if (!Ebs?.SnapshotId) return mapping;
  const snapshot = await usableSnapshot(call, Ebs.SnapshotId, Ebs.VolumeSize);
  return { ...mapping, Ebs: { VolumeSize: snapshot.VolumeSize, VolumeType: "gp3", DeleteOnTermination: true, ...Ebs } };
}

async function deregisterImage(input: DeregisterImageRequest, call: Call) {
  const answer = await call.forward(input);
  delete call.state.images[input.ImageId ?? ""];
  return answer;
}

async function describeImages(input: object, call: Call) {
  const answer = await call.forward<{ Images?: Image[] }>(input);
  const images = answer.Images?.map((image) => {
    const own = call.state.images[image.ImageId ?? ""];
    if (!own) return image;
    const { rootDeviceName, architecture, mappings } = own;
    return { ...image, RootDeviceName: rootDeviceName, Architecture: architecture, BlockDeviceMappings: mappings };
  });
  return { ...answer, Images: images };
}

/** The handlers of this file. */
export const imageHandlers: Handlers = {
  "ec2:RegisterImage": registerImage,
  "ec2:DeregisterImage": deregisterImage,
  "ec2:DescribeImages": describeImages,
};
