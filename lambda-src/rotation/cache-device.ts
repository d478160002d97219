/** The cache device in a launch template's data: what it shall be, what it is, and the data with it changed. */
import { TAG } from "../../lib/contract";
import { deviceNameOf, isSameDevice, type MappingValues, parseMapping, volumeSizeGib } from "./template-tags";
import type { BlockDeviceMapping, Ebs, LaunchTemplate, Snapshot, TemplateData, WantedMapping } from "./types";

/** Number of our versions that stay, beside `$Latest`, `$Default` and what Auto Scaling groups name. */
export const VERSIONS_KEPT = 20;
/** Fewer are not pruned: each pruning reads what every Auto Scaling group of the region names. */
export const VERSIONS_PRUNED_AT = 10;

function ebsFor(snapshot: Snapshot, mapping: MappingValues): Ebs {
  return {
    SnapshotId: snapshot.id,
    VolumeSize: volumeSizeGib(mapping, snapshot),
    VolumeType: mapping.type ?? "gp3",
    Iops: mapping.iops,
    Throughput: mapping.throughput,
    VolumeInitializationRate: mapping.rate,
    DeleteOnTermination: true,
  };
}

/** Ids of snapshots of this cache, of which there may be more than EC2 still has. */
export type OwnIds = ReadonlySet<string>;

/** Returns the cache device that a template shall have, given the promoted snapshot. */
export function wantedMapping(template: LaunchTemplate, promoted: Snapshot | undefined, own: OwnIds): WantedMapping {
  const { values } = parseMapping(template.tags[TAG.mapping] ?? "");
  const deviceName = deviceNameOf(template);
  const others = (template.data.BlockDeviceMappings ?? []).filter((one) => !isSameDevice(one.DeviceName, deviceName));
  const named = new Set(others.flatMap((one) => one.Ebs?.SnapshotId ?? []));
  const former = [...named].filter((id) => own.has(id));
  return { deviceName, ebs: promoted ? ebsFor(promoted, values) : null, former };
}

type Is = (one: BlockDeviceMapping) => boolean;

/** Tells the wanted device, and the devices that were the cache's before the tag was changed. */
function recognize(wanted: WantedMapping): { readonly isWanted: Is; readonly isFormer: Is } {
  const isWanted: Is = (one) => isSameDevice(one.DeviceName, wanted.deviceName);
  return { isWanted, isFormer: (one) => !isWanted(one) && wanted.former.includes(one.Ebs?.SnapshotId ?? "") };
}

/**
 * Returns the data with the cache device as wanted, at its present position; the other devices are untouched. A device whose name was
 * changed takes its former position: Terraform ignores the mapping at that position alone.
 */
export function withMapping(data: TemplateData, wanted: WantedMapping): TemplateData {
  const mappings = data.BlockDeviceMappings ?? [];
  const { isWanted, isFormer } = recognize(wanted);
  const present = mappings.findIndex(isWanted);
  const place = present < 0 ? mappings.findIndex(isFormer) : present;
  if (place < 0 && wanted.ebs === null) return data;
  const entry: BlockDeviceMapping =
    wanted.ebs === null
      ? { DeviceName: wanted.deviceName, NoDevice: "" }
      : { DeviceName: wanted.deviceName, Ebs: wanted.ebs };
  const BlockDeviceMappings = mappings.flatMap((one, index) => {
    if (index === place) return [entry];
    return isWanted(one) || isFormer(one) ? [] : [one];
  });
  return { ...data, BlockDeviceMappings: place < 0 ? [...BlockDeviceMappings, entry] : BlockDeviceMappings };
}

const EBS_KEYS = [
  "SnapshotId",
  "VolumeSize",
  "VolumeType",
  "Iops",
  "Throughput",
  "VolumeInitializationRate",
  "DeleteOnTermination",
  "KmsKeyId",
] as const;

/** True if the data says of the cache device what is wanted. `Encrypted` beside a snapshot is an error at launch. */
export function hasMapping(data: TemplateData, wanted: WantedMapping): boolean {
  const mappings = data.BlockDeviceMappings ?? [];
  const { isWanted, isFormer } = recognize(wanted);
  if (mappings.some(isFormer)) return false;
  const found = mappings.filter(isWanted);
  const ebs = wanted.ebs;
  if (ebs === null) return found.every((one) => one.Ebs === undefined);
  if (found.length !== 1) return false;
  const is = found[0]?.Ebs ?? {};
  return is.Encrypted !== true && EBS_KEYS.every((key) => is[key] === ebs[key]);
}
