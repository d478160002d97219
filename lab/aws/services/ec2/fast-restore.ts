/**
 * Fast snapshot restore, which moto lacks. A restore is `enabling`, then `optimizing` for an hour per TiB of volume size,
 * then `enabled` (EBS User Guide). States follow from times, so that nothing has to run for them to change.
 */
import type {
  DescribeFastSnapshotRestoresRequest,
  DisableFastSnapshotRestoresRequest,
  EnableFastSnapshotRestoresRequest,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { FastRestoreRecord } from "../../state";
import { emitEc2 } from "./events";
import { applyFilters, pageOf } from "./lists";
import { snapshotById } from "./snapshot-lookup";

/** The quota of snapshots enabled at once in a region. */
const SNAPSHOTS_PER_REGION = 5;
/** Longest time that a restore is `enabling`, and `disabling`: until its first or last state is seen. */
const ENABLING_SECONDS = 5;
const GIB_PER_TIB = 1024;

async function enableFastSnapshotRestores(input: EnableFastSnapshotRestoresRequest, call: Call) {
  const Successful: object[] = [];
  const Unsuccessful: object[] = [];
  for (const SnapshotId of input.SourceSnapshotIds ?? []) {
    const errors: object[] = [];
    for (const zone of input.AvailabilityZones ?? []) {
      try {
        Successful.push(await enableOne(call, SnapshotId, zone));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        errors.push({ AvailabilityZone: zone, Error: { Code: error.code, Message: error.message } });
      }
    }
    if (errors.length > 0) Unsuccessful.push({ SnapshotId, FastSnapshotRestoreStateErrors: errors });
  }
  return { Successful, Unsuccessful };
}

async function enableOne(call: Call, snapshotId: string, zone: string) {
  const key = `${snapshotId} ${zone}`;
  const known = call.state.fastRestores[key];
  if (known && !known.disabledAt) return describe(call, known);
  const snapshot = await snapshotById(call, snapshotId);
  if (snapshot.State !== "completed") {
    throw new AwsError(
      "fast-snapshot-restores-invalid-state",
      `Snapshot ${snapshotId} is in the state ${snapshot.State}`,
    );
  }
  const enabled = new Set(active(call).map((record) => record.snapshotId));
  if (!enabled.has(snapshotId) && enabled.size >= SNAPSHOTS_PER_REGION) {
    throw new AwsError("FastSnapshotRestoreLimitExceeded", `At most ${SNAPSHOTS_PER_REGION} snapshots can be enabled`);
  }
  const start = call.aws.now().getTime();
  const optimizingAt = start + Math.min(ENABLING_SECONDS, call.aws.settings.fastRestoreSecondsPerTib) * 1000;
  const seconds = (call.aws.settings.fastRestoreSecondsPerTib * (snapshot.VolumeSize ?? 0)) / GIB_PER_TIB;
  const record: FastRestoreRecord = {
    snapshotId,
    zone,
    enablingAt: new Date(start),
    optimizingAt: new Date(optimizingAt),
    enabledAt: new Date(optimizingAt + seconds * 1000),
  };
  call.state.fastRestores[key] = record;
  for (const at of [record.enablingAt, record.optimizingAt, record.enabledAt]) {
    call.aws.agenda.at(at, () => announce(call, record));
  }
  return describe(call, record);
}

function disableFastSnapshotRestores(input: DisableFastSnapshotRestoresRequest, call: Call) {
  const Successful: object[] = [];
  const Unsuccessful: object[] = [];
  for (const SnapshotId of input.SourceSnapshotIds ?? []) {
    const errors: object[] = [];
    for (const zone of input.AvailabilityZones ?? []) {
      const record = call.state.fastRestores[`${SnapshotId} ${zone}`];
      if (record && !record.disabledAt)
        Successful.push({ ...describe(call, disable(call, record)), State: "disabling" });
      else
        errors.push({ AvailabilityZone: zone, Error: { Code: "InvalidState", Message: "Not enabled in this zone" } });
    }
    if (errors.length > 0) Unsuccessful.push({ SnapshotId, FastSnapshotRestoreStateErrors: errors });
  }
  return { Successful, Unsuccessful };
}

/** Turns fast restore off for a snapshot in all zones, as the deletion of the snapshot does. */
export function disableFastRestores(call: Call, snapshotId: string): void {
  for (const record of active(call)) if (record.snapshotId === snapshotId) disable(call, record);
}

function disable(call: Call, record: FastRestoreRecord): FastRestoreRecord {
  record.disabledAt = call.aws.now();
  call.aws.agenda.at(record.disabledAt, () => announce(call, record));
  return record;
}

function describeFastSnapshotRestores(input: DescribeFastSnapshotRestoresRequest, call: Call) {
  const all = active(call).map((record) => ({ ...describe(call, record), Tags: undefined }));
  const filtered = applyFilters(all, input.Filters, {
    "availability-zone": (one) => one.AvailabilityZone,
    "owner-id": (one) => one.OwnerId,
    "snapshot-id": (one) => one.SnapshotId,
    state: (one) => one.State,
  });
  const { page, NextToken } = pageOf(filtered, input, [0, 200]);
  return { FastSnapshotRestores: page, NextToken };
}

function active(call: Call): FastRestoreRecord[] {
  return Object.values(call.state.fastRestores).filter((record) => !record.disabledAt);
}

function stateOf(record: FastRestoreRecord, now: Date): string {
  if (record.disabledAt) return "disabled";
  if (record.enabledAt <= now) return "enabled";
  return record.optimizingAt <= now ? "optimizing" : "enabling";
}

function describe(call: Call, record: FastRestoreRecord) {
  const now = call.aws.now();
  const past = (date: Date | undefined) => (date && date <= now ? date : undefined);
  return {
    SnapshotId: record.snapshotId,
    AvailabilityZone: record.zone,
    State: stateOf(record, now),
    StateTransitionReason: "Client.UserInitiated",
    OwnerId: call.aws.accountId,
    EnablingTime: record.enablingAt,
    OptimizingTime: past(record.optimizingAt),
    EnabledTime: past(record.enabledAt),
    DisabledTime: record.disabledAt,
  };
}

async function announce(call: Call, record: FastRestoreRecord): Promise<void> {
  const { aws, region } = call;
  const arn = `arn:${aws.partition}:ec2:${region}::snapshot/${record.snapshotId}`;
  await emitEc2(aws, region, "EBS Fast Snapshot Restore State-change Notification", [arn], {
    "snapshot-id": record.snapshotId,
    state: stateOf(record, aws.now()),
    zone: record.zone,
    message: "Client.UserInitiated - Lifecycle state transition",
  });
}

/** The handlers of this file. */
export const fastRestoreHandlers: Handlers = {
  "ec2:EnableFastSnapshotRestores": enableFastSnapshotRestores,
  "ec2:DisableFastSnapshotRestores": disableFastSnapshotRestores,
  "ec2:DescribeFastSnapshotRestores": describeFastSnapshotRestores,
};
