/** What stands in the way of deletions in a month, and what is not ours. */
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DisableImageCommand,
  RegisterImageCommand,
  type Snapshot,
  type Tag,
} from "@aws-sdk/client-ec2";
import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { AwsError } from "../../../lab/aws/aws-error";
import * as loops from "../../../lab/product/api-loop";
import { parameterPaths } from "../../../lib/contract";
import { ARCHITECTURE, BUILDS, type Month, NAME } from "./month";

/** Snapshots that EC2 does not delete, and one that is not ours. */
export const stuck = { held: new Set<string>(), inUse: new Set<string>(), foreign: "" };

/** A policy denies the deletion of what is held. No list of EC2's says so: only the refusal tells. */
export function obeyHolds(month: Month): void {
  month.aws.hooks.on("Request", ({ action, input }) => {
    if (action === "DeleteSnapshot" && stuck.held.has(String(input.SnapshotId)))
      throw new AwsError("UnauthorizedOperation", "An explicit deny of a legal hold", 403);
  });
}

/** A hold on the oldest of these snapshots, and a disabled AMI of the next. */
export async function hinder(month: Month, region: string, healthy: readonly Snapshot[]): Promise<void> {
  const [first, second] = healthy.map(({ SnapshotId = "" }) => SnapshotId);
  if (first) stuck.held.add(first);
  if (!second) return;
  stuck.inUse.add(second);
  const { ec2 } = loops.clients(month.loop, region);
  const BlockDeviceMappings = [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: second } }];
  const image = { Name: `of-${second}`, RootDeviceName: "/dev/xvda", BlockDeviceMappings };
  const { ImageId } = await ec2.send(new RegisterImageCommand(image));
  await ec2.send(new DisableImageCommand({ ImageId }));
}

/** A snapshot of somebody's volume with all tags of a good one. Returns its id. */
export async function makeForeign(month: Month, tags: Tag[] | undefined): Promise<string> {
  const { ec2 } = loops.clients(month.loop, BUILDS);
  const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${BUILDS}a`, Size: 1 }));
  const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: tags }];
  const { SnapshotId = "" } = await ec2.send(new CreateSnapshotCommand({ VolumeId, TagSpecifications }));
  await ec2.send(new DeleteVolumeCommand({ VolumeId }));
  return SnapshotId;
}

/** As after a change of the parameter's description: the same value, a new version. */
export async function writeVolumeIdAgain(month: Month): Promise<void> {
  const { ssm } = loops.clients(month.loop, BUILDS);
  const Name = parameterPaths(NAME, ARCHITECTURE).volumeId;
  const Value = (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
  await ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
}

/** Ends all of it. What is foreign is somebody else's: they delete it. */
export async function letGo(month: Month, region: string): Promise<void> {
  stuck.held.clear();
  const { ec2 } = loops.clients(month.loop, region);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"], IncludeDisabled: true }));
  for (const { ImageId } of Images) await ec2.send(new DeregisterImageCommand({ ImageId }));
  if (region === BUILDS) await ec2.send(new DeleteSnapshotCommand({ SnapshotId: stuck.foreign }));
}
