import { DAY, HOUR, NOW, pointing, SETTINGS, snapshot, state } from "../../../../lab/fake/example-state";
import { deletionCap } from "../../../../lambda-src/rotation/plan/deletion";
import { plan } from "../../../../lambda-src/rotation/plan/plan";
import type { Snapshot, State } from "../../../../lambda-src/rotation/types";
import { type RotationSettings, TAG } from "../../../../lib/contract";

const KINDS = ["untag-delete-after", "tag-delete-after", "delete-snapshot"];

function deletions(
  snapshots: readonly Snapshot[],
  change: Partial<State> = {},
  settings: Partial<RotationSettings> = {},
) {
  const made = plan(state({ snapshots, ...pointing("snap-0"), ...change }), { ...SETTINGS, ...settings });
  return { actions: made.actions.filter((action) => KINDS.includes(action.kind)), figures: made.figures };
}

/** Builds, newest first; the older ones dated `after` from now. */
function aged(count: number, after?: string): Snapshot[] {
  return Array.from({ length: count }, (_, index) =>
    snapshot(
      `${index}`,
      (index + 1) * DAY,
      `c${index}`,
      index < 3 || !after ? {} : { tags: { [TAG.deleteAfter]: after } },
    ),
  );
}
const inHours = (hours: number) => new Date(NOW + hours * HOUR).toISOString();

test("R2: first a date, a grace from now, to the second, for the oldest", () => {
  expect(deletions(aged(6)).actions).toEqual([
    {
      kind: "tag-delete-after",
      snapshotIds: ["snap-5", "snap-4"],
      deleteAfter: "2026-11-22T12:00:00Z",
      reason: "superseded",
    },
  ]);
  const [action] = deletions(aged(4), {}, { deletionGraceHours: 48 }).actions;
  expect(action).toMatchObject({ deleteAfter: "2026-11-23T12:00:00Z" });
});

test("R2, R3: nothing before the date; at the date, oldest first, up to the cap", () => {
  expect(deletions(aged(6, inHours(1))).actions).toEqual([]);
  expect(deletions(aged(7, inHours(0))).actions).toEqual([
    { kind: "delete-snapshot", snapshotId: "snap-6", reason: "superseded" },
    { kind: "delete-snapshot", snapshotId: "snap-5", reason: "superseded" },
  ]);
});

test("a date that is none is written anew", () => {
  expect(deletions(aged(4, "soon")).actions[0]).toMatchObject({ kind: "tag-delete-after", snapshotIds: ["snap-3"] });
});

test("what is needed again loses its date; what is foreign is not touched", () => {
  const tags = { [TAG.deleteAfter]: inHours(-1) };
  const foreign = snapshot("f", DAY, "f", { volumeId: "vol-x", tags });
  const { actions } = deletions([snapshot("0", HOUR, "a", { tags }), foreign]);
  expect(actions).toEqual([{ kind: "untag-delete-after", snapshotIds: ["snap-0"], reason: "needed again" }]);
});

test("two kinds of removal are both told", () => {
  const failed = snapshot("e", 30 * DAY, "e", { state: "error" });
  expect(deletions([...aged(4), failed]).actions[0]).toMatchObject({ reason: "EC2 failed to make it, superseded" });
});

test("what is overdue, and for how long", () => {
  expect(deletions(aged(7, inHours(-30))).figures).toMatchObject({ overdueDeletions: 4, overdueHours: 30 });
  expect(deletions(aged(3)).figures).toMatchObject({ overdueDeletions: 0, overdueHours: 0 });
});

test.each([
  [0, 2, 2],
  [0, 20, 2],
  [14, 20, 2],
  [25, 2, 2],
  [25, 4, 4],
  [25, 20, 5],
  [5000, 20, 20],
])("R3 of %i snapshots, with %i set, one run deletes %i at most", (count, maxDeletionsPerRun, cap) => {
  expect(deletionCap(count, { ...SETTINGS, maxDeletionsPerRun })).toBe(cap);
});

test("J1 what EC2 refused comes last, the longest ago first, and uses up nobody's place", () => {
  const due = (index: number, refused?: number) =>
    snapshot(`${index}`, (20 - index) * DAY, `c${index}`, {
      tags: {
        [TAG.state]: "building",
        [TAG.deleteAfter]: new Date(NOW - HOUR).toISOString(),
        ...(refused !== undefined && { [TAG.deletionRefused]: new Date(NOW - refused * HOUR).toISOString() }),
      },
    });
  const { actions, figures } = deletions([due(1, 2), due(2, 5), due(3), due(4, 3), due(5)], { pointerHistory: [] });
  expect(actions.map((action) => action.kind === "delete-snapshot" && action.snapshotId)).toEqual(["snap-3", "snap-5"]);
  expect(figures).toMatchObject({ overdueDeletions: 5, overdueHours: 1 });
  const rest = deletions([due(1, 2), due(2, 5), due(4, 3)], { pointerHistory: [] });
  expect(rest.actions.map((action) => action.kind === "delete-snapshot" && action.snapshotId)).toEqual([
    "snap-2",
    "snap-4",
  ]);
});
