/** Finding snapshots: moto's, with what is kept here laid over them. */
import type { DescribeSnapshotsRequest, Snapshot } from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call } from "../../handler";
import type { SnapshotRecord } from "../../state";

/** One snapshot as it now is. @throws AwsError InvalidSnapshot.NotFound, or Malformed */
export async function snapshotById(call: Call, id: string): Promise<Snapshot> {
  const [snapshot] = await read(call, { SnapshotIds: [id] }).catch((error: Error) => {
    if (error.name === "InvalidSnapshot.NotFound") return [];
    throw error;
  });
  return snapshot ?? snapshotNotFound(id);
}

/** EC2's error for a snapshot that does not exist. */
function snapshotNotFound(id: string): never {
  if (!/^snap-[0-9a-f]{8,17}$/.test(id)) {
    throw new AwsError("InvalidSnapshotID.Malformed", `Invalid id: "${id}" (expecting "snap-...")`);
  }
  throw new AwsError("InvalidSnapshot.NotFound", `The snapshot '${id}' does not exist.`);
}

/** All snapshots as they now are, those of the public images too. With `ownOnly`, our own alone, which is far quicker. */
export function allSnapshots(call: Call, ownOnly: boolean): Promise<Snapshot[]> {
  return read(call, { Filters: ownOnly ? [{ Name: "owner-id", Values: [call.aws.accountId] }] : undefined });
}

/** Snapshots outside the Recycle Bin, except those that moto makes for its images. */
async function read(call: Call, input: DescribeSnapshotsRequest): Promise<Snapshot[]> {
  const target = { service: "ec2", action: "DescribeSnapshots", region: call.region };
  const { Snapshots = [] } = await call.aws.moto<{ Snapshots?: Snapshot[] }>(target, input);
  return Snapshots.flatMap((snapshot) => {
    const record = call.state.snapshots[snapshot.SnapshotId ?? ""];
    if (record?.bin || call.state.hiddenSnapshots.has(snapshot.SnapshotId ?? "")) return [];
    return record ? [asItIs(snapshot, record, call.aws.now())] : [snapshot];
  });
}

function asItIs(snapshot: Snapshot, record: SnapshotRecord, now: Date): Snapshot {
  const duration = record.completesAt.getTime() - record.startTime.getTime();
  const part = duration > 0 ? (now.getTime() - record.startTime.getTime()) / duration : 1;
  const done = record.completesAt <= now;
  return {
    ...snapshot,
    VolumeId: record.volumeId,
    VolumeSize: record.volumeSizeGib,
    Encrypted: record.encrypted,
    KmsKeyId: record.kmsKeyId,
    StartTime: record.startTime,
    CompletionTime: done && !record.failure ? record.completesAt : undefined,
    State: done ? (record.failure ? "error" : "completed") : "pending",
    StateMessage: done ? record.failure : undefined,
    Progress: done ? "100%" : `${Math.floor(Math.min(Math.max(part, 0), 0.99) * 100)}%`,
    StorageTier: "standard",
  };
}
