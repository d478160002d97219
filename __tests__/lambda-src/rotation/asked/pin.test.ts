import {
  COPYING,
  copy,
  DAY,
  HOUR,
  NOW,
  pointing,
  SETTINGS,
  snapshot,
  state,
  template,
  VOLUME,
} from "../../../../lab/fake/example-state";
import { planPromote, planUnpin } from "../../../../lambda-src/rotation/asked/pin";
import type { Snapshot, State } from "../../../../lambda-src/rotation/types";
import { TAG } from "../../../../lib/contract";

const tagged = (one: Snapshot, tags: Record<string, string>): Snapshot => ({ ...one, tags: { ...one.tags, ...tags } });
const PIN = { [TAG.pin]: "promoted" };
const [OLD, NEW] = [snapshot("1", 2 * DAY, "a"), snapshot("2", DAY, "b")];
const NOWADAYS = { snapshots: [OLD, NEW], ...pointing("snap-1", "snap-2") };

const promoteContent = (content: string, change: Partial<State> = {}, settings = SETTINGS) =>
  planPromote(state({ ...NOWADAYS, ...change }), settings, { content });
const promote = (id: string, change: Partial<State> = {}, settings = SETTINGS) => {
  const answer = planPromote(state({ ...NOWADAYS, ...change }), settings, { snapshotId: id });
  return (
    answer.refused ??
    answer.actions.map((action) => (action.kind === "write-template" ? action.kind : { ...action, reason: undefined }))
  );
};

test("pins before it moves, so that no run in between moves back", () => {
  expect(promote("snap-1", { launchTemplates: [template("lt-1", "snap-2")] })).toEqual([
    { kind: "pin", snapshotId: "snap-1" },
    { kind: "write-pointer", value: "snap-1" },
    "write-template",
  ]);
});

test("what is promoted already is pinned; what is pinned already is not again; a pin on the one before goes", () => {
  expect(promote("snap-2")).toEqual([{ kind: "pin", snapshotId: "snap-2" }]);
  expect(promote("snap-1", { snapshots: [tagged(OLD, PIN), tagged(NEW, PIN)] })).toEqual([
    { kind: "unpin", snapshotId: "snap-2" },
    { kind: "write-pointer", value: "snap-1" },
  ]);
});

test("a rejected one is wanted again: content out of the list, state ready", () => {
  const rejected = tagged(NEW, { [TAG.state]: "rejected" });
  expect(
    promote("snap-2", { snapshots: [OLD, rejected], rejected: ["b", "z"], ...pointing("snap-2", "snap-1") }),
  ).toEqual([
    { kind: "write-rejected", contents: ["z"] },
    { kind: "tag-ready", snapshotId: "snap-2" },
    { kind: "pin", snapshotId: "snap-2" },
    { kind: "write-pointer", value: "snap-2" },
  ]);
});

test("works where nothing is promoted", () => {
  expect(promote("snap-1", pointing())).toContainEqual({ kind: "write-pointer", value: "snap-1" });
});

const young = { value: VOLUME, writtenAt: NOW - DAY - HOUR, accountId: "x" };
test.each<[string, RegExp, Snapshot[], Partial<State>]>([
  ["there is none", /snap-9 does not exist in eu-west-1/, [], {}],
  ["it is foreign", /snap-9 is foreign: nothing proves/, [snapshot("9", HOUR, "x", { volumeId: "vol-x" })], {}],
  [
    "it is of a former volume and was never promoted",
    /snap-9 is of a former volume, and was never promoted/,
    [snapshot("9", 2 * DAY, "x", { volumeId: "vol-x" })],
    { volumeId: young, knownVolumeIds: [VOLUME, "vol-x"] },
  ],
  ["it is not complete", /snap-9 is pending/, [snapshot("9", HOUR, "x", { state: "pending" })], {}],
  ["a build was under way", /snap-9 is not healthy/, [tagged(snapshot("9", HOUR), { [TAG.state]: "building" })], {}],
  [
    "it is of another store",
    /written by containerd\/26, workers need overlay2$/,
    [tagged(snapshot("9", HOUR), { [TAG.store]: "containerd/26" })],
    {},
  ],
])("refuses where %s", (_name, why, snapshots, change) => {
  expect(promote("snap-9", { snapshots: [...NOWADAYS.snapshots, ...snapshots], ...change })).toMatch(why);
});

test("refuses one that DLM deletes within the hour", () => {
  const ending = copy("9", 14 * DAY - HOUR, "x");
  expect(promote("snap-9", { snapshots: [ending], volumeId: null }, COPYING)).toMatch(/expires within the hour/);
});

test("refuses an engine that is too new, naming the most", () => {
  expect(promote("snap-1", {}, { ...SETTINGS, maxEngine: 25 })).toMatch(
    /overlay2\/26, workers need overlay2 of engine 25 at most/,
  );
  const { [TAG.store]: _store, ...tags } = OLD.tags;
  expect(promote("snap-1", { snapshots: [{ ...OLD, tags }] })).toMatch(/an unknown store/);
});

test("one of a former volume that was promoted before can be promoted", () => {
  expect(promote("snap-1", { snapshots: [{ ...OLD, volumeId: "vol-0ld" }, NEW], volumeId: young })).toContainEqual({
    kind: "pin",
    snapshotId: "snap-1",
  });
});

test("unpin takes the pin off the promoted one, and nothing where there is none", () => {
  const unpin = (snapshots: Snapshot[]) => planUnpin(state({ ...NOWADAYS, snapshots }), SETTINGS);
  expect(unpin([OLD, tagged(NEW, PIN)])).toMatchObject({
    target: "snap-2",
    actions: [{ kind: "unpin", snapshotId: "snap-2" }],
  });
  expect(unpin([tagged(OLD, PIN), NEW])).toMatchObject({ actions: [] });
});

test("unpin of a snapshot that is not promoted", () => {
  const now = state({ ...NOWADAYS, snapshots: [tagged(OLD, PIN), tagged(NEW, PIN)] });
  expect(planUnpin(now, SETTINGS, "snap-1")).toMatchObject({
    target: "snap-2",
    actions: [{ kind: "unpin", snapshotId: "snap-1" }],
  });
  expect(planUnpin(now, SETTINGS, "snap-9")).toMatchObject({ actions: [] });
});

describe("the same content in another region", () => {
  const kinds = (answer: ReturnType<typeof planPromote>) =>
    answer.refused ?? answer.actions.map((action) => [action.kind, "snapshotId" in action && action.snapshotId]);

  test("is promoted by the copy that lasts longest, or by the one that serves already", () => {
    const copies = [copy("1", 9 * DAY, "a"), copy("2", DAY, "b"), copy("3", 2 * DAY, "a")];
    const there = { snapshots: copies, volumeId: null };
    expect(promoteContent("a", { ...there, ...pointing("snap-1", "snap-2") }, COPYING)).toMatchObject({
      target: "snap-3",
    });
    expect(promoteContent("a", { ...there, ...pointing("snap-1") }, COPYING)).toMatchObject({ target: "snap-3" });
    const built = { snapshots: [OLD, snapshot("3", DAY, "a")], ...pointing("snap-1") };
    expect(promoteContent("a", built)).toMatchObject({ target: "snap-1" });
  });

  test("is no longer refused, and its snapshots are ready again", () => {
    const rejected = tagged(NEW, { [TAG.state]: "rejected" });
    const change = { snapshots: [OLD, rejected], rejected: ["b"], ...pointing("snap-2", "snap-1") };
    expect(kinds(promoteContent("b", change))).toEqual([
      ["write-rejected", false],
      ["tag-ready", "snap-2"],
      ["pin", "snap-2"],
      ["write-pointer", false],
    ]);
  });

  test("is not there: it is only no longer refused, and that is told", () => {
    const answer = promoteContent("z", { rejected: ["z"] });
    expect(kinds(answer)).toEqual([["write-rejected", false]]);
    expect(answer).toMatchObject({ target: "snap-2", note: expect.stringMatching(/no snapshot of content z/) });
  });
});
