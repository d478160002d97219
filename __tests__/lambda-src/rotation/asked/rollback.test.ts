import {
  COPYING,
  DAY,
  NOW,
  OURS,
  pointing,
  SETTINGS,
  snapshot,
  state,
  template,
  VOLUME,
} from "../../../../lab/fake/example-state";
import { planRollback, promotedContent, type RollbackOptions } from "../../../../lambda-src/rotation/asked/rollback";
import type { State } from "../../../../lambda-src/rotation/types";
import { REJECTED_MAXIMUM, TAG } from "../../../../lib/contract";

const [GOOD, BAD] = [snapshot("1", 2 * DAY, "good"), snapshot("2", DAY, "bad")];
const AFTER = { snapshots: [GOOD, BAD], ...pointing("snap-1", "snap-2") };
const volume = (content: string) => ({
  id: VOLUME,
  state: "available",
  createdAt: NOW - 9 * DAY,
  snapshotId: "",
  tags: { ...OURS, [TAG.content]: content },
});

function roll(change: Partial<State> = {}, options: RollbackOptions = {}, settings = SETTINGS) {
  return planRollback(state({ ...AFTER, ...change }), settings, options);
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

test("the volume is not tagged where it holds another content by now, or where the region copies", () => {
  const tagged = { kind: "tag-rejected", resourceIds: ["snap-2"] };
  expect(essence(roll({ volumes: [volume("newer")] }))).toContainEqual(tagged);
  const copied = {
    snapshots: AFTER.snapshots.map((one) => ({ ...one, tags: { ...one.tags, "aws:dlm:lifecycle-policy-id": "p" } })),
  };
  expect(essence(roll({ ...copied, volumes: [volume("bad")] }, {}, COPYING))).toContainEqual(tagged);
});

test("a pin on what is left is taken off", () => {
  const pinned = { ...BAD, tags: { ...BAD.tags, [TAG.pin]: "promoted" } };
  expect(essence(roll({ snapshots: [GOOD, pinned] }))).toContainEqual({ kind: "unpin", snapshotId: "snap-2" });
});

test("without a predecessor it refuses, unless none is wanted: then the templates go first", () => {
  const alone = { snapshots: [BAD], ...pointing("snap-2"), launchTemplates: [template("lt-1", "snap-2")] };
  expect(essence(roll(alone))).toMatch(/no other healthy snapshot.*--to-none/);
  expect(essence(roll(alone, { toNone: true })).slice(-2)).toEqual([
    "write-template",
    { kind: "write-pointer", value: "none" },
  ]);
});

test("nothing promoted: nothing to roll back from", () => {
  expect(essence(roll({ ...pointing() }))).toMatch(/nothing is promoted in eu-west-1/);
});

describe("with the contents that other regions roll back from", () => {
  test("a region that has another one only learns to refuse them", () => {
    const answer = roll({}, { contents: ["elsewhere"] });
    expect(essence(answer)).toEqual([{ kind: "write-rejected", contents: ["elsewhere"] }]);
    expect(answer).toMatchObject({ target: "snap-2" });
    expect(essence(roll({ ...pointing() }, { contents: ["bad"] }))).toEqual([
      { kind: "write-rejected", contents: ["bad"] },
    ]);
    expect(essence(roll({ rejected: ["elsewhere"] }, { contents: ["elsewhere"] }))).toEqual([]);
  });

  test("the way back avoids all of them", () => {
    const older = snapshot("0", 3 * DAY, "oldest");
    const change = { snapshots: [older, GOOD, BAD], ...pointing("snap-0", "snap-1", "snap-2") };
    expect(roll(change, { contents: ["bad", "good"] })).toMatchObject({ target: "snap-0" });
  });
});

test("a promoted snapshot that does not say its content is tagged alone", () => {
  const { [TAG.content]: _content, ...tags } = BAD.tags;
  const answer = roll({ snapshots: [GOOD, { ...BAD, tags }] });
  expect(essence(answer).slice(0, 1)).toEqual([{ kind: "tag-rejected", resourceIds: ["snap-2"] }]);
  expect(promotedContent(state({ ...AFTER, snapshots: [GOOD, { ...BAD, tags }] }), SETTINGS)).toBeUndefined();
  expect(essence(roll({ snapshots: [GOOD, { ...BAD, tags }] }, { contents: ["x"] }))).toEqual([
    { kind: "write-rejected", contents: ["x"] },
  ]);
  expect([promotedContent(state(AFTER), SETTINGS), promotedContent(state(), SETTINGS)]).toEqual(["bad", undefined]);
});

test("no more than fifty contents are remembered, the newest first", () => {
  const rejected = Array.from({ length: REJECTED_MAXIMUM }, (_, index) => `c${index}`);
  const answer = roll({ rejected });
  const [first] = answer.refused === null ? answer.actions : [];
  const contents = first?.kind === "write-rejected" ? first.contents : [];
  expect([contents.length, contents[0], contents.at(-1)]).toEqual([50, "bad", "c48"]);
});
