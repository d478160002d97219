/**
 * Images of one's own. moto forgets root device and mappings of a registered image, and makes a snapshot of its own for it.
 * Kept here is what was registered; moto keeps id, name and tags.
 */
import type {
  BlockDeviceMapping,
  DeregisterImageRequest,
  DescribeImagesRequest,
  Image,
  RegisterImageRequest,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import { applyFilters } from "./lists";
import { usableSnapshot } from "./volumes";

const MAPPED_SNAPSHOT = "block-device-mapping.snapshot-id";

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

/** @throws AwsError InvalidAMIID.NotFound if it is none of one's own */
function setDisabled(disabled: boolean) {
  return async ({ ImageId = "" }: { readonly ImageId?: string }, { state }: Call) => {
    const image = state.images[ImageId];
    if (!image) throw new AwsError("InvalidAMIID.NotFound", `The image id '[${ImageId}]' does not exist`);
    image.disabled = disabled;
    return { Return: true };
  };
}

/** moto knows neither what is disabled nor what was registered: these two filters are applied here. */
async function describeImages({ IncludeDisabled, Filters = [], ...input }: DescribeImagesRequest, call: Call) {
  const bySnapshot = Filters.filter(({ Name }) => Name === MAPPED_SNAPSHOT);
  const others = Filters.filter(({ Name }) => Name !== MAPPED_SNAPSHOT);
  const answer = await call.forward<{ Images?: Image[] }>({ ...input, Filters: others });
  const images = (answer.Images ?? []).map((image) => {
    const own = call.state.images[image.ImageId ?? ""];
    if (!own) return image;
    const { rootDeviceName, architecture, mappings, disabled } = own;
    const state = disabled ? { State: "disabled" as const } : {};
    return {
      ...image,
      ...state,
      RootDeviceName: rootDeviceName,
      Architecture: architecture,
      BlockDeviceMappings: mappings,
    };
  });
  const listed = images.filter(({ State }) => IncludeDisabled || State !== "disabled");
  const readers = { [MAPPED_SNAPSHOT]: (image: Image) => image.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.SnapshotId) };
  return { ...answer, Images: applyFilters(listed as Image[], bySnapshot, readers) };
}

/** The handlers of this file. */
export const imageHandlers: Handlers = {
  "ec2:RegisterImage": registerImage,
  "ec2:DeregisterImage": deregisterImage,
  "ec2:DisableImage": setDisabled(true),
  "ec2:EnableImage": setDisabled(false),
  "ec2:DescribeImages": describeImages,
};
