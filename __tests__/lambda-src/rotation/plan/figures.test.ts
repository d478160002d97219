import {
  COPYING,
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
import { plan } from "../../../../lambda-src/rotation/plan/plan";
import type { State, Volume } from "../../../../lambda-src/rotation/types";
import { TAG } from "../../../../lib/contract";

const figures = (change: Partial<State>, settings = SETTINGS) => plan(state(change), settings).figures;
const age = (change: Partial<State>, settings = SETTINGS) => figures(change, settings).promotedAgeHours;
const OLD = { snapshots: [snapshot("1", 5 * DAY, "a")], ...pointing("snap-1"), pointerHistoryComplete: false };

function volume(content: string | undefined, checked: string, id = VOLUME): Volume {
  const tags = { ...OURS, [TAG.checked]: checked, ...(content && { [TAG.content]: content }) };
  return { id, state: "available", createdAt: NOW - 9 * DAY, snapshotId: "", tags };
}
const at = (hours: number) => new Date(NOW - hours * HOUR).toISOString();

describe("R14 age of the promoted snapshot runs from the latest of", () => {
  test.each<[string, number | null, Partial<State>]>([
    ["the promoted build", 120, OLD],
    ["the pointer's creation", 2, { ...OLD, pointerHistoryComplete: true }],
    ["a check that found the promoted content", 3, { ...OLD, volumes: [volume("a", at(3))] }],
    ["a check that found a rejected content", 3, { ...OLD, rejected: ["b"], volumes: [volume("b", at(3))] }],
    [
      "not a check of anything else",
      120,
      { ...OLD, volumes: [volume("c", at(3)), volume(undefined, at(3)), volume("a", at(3), "vol-2")] },
    ],
    [
      "not a check of the future, nor of no time",
      120,
      { ...OLD, volumes: [volume("a", at(-1)), volume("a", "yesterday")] },
    ],
    [
      "a build whose snapshot is pending",
      1,
      { ...OLD, snapshots: [...OLD.snapshots, snapshot("2", HOUR, "b", { state: "pending" })] },
    ],
    [
      "not a pending snapshot of another volume, or of the future",
      120,
      {
        ...OLD,
        snapshots: [
          ...OLD.snapshots,
          snapshot("2", HOUR, "b", { state: "pending", volumeId: "vol-x" }),
          snapshot("3", -HOUR, "b", { state: "pending" }),
        ],
      },
    ],
    ["nothing, while the builder stack is not there", null, { ...OLD, volumeId: null }],
    ["a pointer without a history", NOW / HOUR, { pointerHistory: [], pointerHistoryComplete: true }],
  ])("%s", (_name, hours, change) => {
    expect(age(change)).toBe(hours);
  });

  test("where it is copied, what the copies say: they bear the volume's tags", () => {
    const snapshots = [copy("1", 5 * DAY, "a"), copy("2", DAY, "a", 14, { tags: { [TAG.checked]: at(30) } })];
    expect(age({ snapshots, ...pointing("snap-1"), pointerHistoryComplete: false, volumeId: null }, COPYING)).toBe(30);
    const pending = copy("3", HOUR, "b", 14, { state: "pending" });
    expect(age({ ...OLD, snapshots: [...snapshots, pending], volumeId: null }, COPYING)).toBe(1);
  });

  test("a candidate that waits for fast restore", () => {
    const snapshots = [...OLD.snapshots, snapshot("2", HOUR, "b")];
    expect(age({ ...OLD, snapshots }, { ...SETTINGS, fastRestoreZones: ["a"] })).toBe(1);
  });
});

test("withdrawn only after there was something", () => {
  expect([figures({}).withdrawn, figures(pointing("snap-1")).withdrawn, figures(OLD).withdrawn]).toEqual([0, 1, 0]);
});

test("free growth: what of the volume no snapshot holds yet", () => {
  expect([figures(OLD).freeGrowthGib, figures({}).freeGrowthGib]).toEqual([30, null]);
  const of = (fullSizeBytes: number | null) =>
    figures({ ...OLD, snapshots: [snapshot("1", 5 * DAY, "a", { fullSizeBytes })] });
  expect([of(null).freeGrowthGib, of(99 * 1024 ** 3).freeGrowthGib]).toEqual([null, 0]);
});

test("counts, and notes on what was refused", () => {
  const foreign = snapshot("f", HOUR, "x", { volumeId: "vol-x" });
  const rival = { ...volume("a", at(3), "vol-2"), tags: { ...OURS, [TAG.role]: "cache-volume" } };
  const made = plan(state({ ...OLD, snapshots: [...OLD.snapshots, foreign], volumes: [rival] }), SETTINGS);
  expect(made.figures).toMatchObject({
    foreign: 2,
    unprovenCopies: null,
    failedBuilds: 0,
    snapshots: 2,
    healthySnapshots: 1,
  });
  expect(made.notes).toEqual([
    "snap-f bears the tags of this cache, but nothing proves that it comes from its volume: refused",
    "volume vol-2 claims to be the cache volume and is not the one of the builder stack",
  ]);
  const unproven = plan(
    state({ snapshots: [snapshot("u", HOUR, "x", { volumeId: "vol-x" })], volumeId: null }),
    COPYING,
  );
  const { unprovenCopies, foreign: none, failedBuilds } = unproven.figures;
  expect([unprovenCopies, none, failedBuilds, unproven.notes[0]]).toEqual([
    1,
    0,
    null,
    expect.stringMatching(/copy_proof/),
  ]);
});

describe("what DLM will delete", () => {
  const copying = (change: Partial<State>) => plan(state({ volumeId: null, ...change }), COPYING);
  const a = copy("1", 10 * DAY, "a");

  test("hours until what is served expires and nothing can take its place", () => {
    const life = (snapshots: State["snapshots"], history = ["snap-1"], settings = COPYING) =>
      plan(state({ volumeId: null, snapshots, ...pointing(...history) }), settings).figures.servedLifeHours;
    expect(life([a])).toBe(96);
    const pinned = { ...a, tags: { ...a.tags, [TAG.pin]: "promoted" } };
    expect(life([pinned, copy("2", 8 * DAY, "a")])).toBe(96);
    // A copy of the same content will take its place; one of a rejected or older content will not.
    expect(life([a, copy("2", 8 * DAY, "a")])).toBe(144);
    expect(life([copy("0", 11 * DAY, "z", 20), a])).toBe(96);
    expect(life([snapshot("1", DAY, "a")])).toBeNull();
    expect(life([], [])).toBeNull();
    const waits = { ...COPYING, fastRestoreZones: ["a"] };
    expect(life([a, copy("2", HOUR, "b")], ["snap-1"], waits)).toBe(335);
  });

  test("pinned copies, and versions of anybody's that name a copy, are told; current ones of ours are written in time", () => {
    const by = (templateId: string, version: number) => ({
      snapshotId: "snap-1",
      by: `launch template ${templateId} version ${version}`,
      version: { templateId, version },
    });
    const pinned = { ...a, tags: { ...a.tags, [TAG.pin]: "mine" } };
    const change: Partial<State> = {
      snapshots: [pinned],
      ...pointing("snap-1"),
      launchTemplates: [template("lt-1", "snap-1")],
      references: [by("lt-1", 3), by("lt-1", 2), by("lt-x", 1), { snapshotId: "snap-1", by: "AMI ami-1" }],
      referencesOf: "all",
    };
    const made = copying(change);
    expect(made.figures.expiringReferences).toBe(2);
    expect(made.notes).toEqual([
      "launch template lt-1 version 2 names snap-1, which DLM deletes at 2026-11-25T12:00:00.000Z: then its launches fail",
      "launch template lt-x version 1 names snap-1, which DLM deletes at 2026-11-25T12:00:00.000Z: then its launches fail",
      "snap-1 is pinned, but DLM deletes it at 2026-11-25T12:00:00.000Z: a pin does not bind DLM",
    ]);
    expect(copying({ ...change, referencesOf: "none", references: [] }).figures.expiringReferences).toBeNull();
    expect(plan(state({ ...change, snapshots: [snapshot("1", DAY)] }), SETTINGS).figures.expiringReferences).toBe(0);
  });
});
