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

/** Returns the cache device that a template shall have, given the promoted snapshot. */
export function wantedMapping(template: LaunchTemplate, promoted: Snapshot | undefined): WantedMapping {
  const { values } = parseMapping(template.tags[TAG.mapping] ?? "");
  return { deviceName: deviceNameOf(template), ebs: promoted ? ebsFor(promoted, values) : null };
}

/** Returns the data with the cache device as wanted, at its present position; the other devices are untouched. */
export function withMapping(data: TemplateData, wanted: WantedMapping): TemplateData {
  const mappings = data.BlockDeviceMappings ?? [];
  const isWanted = (one: BlockDeviceMapping) => isSameDevice(one.DeviceName, wanted.deviceName);
  const place = mappings.findIndex(isWanted);
  if (place < 0 && wanted.ebs === null) return data;
  const entry: BlockDeviceMapping =
    wanted.ebs === null
      ? { DeviceName: wanted.deviceName, NoDevice: "" }
      : { DeviceName: wanted.deviceName, Ebs: wanted.ebs };
  const kept = mappings.filter((one, index) => index === place || !isWanted(one));
  const BlockDeviceMappings = place < 0 ? [...kept, entry] : kept.map((one) => (isWanted(one) ? entry : one));
  return { ...data, BlockDeviceMappings };
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
  const found = (data.BlockDeviceMappings ?? []).filter((one) => isSameDevice(one.DeviceName, wanted.deviceName));
  const ebs = wanted.ebs;
  if (ebs === null) return found.every((one) => one.Ebs === undefined);
  if (found.length !== 1) return false;
  const is = found[0]?.Ebs ?? {};
  return is.Encrypted !== true && EBS_KEYS.every((key) => is[key] === ebs[key]);
}
