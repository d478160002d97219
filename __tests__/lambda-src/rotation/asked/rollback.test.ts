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
import { planRollback, type RollbackOptions } from "../../../../lambda-src/rotation/asked/rollback";
import type { State } from "../../../../lambda-src/rotation/types";
import { REJECTED_MAXIMUM, TAG } from "../../../../lib/contract";

const [GOOD, BAD] = [snapshot("1", 2 * DAY, "good"), snapshot("2", DAY, "bad")];
const AFTER = { snapshots: [GOOD, BAD], ...pointing("snap-1", "snap-2") };
const REJECTED = { [TAG.state]: "rejected" };
const volume = (content: string) => ({
  id: VOLUME,
  state: "available",
  createdAt: NOW - 9 * DAY,
  snapshotId: "",
  tags: { ...OURS, [TAG.content]: content },
});

function roll(change: Partial<State> = {}, options: Partial<RollbackOptions> = {}, settings = SETTINGS) {
  return planRollback(state({ ...AFTER, ...change }), settings, { from: "bad", ...options });
}
const essence = (answer: ReturnType<typeof roll>) =>
  answer.refused ??
  answer.actions.map(({ reason: _reason, ...action }) => (action.kind === "write-template" ? action.kind : action));

test("rejects the content first, tags snapshot and volume, moves the pointer, then the templates", () => {
  const answer = roll({ volumes: [volume("bad")], launchTemplates: [template("lt-1", "snap-2")], rejected: ["older"] });
  expect(essence(answer)).toEqual([
    { kind: "write-rejected", contents: ["bad", "older"] },
    { kind: "tag-rejected", resourceIds: ["snap-2", VOLUME] },
    { kind: "write-pointer", value: "snap-1" },
    "write-template",
  ]);
  expect(answer).toMatchObject({ refused: null, target: "snap-1" });
});

test("the volume is not tagged if it holds another content by now, or if the region copies", () => {
  const tagged = { kind: "tag-rejected", resourceIds: ["snap-2"] };
  expect(essence(roll({ volumes: [volume("newer")] }))).toContainEqual(tagged);
  const copied = { snapshots: [copy("1", 2 * DAY, "good"), copy("2", DAY, "bad")] };
  expect(essence(roll({ ...copied, volumes: [volume("bad")] }, {}, COPYING))).toContainEqual(tagged);
});

test("a pin on what is left is taken off", () => {
  const pinned = { ...BAD, tags: { ...BAD.tags, [TAG.pin]: "promoted" } };
  expect(essence(roll({ snapshots: [GOOD, pinned] }))).toContainEqual({ kind: "unpin", snapshotId: "snap-2" });
});

test("without a way back nothing is planned, unless none is wanted: then the templates go first", () => {
  const alone = { snapshots: [BAD], ...pointing("snap-2"), launchTemplates: [template("lt-1", "snap-2")] };
  expect(essence(roll(alone))).toMatch(/no other healthy snapshot that was served before is left in eu-west-1/);
  expect(essence(roll(alone, { toNone: true })).slice(-2)).toEqual([
    "write-template",
    { kind: "write-pointer", value: "none" },
  ]);
});

test("a region that serves another content only learns to refuse this one, once", () => {
  const answer = roll({}, { from: "elsewhere" });
  expect(essence(answer)).toEqual([{ kind: "write-rejected", contents: ["elsewhere"] }]);
  expect(answer).toMatchObject({ target: "snap-2" });
  expect(essence(roll({ ...pointing() }))).toEqual([{ kind: "write-rejected", contents: ["bad"] }]);
  expect(essence(roll({ rejected: ["elsewhere"] }, { from: "elsewhere" }))).toEqual([]);
});

test("further back, past what is rejected already", () => {
  const older = snapshot("0", 3 * DAY, "oldest");
  const change = { snapshots: [older, GOOD, BAD], ...pointing("snap-0", "snap-1", "snap-2", "snap-1") };
  expect(roll({ ...change, rejected: ["bad"] }, { from: "good" })).toMatchObject({ target: "snap-0" });
});

test("said again, it ends what the first left undone, and goes back no further", () => {
  const writtenAt = NOW - HOUR - 1;
  const moved = {
    ...pointing("snap-1", "snap-2", "snap-1"),
    rejected: ["bad"],
    rejectedWrites: [
      { value: "none", writtenAt: 0 },
      { value: "bad", writtenAt },
    ],
  };
  const older = snapshot("0", 3 * DAY, "oldest");
  const again = (snapshots: State["snapshots"]) =>
    roll({ ...moved, snapshots: [older, ...snapshots], launchTemplates: [template("lt-1", "snap-2")] });
  expect(essence(again([GOOD, BAD]))).toEqual([{ kind: "tag-rejected", resourceIds: ["snap-2"] }, "write-template"]);
  expect(essence(again([GOOD, { ...BAD, tags: { ...BAD.tags, ...REJECTED } }]))).toEqual(["write-template"]);
  // The snapshot that was left may be deleted by then.
  expect(essence(again([GOOD]))).toEqual(["write-template"]);
});

describe("a promoted snapshot that does not say its content", () => {
  const { [TAG.content]: _content, ...tags } = BAD.tags;

  test("is tagged alone, and named by its id", () => {
    const answer = roll({ snapshots: [GOOD, { ...BAD, tags }] }, { from: "snap-2" });
    expect(essence(answer)).toEqual([
      { kind: "tag-rejected", resourceIds: ["snap-2"] },
      { kind: "write-pointer", value: "snap-1" },
    ]);
  });

  test("is left once, too", () => {
    const left = { ...BAD, tags: { ...tags, ...REJECTED } };
    const again = { snapshots: [GOOD, left], ...pointing("snap-1", "snap-2", "snap-1") };
    expect(essence(roll(again, { from: "snap-2" }))).toEqual([]);
  });
});

test("no more than fifty contents are remembered, the newest first", () => {
  const rejected = Array.from({ length: REJECTED_MAXIMUM }, (_, index) => `c${index}`);
  const answer = roll({ rejected });
  const [first] = answer.refused === null ? answer.actions : [];
  const contents = first?.kind === "write-rejected" ? first.contents : [];
  expect([contents.length, contents[0], contents.at(-1)]).toEqual([50, "bad", "c48"]);
});
