/** Volumes and snapshots: what the API makes, copies and deletes is done to the lab's files. */
import type { Volume as ApiVolume } from "@aws-sdk/client-ec2";
import { copySnapshot, deleteSnapshot } from "../volume/snapshot";
import { createVolume, deleteVolume, snapshotVolume, type Volume } from "../volume/volume";
import type { Cloud } from "./types";

/** The lab's volume behind an id; made when it is first asked for, empty or from its snapshot. */
export async function volumeOf(cloud: Cloud, region: string, id: string): Promise<Volume> {
  const known = cloud.volumes.get(id);
  if (known) return known;
  const target = { service: "ec2", action: "DescribeVolumes", region };
  const answer = await cloud.aws.aws.call<{ Volumes?: ApiVolume[] }>(target, { VolumeIds: [id] });
  const { Size, SnapshotId = "" } = answer.Volumes?.[0] ?? {};
  const rateMibPerSecond = cloud.aws.aws.state(region).volumes[id]?.initializationRate;
  const volume = await createVolume(cloud.lab.run, {
    id,
    sizeGib: Size,
    snapshot: cloud.snapshots.get(SnapshotId),
    loading:
      cloud.loading && !isFastRestored(cloud, region, SnapshotId) ? { ...cloud.loading, rateMibPerSecond } : undefined,
  });
  cloud.volumes.set(id, volume);
  return volume;
}

/** Volumes made while fast restore is enabled in any zone are whole at once. */
function isFastRestored(cloud: Cloud, region: string, snapshotId: string): boolean {
  const now = cloud.aws.aws.now();
  return Object.values(cloud.aws.aws.state(region).fastRestores).some(
    (restore) => restore.snapshotId === snapshotId && restore.enabledAt <= now && !restore.disabledAt,
  );
}

/** Does to the files what is done to volumes and snapshots by API. */
export function followVolumes(cloud: Cloud): void {
  const { hooks } = cloud.aws;
  const { run } = cloud.lab;
  hooks.on("CreateSnapshot", async ({ region, snapshot }) => {
    const volume = await volumeOf(cloud, region, snapshot.VolumeId ?? "");
    cloud.snapshots.set(snapshot.SnapshotId ?? "", await snapshotVolume(run, volume, snapshot.SnapshotId ?? ""));
  });
  hooks.on("CopySnapshot", async ({ snapshot, sourceSnapshotId }) => {
    const original = cloud.snapshots.get(sourceSnapshotId);
    if (!original) return;
    const id = snapshot.SnapshotId ?? "";
    cloud.snapshots.set(id, await copySnapshot(run, id, original));
  });
  hooks.on("DeleteSnapshot", async ({ snapshotId }) => {
    const snapshot = cloud.snapshots.get(snapshotId);
    cloud.snapshots.delete(snapshotId);
    if (snapshot) await deleteSnapshot(run, snapshot);
  });
  hooks.on("DeleteVolume", async ({ volumeId }) => {
    const volume = cloud.volumes.get(volumeId);
    cloud.volumes.delete(volumeId);
    if (volume) await deleteVolume(run, volume);
  });
}
