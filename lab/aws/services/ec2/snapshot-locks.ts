/** Snapshot locks, which moto lacks: a locked snapshot cannot be deleted. */

import type { DescribeLockedSnapshotsRequest, LockSnapshotRequest, UnlockSnapshotRequest } from "@aws-sdk/client-ec2";
import { DAY_MILLISECONDS } from "../../../../lib/time";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import { applyFilters, pageOf } from "./lists";
import { snapshotById } from "./snapshot-lookup";

async function lockSnapshot(input: LockSnapshotRequest, call: Call) {
  const id = input.SnapshotId ?? "";
  await snapshotById(call, id);
  const createdAt = call.aws.now();
  const days = input.LockDuration;
  const expiresAt =
    input.ExpirationDate ?? (days ? new Date(createdAt.getTime() + days * DAY_MILLISECONDS) : undefined);
  recordOf(call, id).lock = {
    mode: input.LockMode === "compliance" ? "compliance" : "governance",
    createdAt,
    expiresAt,
  };
  return describe(call, id);
}

function unlockSnapshot(input: UnlockSnapshotRequest, call: Call) {
  recordOf(call, input.SnapshotId ?? "").lock = undefined;
  return { SnapshotId: input.SnapshotId };
}

function describeLockedSnapshots(input: DescribeLockedSnapshotsRequest, call: Call) {
  const ids = input.SnapshotIds ?? [];
  const locked = Object.keys(call.state.snapshots)
    .filter((id) => call.state.snapshots[id]?.lock && (ids.length === 0 || ids.includes(id)))
    .map((id) => ({ ...describe(call, id), Tags: undefined }));
  const filtered = applyFilters(locked, input.Filters, { "lock-state": (one) => one.LockState });
  const { page, NextToken } = pageOf(filtered, input);
  return { Snapshots: page, NextToken };
}

function recordOf(call: Call, id: string) {
  const record = call.state.snapshots[id];
  if (record && !record.bin) return record;
  throw new AwsError("InvalidSnapshot.NotFound", `The snapshot '${id}' does not exist.`);
}

function describe(call: Call, id: string) {
  const lock = recordOf(call, id).lock;
  const over = lock?.expiresAt && lock.expiresAt <= call.aws.now();
  return {
    SnapshotId: id,
    OwnerId: call.aws.accountId,
    LockState: over ? "expired" : lock?.mode,
    LockCreatedOn: lock?.createdAt,
    LockDurationStartTime: lock?.createdAt,
    LockExpiresOn: lock?.expiresAt,
  };
}

/** The handlers of this file. */
export const snapshotLockHandlers: Handlers = {
  "ec2:LockSnapshot": lockSnapshot,
  "ec2:UnlockSnapshot": unlockSnapshot,
  "ec2:DescribeLockedSnapshots": describeLockedSnapshots,
};
