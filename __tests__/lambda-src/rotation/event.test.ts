import { parseEvent } from "../../../lambda-src/rotation/event";

const MALFORMED = "arn:aws:ec2::us-west-2:snapshot/snap-01234567";

/** As the EBS User Guide prints it, with the region where the account belongs. */
const CREATED = {
  version: "0",
  "detail-type": "EBS Snapshot Notification",
  source: "aws.ec2",
  resources: [MALFORMED],
  detail: {
    event: "createSnapshot",
    result: "succeeded",
    cause: "",
    snapshot_id: MALFORMED,
    source: "arn:aws:ec2::us-west-2:volume/vol-01234567",
  },
};

const MULTI = {
  "detail-type": "EBS Multi-Volume Snapshots Completion Status",
  detail: {
    event: "createSnapshots",
    snapshots: [
      { snapshot_id: "arn:aws:ec2::us-east-1:snapshot/snap-01234567", source: "x", status: "completed" },
      { snapshot_id: "arn:aws:ec2::us-east-1:snapshot/snap-012345678", source: "y", status: "completed" },
      "nonsense",
    ],
  },
};

test.each([
  ["a snapshot made", CREATED, { kind: "snapshots", snapshotIds: ["snap-01234567"], event: "createSnapshot" }],
  [
    "a copy, with an ARN of the proper form",
    { detail: { event: "copySnapshot", snapshot_id: "arn:aws-cn:ec2:cn-north-1:111122223333:snapshot/snap-0a" } },
    { kind: "snapshots", snapshotIds: ["snap-0a"], event: "copySnapshot" },
  ],
  [
    "several volumes at once",
    MULTI,
    { kind: "snapshots", snapshotIds: ["snap-01234567", "snap-012345678"], event: "createSnapshots" },
  ],
  [
    "fast restore, with a bare id",
    { detail: { "snapshot-id": "snap-03a55cf6513fa1b6f", state: "enabled" } },
    { kind: "snapshots", snapshotIds: ["snap-03a55cf6513fa1b6f"], event: "unknown" },
  ],
  ["a hint of the router, which has looked at the snapshots", { hint: ["snap-01234567"] }, { kind: "reconcile" }],
  ["the schedule", { "detail-type": "Scheduled Event", detail: {} }, { kind: "reconcile" }],
  ["an id that is none", { detail: { snapshot_id: "arn:aws:ec2::us-west-2:snapshot/" } }, { kind: "reconcile" }],
  ["nothing", undefined, { kind: "reconcile" }],
  ["text", "text", { kind: "reconcile" }],
  ["a detail that is none", { detail: 5 }, { kind: "reconcile" }],
])("%s", (_name, event, wake) => {
  expect(parseEvent(event)).toEqual(wake);
});
