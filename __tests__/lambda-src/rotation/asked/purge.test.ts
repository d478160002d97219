import {
  copy,
  DAY,
  HOUR,
  NOW,
  OURS,
  pointing,
  SETTINGS,
  snapshot,
  state,
  template,
  VOLUME,
} from "../../../../lab/fake/example-state";
import { planPurge } from "../../../../lambda-src/rotation/asked/purge";
import type { State } from "../../../../lambda-src/rotation/types";
import { ROLES, TAG } from "../../../../lib/contract";

const builder = (id: string, is: string) => ({
  id,
  state: is,
  launchedAt: NOW,
  tags: { ...OURS, [TAG.role]: ROLES.builder },
});
const purge = (change: Partial<State>) => planPurge(state(change), SETTINGS);
const version = { templateId: "lt-1", version: 3 };

test("builders, marks, templates, pointer, fast restore, then everything of ours, DLM's too", () => {
  const { actions, left } = purge({
    snapshots: [
      snapshot("1", 2 * DAY, "a"),
      copy("2", DAY, "b", 14, { volumeId: VOLUME }),
      snapshot("3", HOUR, "c", { tags: { [TAG.state]: "building" } }),
    ],
    ...pointing("snap-1"),
    instances: [
      builder("i-1", "running"),
      builder("i-2", "terminated"),
      { ...builder("i-3", "running"), tags: { ...OURS, [TAG.role]: ROLES.worker } },
    ],
    launchTemplates: [template("lt-1", "snap-1")],
    fastRestores: [{ snapshotId: "snap-1", zone: "a", state: "enabled" }],
    references: [{ snapshotId: "snap-1", by: "launch template lt-1 version 3", version }],
  });
  expect(left).toEqual([]);
  expect(actions.map(({ reason: _reason, ...one }) => (one.kind === "write-template" ? one.kind : one))).toEqual([
    { kind: "terminate-builder", instanceId: "i-1" },
    { kind: "tag-rejected", resourceIds: ["snap-1", "snap-2"] },
    "write-template",
    { kind: "write-pointer", value: "none" },
    { kind: "disable-fast-restore", snapshotId: "snap-1", zones: ["a"] },
    { kind: "delete-snapshot", snapshotId: "snap-1" },
    { kind: "delete-snapshot", snapshotId: "snap-2" },
    { kind: "delete-snapshot", snapshotId: "snap-3" },
  ]);
});

test("what is foreign, or what something else needs, stays with the reason", () => {
  const { actions, left } = purge({
    snapshots: [
      snapshot("1", DAY),
      snapshot("2", DAY),
      snapshot("3", HOUR, "x", { volumeId: "vol-x" }),
      snapshot("4", DAY),
    ],
    references: [
      { snapshotId: "snap-1", by: "AMI ami-1" },
      { snapshotId: "snap-2", by: "launch template lt-1 version 3", version },
      {
        snapshotId: "snap-4",
        by: "launch template lt-other version 1",
        version: { templateId: "lt-other", version: 1 },
      },
    ],
    launchTemplates: [template("lt-1", "snap-2")],
    pinnedVersions: [version],
  });
  expect(left).toEqual([
    { snapshotId: "snap-3", why: "foreign: nothing proves that it is of this cache" },
    { snapshotId: "snap-4", why: "referred to by launch template lt-other version 1" },
    { snapshotId: "snap-2", why: "referred to by launch template lt-1 version 3" },
    { snapshotId: "snap-1", why: "referred to by AMI ami-1" },
  ]);
  expect(actions.map((one) => one.kind)).toEqual(["write-template"]);
});

test("an empty region: nothing to do", () => {
  expect(purge({})).toEqual({ actions: [], left: [] });
});
