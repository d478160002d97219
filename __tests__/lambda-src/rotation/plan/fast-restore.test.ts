import { DAY, HOUR, pointing, SETTINGS, snapshot, state } from "../../../../lab/fake/example-state";
import { plan } from "../../../../lambda-src/rotation/plan/plan";
import type { State } from "../../../../lambda-src/rotation/types";
import type { RotationSettings } from "../../../../lib/contract";

const ZONES: RotationSettings = { ...SETTINGS, fastRestoreZones: ["a", "b"] };
const on = (snapshotId: string, ...zones: string[]) => zones.map((zone) => ({ snapshotId, zone, state: "enabled" }));

function restores(change: Partial<State>, settings = ZONES) {
  const snapshots = [snapshot("1", 2 * DAY, "a"), snapshot("2", DAY, "b")];
  const made = plan(state({ snapshots, ...pointing("snap-2"), ...change }), settings);
  return made.actions.filter((action) => action.kind.endsWith("fast-restore"));
}

test("on for the promoted one in the zones where it is missing", () => {
  expect(restores({ fastRestores: on("snap-2", "a") })).toEqual([
    { kind: "enable-fast-restore", snapshotId: "snap-2", zones: ["b"], reason: "promoted" },
  ]);
});

test("off for all others of ours, and in zones that are no longer asked for", () => {
  const fastRestores = [...on("snap-2", "c", "a", "b"), ...on("snap-1", "b", "a"), ...on("snap-of-others", "a")];
  expect(restores({ fastRestores })).toEqual([
    { kind: "disable-fast-restore", snapshotId: "snap-2", zones: ["c"], reason: "neither promoted nor candidate" },
    { kind: "disable-fast-restore", snapshotId: "snap-1", zones: ["a", "b"], reason: "neither promoted nor candidate" },
  ]);
  expect(restores({ fastRestores: on("snap-2", "a") }, SETTINGS)).toMatchObject([
    { kind: "disable-fast-restore", zones: ["a"] },
  ]);
});

test("on for a candidate that waits", () => {
  const snapshots = [snapshot("2", DAY, "b"), snapshot("3", HOUR, "c")];
  expect(restores({ snapshots, fastRestores: on("snap-2", "a", "b") })).toEqual([
    {
      kind: "enable-fast-restore",
      snapshotId: "snap-3",
      zones: ["a", "b"],
      reason: "candidate: promoted when it is ready, or after two hours",
    },
  ]);
});

test("a foreign snapshot's is not ours to switch", () => {
  const snapshots = [snapshot("9", HOUR, "x", { volumeId: "vol-x" })];
  expect(restores({ snapshots, ...pointing(), fastRestores: on("snap-9", "a") })).toEqual([]);
});
