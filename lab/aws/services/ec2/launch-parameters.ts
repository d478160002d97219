/** Parameters of a launch by RunInstances: the launch template's data under the request's own parameters. Pure. */
import type {
  BlockDeviceMapping,
  EbsBlockDevice,
  Image,
  InstanceNetworkInterfaceSpecification,
  ResponseLaunchTemplateData,
  RunInstancesRequest,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import { tagList, tagsOf } from "./lists";

/** A volume that a launch makes and attaches. */
export interface LaunchVolume {
  readonly deviceName: string;
  readonly ebs: EbsBlockDevice;
}

/** The request's parameters laid over the template's: mappings by device, interfaces by index, tags by key. */
export function mergeParameters(
  template: ResponseLaunchTemplateData | undefined,
  request: RunInstancesRequest,
): RunInstancesRequest {
  const base = (template ?? {}) as Partial<RunInstancesRequest>;
  return {
    ...base,
    ...request,
    MetadataOptions: { ...base.MetadataOptions, ...request.MetadataOptions },
    BlockDeviceMappings: mergeBy(
      ({ DeviceName = "" }) => DeviceName,
      base.BlockDeviceMappings,
      request.BlockDeviceMappings,
    ),
    NetworkInterfaces: mergeBy(
      ({ DeviceIndex = 0 }: InstanceNetworkInterfaceSpecification) => String(DeviceIndex),
      base.NetworkInterfaces,
      request.NetworkInterfaces,
    ),
    TagSpecifications: mergeTags(base.TagSpecifications, request.TagSpecifications),
  };
}

function mergeBy<Item>(key: (item: Item) => string, below: Item[] = [], above: Item[] = []): Item[] {
  const merged = new Map(below.map((item) => [key(item), item]));
  for (const item of above) merged.set(key(item), item);
  return [...merged.values()];
}

function mergeTags(below: TagSpecification[] = [], above: TagSpecification[] = []): TagSpecification[] {
  const byType = new Map<TagSpecification["ResourceType"], Record<string, string>>();
  for (const { ResourceType, Tags } of [...below, ...above]) {
    byType.set(ResourceType, { ...byType.get(ResourceType), ...tagsOf(Tags) });
  }
  return [...byType].map(([ResourceType, tags]) => ({ ResourceType, Tags: tagList(tags) }));
}

/** The tags that a launch gives to resources of a type. */
export function tagsFor(parameters: RunInstancesRequest, type: TagSpecification["ResourceType"]) {
  return parameters.TagSpecifications?.find(({ ResourceType }) => ResourceType === type)?.Tags ?? [];
}

/**
 * The volumes of a launch: the image's mappings under the request's. A mapping with NoDevice takes the device away.
 * A volume attached at launch is deleted on termination unless the mapping says otherwise.
 *
 * @throws AwsError if a mapping says neither size nor snapshot, or asks for encryption of a snapshot's volume
 */
export function launchVolumes(image: Image, mappings: readonly BlockDeviceMapping[] = []): LaunchVolume[] {
  const devices = new Map<string, EbsBlockDevice>();
  for (const { DeviceName = "", Ebs } of image.BlockDeviceMappings ?? []) {
    if (Ebs) devices.set(DeviceName, { ...Ebs, DeleteOnTermination: true, Encrypted: Ebs.Encrypted || undefined });
  }
  for (const { DeviceName = "", Ebs, NoDevice } of mappings) {
    if (NoDevice !== undefined) devices.delete(DeviceName);
    else if (Ebs) {
      checkEncryption(DeviceName, Ebs);
      devices.set(DeviceName, { DeleteOnTermination: true, ...devices.get(DeviceName), ...Ebs });
    }
  }
  for (const [device, { SnapshotId, VolumeSize }] of devices) {
    if (SnapshotId === undefined && VolumeSize === undefined) {
      throw new AwsError("MissingParameter", `The request must contain the parameter size or snapshotId for ${device}`);
    }
  }
  return [...devices].map(([deviceName, ebs]) => ({ deviceName, ebs }));
}

/** "If you are creating a volume from a snapshot, you can't specify an encryption value" (EC2 API, EbsBlockDevice). */
function checkEncryption(device: string, { SnapshotId, Encrypted }: EbsBlockDevice): void {
  if (SnapshotId === undefined || Encrypted === undefined) return;
  const message = `the encrypted flag cannot be specified since device ${device} has a snapshot specified.`;
  throw new AwsError("InvalidBlockDeviceMapping", message);
}
