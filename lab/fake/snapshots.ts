/** Snapshots of the fake: pending for a while, undeletable if an AMI or a lock needs them, with fast restore. */
import {
  awsError,
  type Command,
  type FakeAws,
  type FakeSnapshot,
  isVisible,
  matches,
  OWNER,
  page,
  tagList,
} from "./region";

function stateOf(fake: FakeAws, one: FakeSnapshot): string {
  if (one.completesAt > fake.now) return "pending";
  return one.failed ? "error" : "completed";
}

function shown(fake: FakeAws, one: FakeSnapshot) {
  const done = stateOf(fake, one) === "completed";
  return {
    SnapshotId: one.id,
    OwnerId: OWNER,
    VolumeId: one.volumeId,
    State: stateOf(fake, one),
    StorageTier: one.archived ? "archive" : "standard",
    StartTime: new Date(one.startTime),
    ...(done && { CompletionTime: new Date(one.completesAt) }),
    VolumeSize: one.sizeGib,
    FullSnapshotSizeInBytes: 10 * 1024 ** 3,
    Tags: tagList(one.tags),
  };
}

/** The snapshot. @throws EC2's error if it is not there or not to be seen yet */
export function findSnapshot(fake: FakeAws, id: string): FakeSnapshot {
  const found = fake.snapshots.get(id);
  if (!found || !isVisible(fake, found))
    throw awsError("InvalidSnapshot.NotFound", `The snapshot '${id}' does not exist.`);
  return found;
}

const describeSnapshots: Command = (fake, input: { SnapshotIds?: string[]; Filters?: []; NextToken?: string }) => {
  const all = input.SnapshotIds?.map((id) => findSnapshot(fake, id)) ?? [...fake.snapshots.values()];
  const found = all.filter(
    (one) => isVisible(fake, one) && matches(one.tags, input.Filters, { "snapshot-id": one.id }),
  );
  const { items, ...rest } = page(fake, found, input.NextToken);
  return { Snapshots: items.map((one) => shown(fake, one)), ...rest };
};

const deleteSnapshot: Command = (fake, { SnapshotId }: { SnapshotId: string }) => {
  findSnapshot(fake, SnapshotId);
  if ([...fake.images.values()].some((ids) => ids.includes(SnapshotId))) throw awsError("InvalidSnapshot.InUse");
  if (fake.locks.has(SnapshotId)) throw awsError("SnapshotLocked");
  if (fake.holds.has(SnapshotId)) throw awsError("UnauthorizedOperation");
  fake.snapshots.delete(SnapshotId);
  fake.restores = fake.restores.filter((one) => one.snapshotId !== SnapshotId);
  return {};
};

const describeLockedSnapshots: Command = (fake, input: { NextToken?: string }) => {
  const { items, ...rest } = page(fake, [...fake.locks], input.NextToken);
  return { Snapshots: items.map((SnapshotId) => ({ SnapshotId, LockState: "governance" })), ...rest };
};

const describeSnapshotAttribute: Command = (fake, { SnapshotId }: { SnapshotId: string }) => {
  findSnapshot(fake, SnapshotId);
  return { SnapshotId, CreateVolumePermissions: fake.shares.has(SnapshotId) ? [{ UserId: "444455556666" }] : [] };
};

const describeFastSnapshotRestores: Command = (fake, input: { Filters?: []; NextToken?: string }) => {
  const stateOf = (enabledAt: number) => (enabledAt <= fake.now ? "enabled" : "enabling");
  const found = fake.restores.filter(({ snapshotId, enabledAt }) =>
    matches({}, input.Filters, { "snapshot-id": snapshotId, state: stateOf(enabledAt) }),
  );
  const { items, ...rest } = page(fake, found, input.NextToken);
  const FastSnapshotRestores = items.map((one) => ({
    SnapshotId: one.snapshotId,
    AvailabilityZone: one.zone,
    State: stateOf(one.enabledAt),
    EnablingTime: new Date(one.enablingAt),
  }));
  return { FastSnapshotRestores, ...rest };
};

interface RestoreInput {
  readonly SourceSnapshotIds: string[];
  readonly AvailabilityZones: string[];
}

const enableFastSnapshotRestores: Command = (fake, input: RestoreInput) => {
  for (const snapshotId of input.SourceSnapshotIds)
    for (const zone of input.AvailabilityZones) {
      findSnapshot(fake, snapshotId);
      if (fake.restores.some((one) => one.snapshotId === snapshotId && one.zone === zone)) continue;
      fake.restores.push({ snapshotId, zone, enablingAt: fake.now, enabledAt: fake.now + fake.restoreMilliseconds });
    }
  return { Successful: [], Unsuccessful: [] };
};

const disableFastSnapshotRestores: Command = (fake, input: RestoreInput) => {
  fake.restores = fake.restores.filter(
    (one) => !input.SourceSnapshotIds.includes(one.snapshotId) || !input.AvailabilityZones.includes(one.zone),
  );
  return { Successful: [], Unsuccessful: [] };
};

export const snapshotCommands: Readonly<Record<string, Command>> = {
  DescribeSnapshotsCommand: describeSnapshots,
  DeleteSnapshotCommand: deleteSnapshot,
  DescribeLockedSnapshotsCommand: describeLockedSnapshots,
  DescribeSnapshotAttributeCommand: describeSnapshotAttribute,
  DescribeFastSnapshotRestoresCommand: describeFastSnapshotRestores,
  EnableFastSnapshotRestoresCommand: enableFastSnapshotRestores,
  DisableFastSnapshotRestoresCommand: disableFastSnapshotRestores,
};
