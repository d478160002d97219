/**
 * Snapshots: moto stores them and their tags. This file keeps what moto gets wrong: encryption, owner, pages, events, and the
 * time that a snapshot is pending. It also keeps the size at the time: moto shows the volume's size of today.
 */
import type {
  CopySnapshotRequest,
  CreateSnapshotRequest,
  DeleteSnapshotRequest,
  DescribeSnapshotsRequest,
  Snapshot,
  Volume,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Aws, Call, Handlers } from "../../handler";
import type { SnapshotRecord } from "../../state";
import { ebsArn, emitSnapshotNotification, type SnapshotNotice } from "./events";
import { disableFastRestores } from "./fast-restore";
import { applyFilters, pageOf } from "./lists";
import { binnedUntil } from "./recycle-bin";
import { allSnapshots, snapshotById } from "./snapshot-lookup";
import { refuseReservedIn } from "./tags";

/** EBS's limits: pending snapshots of one volume, pending copies to one region. */
const PENDING_PER_VOLUME = 5;
const PENDING_COPIES = 20;
/** Copies name no volume that exists. */
const COPIED_VOLUME_ID = "vol-ffffffff";

async function createSnapshot(input: CreateSnapshotRequest, call: Call) {
  refuseReservedIn(input.TagSpecifications, call);
  const pending = pendingOf(call, (record) => record.volumeId === input.VolumeId);
  if (pending >= PENDING_PER_VOLUME) {
    throw new AwsError("ConcurrentSnapshotLimitExceeded", `Maximum allowed in-progress snapshots for volume exceeded.`);
  }
  const { Volumes: [volume] = [] } = await call.ec2<{ Volumes?: Volume[] }>("DescribeVolumes", {
    VolumeIds: [input.VolumeId],
  });
  const { SnapshotId = "" } = await call.forward<Snapshot>(input);
  const startTime = call.aws.now();
  call.state.snapshots[SnapshotId] = {
    volumeId: input.VolumeId ?? "",
    volumeSizeGib: volume?.Size ?? 0,
    encrypted: volume?.Encrypted ?? false,
    kmsKeyId: volume?.KmsKeyId,
    startTime,
    completesAt: new Date(startTime.getTime() + call.aws.settings.snapshotSeconds * 1000),
  };
  const source = ebsArn(call.aws, call.region, "volume", input.VolumeId ?? "");
  announce(call, { event: "createSnapshot", snapshotId: SnapshotId, source, startTime });
  const snapshot = await snapshotById(call, SnapshotId);
  await call.aws.hooks.raise("CreateSnapshot", { region: call.region, snapshot });
  return { ...snapshot, State: "pending", Progress: "" };
}

async function copySnapshot(input: CopySnapshotRequest, call: Call) {
  refuseReservedIn(input.TagSpecifications, call);
  const { SourceRegion: sourceRegion = "", SourceSnapshotId: sourceId = "" } = input;
  const target = { service: "ec2", action: "DescribeSnapshots", region: sourceRegion };
  const { Snapshots: [source] = [] } = await call.aws.call<{ Snapshots?: Snapshot[] }>(target, {
    SnapshotIds: [sourceId],
  });
  if (source?.State !== "completed") throw new AwsError("IncorrectState", `Snapshot ${sourceId} is not completed.`);
  if (pendingOf(call, (record) => record.volumeId === COPIED_VOLUME_ID) >= PENDING_COPIES) {
    throw new AwsError(
      "ResourceLimitExceeded",
      "Too many snapshot copies in progress. The limit is 20 for this destination.",
    );
  }
  const { SnapshotId = "" } = await call.forward<Snapshot>({ ...input, KmsKeyId: undefined });
  const startTime = call.aws.now();
  call.state.snapshots[SnapshotId] = {
    volumeId: COPIED_VOLUME_ID,
    volumeSizeGib: source.VolumeSize ?? 0,
    encrypted: Boolean(source.Encrypted || input.Encrypted || input.KmsKeyId),
    kmsKeyId: input.KmsKeyId ?? (source.Encrypted || input.Encrypted ? defaultKey(call) : undefined),
    startTime,
    completesAt: new Date(startTime.getTime() + call.aws.settings.copySeconds * 1000),
  };
  const sourceArn = ebsArn(call.aws, sourceRegion, "snapshot", sourceId);
  announce(call, { event: "copySnapshot", snapshotId: SnapshotId, source: sourceArn, startTime });
  const snapshot = await snapshotById(call, SnapshotId);
  await call.aws.hooks.raise("CopySnapshot", {
    region: call.region,
    snapshot,
    sourceRegion,
    sourceSnapshotId: sourceId,
  });
  return { SnapshotId, Tags: snapshot.Tags };
}

function defaultKey({ aws, region }: Call): string {
  return `arn:${aws.partition}:kms:${region}:${aws.accountId}:alias/aws/ebs`;
}

/** Sends the notification when the snapshot is done, unless it was deleted before. */
function announce(call: Call, notice: SnapshotNotice): void {
  const { aws, region, state } = call;
  const tell = async () => {
    const record = state.snapshots[notice.snapshotId];
    if (!record) return;
    if (record.completesAt > aws.now()) aws.agenda.at(record.completesAt, tell);
    else await emitSnapshotNotification(aws, region, { ...notice, cause: record.failure });
  };
  aws.agenda.at(state.snapshots[notice.snapshotId]?.completesAt ?? aws.now(), tell);
}

function pendingOf(call: Call, which: (record: SnapshotRecord) => boolean): number {
  const isPending = (record: SnapshotRecord) => which(record) && record.completesAt > call.aws.now();
  return Object.values(call.state.snapshots).filter(isPending).length;
}

async function deleteSnapshot(input: DeleteSnapshotRequest, call: Call) {
  const id = input.SnapshotId ?? "";
  const snapshot = await snapshotById(call, id);
  const record = call.state.snapshots[id];
  if (record?.lock && (!record.lock.expiresAt || record.lock.expiresAt > call.aws.now())) {
    throw new AwsError("SnapshotLocked", `The snapshot '${id}' is locked.`);
  }
  checkImages(id, call);
  const leavesAt = record && binnedUntil(call, snapshot);
  if (record && leavesAt) {
    const bin = { enteredAt: call.aws.now(), leavesAt };
    record.bin = bin;
    call.aws.agenda.at(leavesAt, async () => {
      if (record.bin === bin) await removeSnapshot(call.aws, call.region, id);
    });
  } else await removeSnapshot(call.aws, call.region, id);
  disableFastRestores(call, id);
  await call.aws.hooks.raise("DeleteSnapshot", { region: call.region, snapshotId: id });
  return {};
}

function checkImages(id: string, call: Call): void {
  for (const [imageId, { mappings }] of Object.entries(call.state.images)) {
    if (!mappings.some(({ Ebs }) => Ebs?.SnapshotId === id)) continue;
    throw new AwsError("InvalidSnapshot.InUse", `The snapshot ${id} is currently in use by ${imageId}`);
  }
}

async function removeSnapshot(aws: Aws, region: string, id: string): Promise<void> {
  await aws.moto({ service: "ec2", action: "DeleteSnapshot", region }, { SnapshotId: id });
  delete aws.state(region).snapshots[id];
}

async function describeSnapshots(input: DescribeSnapshotsRequest, call: Call) {
  const { SnapshotIds: ids = [], OwnerIds: owners = [] } = input;
  if (ids.length > 0 && input.MaxResults !== undefined) {
    throw new AwsError(
      "InvalidParameterCombination",
      "The parameter SnapshotIds cannot be used with the parameter MaxResults",
    );
  }
  const ownOnly = owners.length === 1 && owners[0] === "self";
  const chosen =
    ids.length > 0 ? await Promise.all(ids.map((id) => snapshotById(call, id))) : await allSnapshots(call, ownOnly);
  const account = call.aws.accountId;
  const owned = chosen.filter(
    ({ OwnerId, OwnerAlias }) =>
      owners.length === 0 || owners.some((owner) => [OwnerId, OwnerAlias].includes(owner === "self" ? account : owner)),
  );
  const filtered = applyFilters(owned, input.Filters, {
    description: (snapshot) => snapshot.Description,
    encrypted: (snapshot) => snapshot.Encrypted,
    "owner-alias": (snapshot) => snapshot.OwnerAlias,
    "owner-id": (snapshot) => snapshot.OwnerId,
    progress: (snapshot) => snapshot.Progress,
    "snapshot-id": (snapshot) => snapshot.SnapshotId,
    "start-time": (snapshot) => snapshot.StartTime?.toISOString(),
    status: (snapshot) => snapshot.State,
    "storage-tier": (snapshot) => snapshot.StorageTier,
    "volume-id": (snapshot) => snapshot.VolumeId,
    "volume-size": (snapshot) => snapshot.VolumeSize,
  });
  const { page, NextToken } = pageOf(filtered, input);
  return { Snapshots: page, NextToken };
}

/** The handlers of this file. */
export const snapshotHandlers: Handlers = {
  "ec2:CreateSnapshot": createSnapshot,
  "ec2:CopySnapshot": copySnapshot,
  "ec2:DeleteSnapshot": deleteSnapshot,
  "ec2:DescribeSnapshots": describeSnapshots,
};
