import {
  COPYING,
  copy,
  DAY,
  HOUR,
  pointing,
  SETTINGS,
  snapshot,
  state,
  VOLUME,
} from "../../../../lab/fake/example-state";
import { plan } from "../../../../lambda-src/rotation/plan/plan";
import type { Snapshot, State } from "../../../../lambda-src/rotation/types";
import { DLM_TAG, type RotationSettings, TAG } from "../../../../lib/contract";

/** For each snapshot: why it is kept, or the rule that removes it. */
function verdicts(
  snapshots: readonly Snapshot[],
  change: Partial<State> = {},
  settings: Partial<RotationSettings> = {},
) {
  const { decisions } = plan(state({ snapshots, ...change }), { ...SETTINGS, ...settings });
  return Object.fromEntries(decisions.map(({ snapshotId, keep, remove }) => [snapshotId.slice(5), remove ?? keep]));
}

const builds = (count: number) =>
  Array.from({ length: count }, (_, index) => snapshot(`${index}`, (index + 1) * DAY, `c${index}`));
/** Four newer ones, so that the one in question has no rank. */
const crowded = (one: Snapshot) => [one, ...["w", "x", "y", "z"].map((id, index) => snapshot(id, index * HOUR))];
const judged = (one: Snapshot, change: Partial<State> = {}, settings: Partial<RotationSettings> = {}) =>
  verdicts(crowded(one), { ...pointing("snap-w"), ...change }, settings)[one.id.slice(5)];

test("the promoted one, the way back, and the newest ones stay; what is older is superseded", () => {
  expect(verdicts(builds(6), pointing("snap-4", "snap-0"))).toEqual({
    0: ["promoted", "among the newest 3 healthy ones", "never fewer than 2 healthy ones"],
    1: ["among the newest 3 healthy ones", "never fewer than 2 healthy ones"],
    2: ["among the newest 3 healthy ones"],
    3: "superseded",
    4: ["what a rollback goes to"],
    5: "superseded",
  });
});

test("keepWithinDays adds what is young", () => {
  const kept = verdicts(builds(5), pointing("snap-0"), { keepLast: 1, keepWithinDays: 4 });
  expect(kept).toMatchObject({ 2: ["younger than 4 days"], 3: "superseded", 4: "superseded" });
});

test("minKeep outranks keepLast", () => {
  expect(verdicts(builds(4), pointing("snap-0"), { keepLast: 1, minKeep: 3 })).toMatchObject({
    2: ["never fewer than 3 healthy ones"],
    3: "superseded",
  });
});

test("the pointer still names one that is replaced in this run, and one that waits for fast restore stays", () => {
  const at = { ...pointing("snap-9"), rejected: ["c9"] };
  expect(verdicts([...builds(3), snapshot("9", 9 * DAY, "c9")], at)[9]).toEqual(["the pointer still names it"]);
  const waiting = verdicts(builds(2), pointing("snap-1"), { fastRestoreZones: ["a"], cadenceHours: 24 });
  expect(waiting[0]).toContain("never fewer than 2 healthy ones");
  const fresh = [snapshot("n", HOUR, "new"), ...builds(1)];
  expect(verdicts(fresh, pointing("snap-0"), { fastRestoreZones: ["a"] }).n).toContain(
    "waits for fast snapshot restore",
  );
});

test.each<[string, readonly string[] | string, Snapshot, Partial<State>, Partial<RotationSettings>]>([
  ["pinned", ["pinned"], snapshot("q", 9 * DAY, "q", { tags: { [TAG.pin]: "promoted" } }), {}, {}],
  ["pending", ["EC2 has not finished it"], snapshot("q", 9 * DAY, "q", { state: "pending" }), {}, {}],
  ["failed", "EC2 failed to make it", snapshot("q", 9 * DAY, "q", { state: "error" }), {}, {}],
  [
    "building",
    "taken of a volume in the middle of a build",
    snapshot("q", 9 * DAY, "q", { tags: { [TAG.state]: "building" } }),
    {},
    {},
  ],
  ["tagged rejected", "rejected", snapshot("q", 9 * DAY, "q", { tags: { [TAG.state]: "rejected" } }), {}, {}],
  ["of rejected content", "rejected", snapshot("q", 9 * DAY, "q"), { rejected: ["q"] }, {}],
  [
    "without content",
    "superseded",
    snapshot("q", 9 * DAY, "q", { tags: { [TAG.content]: undefined as never } }),
    { rejected: ["q"] },
    {},
  ],
  [
    "of an unknown state",
    ["its tag docker-cache:state is none that we write"],
    snapshot("q", 9 * DAY, "q", { tags: { [TAG.state]: "frozen" } }),
    {},
    {},
  ],
  ["of the future", ["dated in the future"], snapshot("q", -DAY), {}, {}],
  ["archived", ["archived by somebody"], snapshot("q", 9 * DAY, "q", { archived: true }), {}, {}],
  [
    "referred to",
    ["referred to by AMI ami-1", "referred to by a lock"],
    snapshot("q", 9 * DAY),
    {
      references: [
        { snapshotId: "snap-q", by: "AMI ami-1" },
        { snapshotId: "snap-q", by: "a lock" },
      ],
    },
    {},
  ],
  [
    "foreign",
    ["not ours: nothing proves where it comes from"],
    snapshot("q", 9 * DAY, "q", { volumeId: "vol-x" }),
    {},
    {},
  ],
  [
    "without proof",
    ["not ours: DLM's tag is missing"],
    snapshot("q", 9 * DAY, "q", { volumeId: "vol-x" }),
    { volumeId: null },
    { copyFrom: "eu-west-1" },
  ],
  ["not to be judged", ["no parameter says yet which volume is ours"], snapshot("q", 9 * DAY), { volumeId: null }, {}],
  [
    "DLM's, where it is built",
    ["left to the AWS service that made it"],
    copy("q", 9 * DAY, "q", 8, { volumeId: VOLUME }),
    {},
    {},
  ],
  [
    "DLM's, two days after its date",
    "DLM should have deleted it two days ago",
    copy("q", 9 * DAY, "q", 7, { volumeId: VOLUME }),
    {},
    {},
  ],
  [
    "a backup service's, for ever",
    ["left to the AWS service that made it"],
    snapshot("q", 99 * DAY, "q", { tags: { "aws:backup:source": "x" } }),
    {},
    {},
  ],
])("%s", (_name, expected, one, change, settings) => {
  expect(judged(one, change, settings)).toEqual(expected);
});

test("a copy in a copying region is ours to delete before DLM does", () => {
  const copies = Array.from({ length: 5 }, (_, index) => copy(`${index}`, (index + 1) * HOUR, "a", 14));
  const { decisions } = plan(state({ snapshots: copies, volumeId: null, ...pointing("snap-4") }), COPYING);
  expect(decisions.map((one) => one.remove)).toEqual([null, null, null, "superseded", null]);
  expect(decisions[0]?.keep).toContain("the copy of what is promoted that lasts longest");
  expect(copies[0]?.tags[DLM_TAG.policyId]).toBeDefined();
});
