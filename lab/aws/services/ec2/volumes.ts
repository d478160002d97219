/**
 * Volumes: moto stores them. This file keeps what moto loses: the initialisation rate, deletion on termination. It checks
 * what moto lets pass: size and state of the snapshot, the zone.
 */
import type {
  CreateVolumeRequest,
  DeleteVolumeRequest,
  DescribeVolumesRequest,
  Instance,
  ModifyVolumeRequest,
  Volume,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import { applyFilters, pageOf } from "./lists";
import { snapshotById } from "./snapshot-lookup";
import { refuseReservedIn } from "./tags";

async function createVolume(input: CreateVolumeRequest, call: Call) {
  refuseReservedIn(input.TagSpecifications, call);
  await checkZone(input, call);
  const snapshot = input.SnapshotId ? await usableSnapshot(call, input.SnapshotId, input.Size) : undefined;
  checkRate(input);
  const encrypted = Boolean(input.Encrypted || snapshot?.Encrypted);
  const { VolumeInitializationRate: initializationRate, ...known } = input;
  const made = await call.forward<Volume>({ ...known, Size: input.Size ?? snapshot?.VolumeSize, Encrypted: encrypted });
  call.state.volumes[made.VolumeId ?? ""] = { initializationRate, snapshotId: input.SnapshotId };
  const volume = await volumeById(call, made.VolumeId ?? "");
  await call.aws.hooks.raise("CreateVolume", { region: call.region, volume });
  return { ...volume, State: "creating" };
}

/** A snapshot that a volume of this size can be made of. @throws AwsError if it cannot */
export async function usableSnapshot(call: Call, id: string, sizeGib: number | undefined) {
  const snapshot = await snapshotById(call, id);
  if (snapshot.State !== "completed") {
    throw new AwsError("IncorrectState", `Snapshot is in invalid state - ${snapshot.State}`);
  }
  const least = snapshot.VolumeSize ?? 0;
  if (sizeGib !== undefined && sizeGib < least) {
    const message = `The size of a volume must be greater than or equal to the size of its snapshot '${id}': ${least} GiB`;
    throw new AwsError("InvalidParameterValue", message);
  }
  return snapshot;
}

/** The bounds of the provisioned rate for volume initialisation. */
export function checkRate({ SnapshotId, VolumeInitializationRate: rate }: CreateVolumeRequest): void {
  if (rate === undefined) return;
  if (!SnapshotId) {
    const message = "The parameter VolumeInitializationRate can be specified only with a snapshot ID";
    throw new AwsError("InvalidParameterCombination", message);
  }
  if (rate < 100 || rate > 300) {
    throw new AwsError(
      "InvalidParameterValue",
      `VolumeInitializationRate must be between 100 and 300 MiB/s, not ${rate}`,
    );
  }
}

async function checkZone({ AvailabilityZone: zone }: CreateVolumeRequest, call: Call): Promise<void> {
  const { AvailabilityZones = [] } = await call.ec2<{ AvailabilityZones?: { ZoneName?: string }[] }>(
    "DescribeAvailabilityZones",
    {},
  );
  if (zone && AvailabilityZones.some(({ ZoneName }) => ZoneName === zone)) return;
  throw new AwsError("InvalidZone.NotFound", `The zone '${zone}' does not exist.`);
}

async function deleteVolume(input: DeleteVolumeRequest, call: Call) {
  await call.forward(input);
  delete call.state.volumes[input.VolumeId ?? ""];
  await call.aws.hooks.raise("DeleteVolume", { region: call.region, volumeId: input.VolumeId ?? "" });
  return {};
}

async function modifyVolume(input: ModifyVolumeRequest, call: Call) {
  const { Size: present = 0 } = await volumeById(call, input.VolumeId ?? "");
  if (input.Size !== undefined && input.Size < present) {
    const message = `New size cannot be smaller than existing size. Requested: ${input.Size} GiB, existing: ${present} GiB`;
    throw new AwsError("InvalidParameterValue", message);
  }
  return call.forward(input);
}

async function describeVolumes(input: DescribeVolumesRequest, call: Call) {
  const all = await allVolumes(call);
  const chosen = input.VolumeIds?.length
    ? input.VolumeIds.map((id) => all.find((one) => one.VolumeId === id) ?? notFound(id))
    : all;
  const filtered = applyFilters(chosen, input.Filters, {
    "attachment.attach-time": (volume) => volume.Attachments?.map((one) => one.AttachTime?.toISOString()),
    "attachment.delete-on-termination": (volume) => volume.Attachments?.map((one) => one.DeleteOnTermination),
    "attachment.device": (volume) => volume.Attachments?.map((one) => one.Device),
    "attachment.instance-id": (volume) => volume.Attachments?.map((one) => one.InstanceId),
    "attachment.status": (volume) => volume.Attachments?.map((one) => one.State),
    "availability-zone": (volume) => volume.AvailabilityZone,
    "create-time": (volume) => volume.CreateTime?.toISOString(),
    encrypted: (volume) => volume.Encrypted,
    size: (volume) => volume.Size,
    "snapshot-id": (volume) => volume.SnapshotId,
    status: (volume) => volume.State,
    "volume-id": (volume) => volume.VolumeId,
    "volume-type": (volume) => volume.VolumeType,
  });
  const { page, NextToken } = pageOf(filtered, input);
  return { Volumes: page, NextToken };
}

/** One volume as it now is. @throws AwsError InvalidVolume.NotFound */
export async function volumeById(call: Call, id: string): Promise<Volume> {
  return (await allVolumes(call)).find((one) => one.VolumeId === id) ?? notFound(id);
}

function notFound(id: string): never {
  throw new AwsError("InvalidVolume.NotFound", `The volume '${id}' does not exist.`);
}

async function allVolumes(call: Call): Promise<Volume[]> {
  const target = { service: "ec2", action: "DescribeVolumes", region: call.region };
  const { Volumes = [] } = await call.aws.moto<{ Volumes?: Volume[] }>(target, {});
  const attached = Volumes.some((volume) => volume.Attachments?.length);
  const kept = attached ? await volumesThatStay(call) : new Set<string>();
  return Volumes.map((volume) => ({
    ...volume,
    VolumeInitializationRate: call.state.volumes[volume.VolumeId ?? ""]?.initializationRate,
    MultiAttachEnabled: volume.MultiAttachEnabled ?? false,
    Attachments: volume.Attachments?.map((one) => ({ ...one, DeleteOnTermination: !kept.has(one.VolumeId ?? "") })),
  }));
}

/** The attached volumes that outlive their instances: moto knows, but says so of instances alone. */
async function volumesThatStay(call: Call): Promise<Set<string>> {
  const target = { service: "ec2", action: "DescribeInstances", region: call.region };
  const { Reservations = [] } = await call.aws.moto<{ Reservations?: { Instances?: Instance[] }[] }>(target, {});
  const mappings = Reservations.flatMap(({ Instances = [] }) =>
    Instances.flatMap((one) => one.BlockDeviceMappings ?? []),
  );
  return new Set(mappings.filter(({ Ebs }) => !Ebs?.DeleteOnTermination).map(({ Ebs }) => Ebs?.VolumeId ?? ""));
}

/** The handlers of this file. */
export const volumeHandlers: Handlers = {
  "ec2:CreateVolume": createVolume,
  "ec2:DeleteVolume": deleteVolume,
  "ec2:DescribeVolumes": describeVolumes,
  "ec2:ModifyVolume": modifyVolume,
};
