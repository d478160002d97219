/**
 * Stands in for a build if no machine can be booted: makes the calls that a builder makes on the cache volume, and nothing else. It pulls no
 * image and proves nothing: it shows what follows a build. The lab runs the real thing.
 */
import { createHash } from "node:crypto";
import { CreateSnapshotCommand, CreateTagsCommand, DescribeVolumesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { type Architecture, BUILDER_VOLUME_TAGS, parameterPaths, TAG } from "../../lib/contract";

export interface StandInBuild {
  readonly name: string;
  readonly architecture: Architecture;
  /** Stands for the images' digests: the same text, the same content. */
  readonly content: string;
  /** Image store and engine major. */
  readonly store: string;
  readonly buildId: string;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Tags the cache volume as a finished build does and snapshots it with the volume's tags. Returns the snapshot's id. */
export async function standInBuild(ec2: EC2Client, ssm: SSMClient, build: StandInBuild): Promise<string> {
  const path = parameterPaths(build.name, build.architecture).volumeId;
  const volumeId = (await ssm.send(new GetParameterCommand({ Name: path }))).Parameter?.Value ?? "";
  const tag = (Tags: { Key: string; Value: string }[]) =>
    ec2.send(new CreateTagsCommand({ Resources: [volumeId], Tags }));
  await tag([
    { Key: TAG.state, Value: "building" },
    { Key: TAG.buildId, Value: build.buildId },
  ]);
  await tag([
    { Key: TAG.content, Value: sha256(build.content) },
    { Key: TAG.store, Value: build.store },
    { Key: TAG.manifest, Value: sha256(`manifest of ${build.content}`) },
    { Key: TAG.state, Value: "ready" },
  ]);
  const volume = (await ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }))).Volumes?.[0];
  const copied: string[] = [TAG.name, TAG.architecture, ...BUILDER_VOLUME_TAGS];
  const snapshot = await ec2.send(
    new CreateSnapshotCommand({
      VolumeId: volumeId,
      TagSpecifications: [
        { ResourceType: "snapshot", Tags: volume?.Tags?.filter(({ Key }) => Key && copied.includes(Key)) ?? [] },
      ],
    }),
  );
  if (!snapshot.SnapshotId) throw new Error(`no snapshot of ${volumeId} was created`);
  return snapshot.SnapshotId;
}
