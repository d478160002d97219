/** Snapshots, their locks, shares and fast restore, through the SDK. */
import {
  DeleteSnapshotCommand,
  DescribeLockedSnapshotsCommand,
  DescribeSnapshotAttributeCommand,
  DisableFastSnapshotRestoresCommand,
  type EC2Client,
  EnableFastSnapshotRestoresCommand,
  paginateDescribeFastSnapshotRestores,
  paginateDescribeSnapshots,
} from "@aws-sdk/client-ec2";
import type { SnapshotsPort } from "../ports";
import { codeOf, flatten, toFilters, unlessGone } from "./lists";
import { toSnapshot } from "./shapes";

const PAGE = 1000;
const LOCK_PAGE = 200;
const GONE = "InvalidSnapshot.NotFound";
/** EC2 refuses to delete: an AMI, a lock or a running copy needs it. The next plan sees it too. */
const HELD = ["InvalidSnapshot.InUse", "SnapshotLocked", "LockedSnapshot", "InvalidSnapshot.Locked"];

/** The calls on fast restore report failures item by item, with status 200. */
function assertNone(unsuccessful: readonly object[] | undefined): void {
  if (unsuccessful && unsuccessful.length > 0) throw new Error(JSON.stringify(unsuccessful));
}

/** The SDK has no paginator for these. */
async function* lockPages(ec2: EC2Client) {
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(new DescribeLockedSnapshotsCommand({ MaxResults: LOCK_PAGE, NextToken }));
    yield page;
    NextToken = page.NextToken;
  } while (NextToken);
}

export function snapshotsPort(ec2: EC2Client): SnapshotsPort {
  return {
    async listSnapshots(filters) {
      const pages = paginateDescribeSnapshots(
        { client: ec2, pageSize: PAGE },
        { OwnerIds: ["self"], Filters: toFilters(filters) },
      );
      return (await flatten(pages, (page) => page.Snapshots)).map(toSnapshot);
    },
    async getSnapshot(id) {
      const pages = () =>
        flatten(paginateDescribeSnapshots({ client: ec2 }, { SnapshotIds: [id] }), (one) => one.Snapshots);
      return (await unlessGone(pages, [])).map(toSnapshot)[0] ?? null;
    },
    async listFastRestores(filters = {}) {
      const Filters = toFilters({ ...filters, state: ["enabling", "optimizing", "enabled"] });
      const pages = paginateDescribeFastSnapshotRestores({ client: ec2, pageSize: LOCK_PAGE }, { Filters });
      return (await flatten(pages, (page) => page.FastSnapshotRestores)).map((one) => ({
        snapshotId: one.SnapshotId ?? "",
        zone: one.AvailabilityZone ?? "",
        state: one.State ?? "",
      }));
    },
    async listLocks() {
      const locks = await flatten(lockPages(ec2), (page) => page.Snapshots);
      return locks.filter((one) => one.LockState !== "expired").map((one) => one.SnapshotId ?? "");
    },
    async isShared(id) {
      const command = new DescribeSnapshotAttributeCommand({ SnapshotId: id, Attribute: "createVolumePermission" });
      const answer = await unlessGone(() => ec2.send(command), undefined);
      return (answer?.CreateVolumePermissions ?? []).length > 0;
    },
    async enableFastRestore(id, zones) {
      const command = new EnableFastSnapshotRestoresCommand({ SourceSnapshotIds: [id], AvailabilityZones: [...zones] });
      assertNone((await ec2.send(command)).Unsuccessful);
    },
    async disableFastRestore(id, zones) {
      const command = new DisableFastSnapshotRestoresCommand({
        SourceSnapshotIds: [id],
        AvailabilityZones: [...zones],
      });
      assertNone((await ec2.send(command)).Unsuccessful);
    },
    async deleteSnapshot(id) {
      try {
        await ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
        return true;
      } catch (error) {
        if (codeOf(error) === GONE) return true;
        if (HELD.includes(codeOf(error))) return false;
        throw error;
      }
    },
  };
}
