import { template } from "../../../lab/fake/example-state";
import { formatAction } from "../../../lambda-src/rotation/format";
import type { Action } from "../../../lambda-src/rotation/types";

const reason = "why";
test.each<[string, Action]>([
  ["reject b, a (why)", { kind: "write-rejected", contents: ["b", "a"], reason }],
  ["reject nothing (why)", { kind: "write-rejected", contents: [], reason }],
  ["point to snap-1 (why)", { kind: "write-pointer", value: "snap-1", reason }],
  ["tag snap-1, vol-1 as rejected (why)", { kind: "tag-rejected", resourceIds: ["snap-1", "vol-1"], reason }],
  ["tag snap-1 as ready (why)", { kind: "tag-ready", snapshotId: "snap-1", reason }],
  ["pin snap-1 (why)", { kind: "pin", snapshotId: "snap-1", reason }],
  ["unpin snap-1 (why)", { kind: "unpin", snapshotId: "snap-1", reason }],
  [
    "write /dev/sdf of launch template lt-1 (why)",
    {
      kind: "write-template",
      template: template("lt-1"),
      mapping: { deviceName: "/dev/sdf", ebs: null, former: [] },
      reason,
    },
  ],
  [
    "make version 3 the default of launch template lt-1 (why)",
    { kind: "set-default-version", templateId: "lt-1", version: 3, reason },
  ],
  [
    "delete versions 1, 2 of launch template lt-1 (why)",
    { kind: "prune-versions", templateId: "lt-1", versions: [1, 2], reason },
  ],
  [
    "enable fast restore of snap-1 in a, b (why)",
    { kind: "enable-fast-restore", snapshotId: "snap-1", zones: ["a", "b"], reason },
  ],
  [
    "disable fast restore of snap-1 in a (why)",
    { kind: "disable-fast-restore", snapshotId: "snap-1", zones: ["a"], reason },
  ],
  ["terminate i-1 (why)", { kind: "terminate-builder", instanceId: "i-1", reason }],
  ["no longer delete snap-1 (why)", { kind: "untag-delete-after", snapshotIds: ["snap-1"], reason }],
  [
    "delete snap-1, snap-2 after 2026-01-01T00:00:00Z (why)",
    { kind: "tag-delete-after", snapshotIds: ["snap-1", "snap-2"], deleteAfter: "2026-01-01T00:00:00Z", reason },
  ],
  ["delete snap-1 (why)", { kind: "delete-snapshot", snapshotId: "snap-1", reason }],
])("%s", (line, action) => {
  expect(formatAction(action)).toBe(line);
});
