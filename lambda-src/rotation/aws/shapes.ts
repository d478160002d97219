/** Conversion from the SDK's shapes, in which everything may be undefined, to ours, in which nothing is. */
import type {
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
  Instance as SdkInstance,
  Snapshot as SdkSnapshot,
  LaunchTemplateVersion as SdkVersion,
  Volume as SdkVolume,
  Tag,
} from "@aws-sdk/client-ec2";
import type { TemplateVersion, VersionSnapshots } from "../ports";
import type { Instance, Snapshot, Tags, TemplateData, Volume } from "../types";

export function toTags(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

export function toSnapshot(from: SdkSnapshot): Snapshot {
  return {
    id: from.SnapshotId ?? "",
    ownerId: from.OwnerId ?? "",
    volumeId: from.VolumeId ?? "",
    state: from.State ?? "",
    archived: from.StorageTier === "archive",
    startTime: from.StartTime?.getTime() ?? 0,
    completionTime: from.CompletionTime?.getTime() ?? null,
    volumeSizeGib: from.VolumeSize ?? 0,
    fullSizeBytes: from.FullSnapshotSizeInBytes ?? null,
    tags: toTags(from.Tags),
  };
}

export function toVolume(from: SdkVolume): Volume {
  return {
    id: from.VolumeId ?? "",
    state: from.State ?? "",
    createdAt: from.CreateTime?.getTime() ?? 0,
    snapshotId: from.SnapshotId ?? "",
    tags: toTags(from.Tags),
  };
}

export function toInstance(from: SdkInstance): Instance {
  return {
    id: from.InstanceId ?? "",
    state: from.State?.Name ?? "",
    launchedAt: from.LaunchTime?.getTime() ?? 0,
    tags: toTags(from.Tags),
  };
}

/** Some members are required in a request and optional in a response; apart from that the compiler compares the two shapes. */
type Lenient<T> = T extends (infer Item)[]
  ? Lenient<Item>[]
  : T extends object
    ? { [K in keyof T]?: Lenient<T[K]> }
    : T;

/** Leaves out fields that only responses carry: a request with them is refused or means something else. */
export function toRequestData(from: ResponseLaunchTemplateData): Lenient<RequestLaunchTemplateData> {
  const { MetadataOptions, Operator, ...rest } = from;
  const { State: _state, ...metadata } = MetadataOptions ?? {};
  return {
    ...rest,
    ...(MetadataOptions && { MetadataOptions: metadata }),
    ...(Operator?.Principal && { Operator: { Principal: Operator.Principal } }),
  };
}

export function toVersion(from: SdkVersion): TemplateVersion {
  return {
    templateId: from.LaunchTemplateId ?? "",
    version: from.VersionNumber ?? 0,
    description: from.VersionDescription,
    createdBy: from.CreatedBy ?? "",
    data: toRequestData(from.LaunchTemplateData ?? {}) as TemplateData,
  };
}

/** The little that a version of anybody's is read for: user data of up to 16 KB each is let go. */
export function toVersionSnapshots(from: SdkVersion): VersionSnapshots {
  const mappings = from.LaunchTemplateData?.BlockDeviceMappings ?? [];
  return {
    templateId: from.LaunchTemplateId ?? "",
    version: from.VersionNumber ?? 0,
    snapshotIds: mappings.flatMap((one) => (one.Ebs?.SnapshotId ? [one.Ebs.SnapshotId] : [])),
  };
}
