import {
  COPYING,
  copy,
  DAY,
  HOUR,
  pointing,
  SETTINGS,
  snapshot,
  state,
  template,
} from "../../../../lab/fake/example-state";
import { judge } from "../../../../lambda-src/rotation/plan/judge";
import { move } from "../../../../lambda-src/rotation/plan/move";
import { POINTER_NONE } from "../../../../lib/contract";

const kinds = (actions: ReturnType<typeof move>) => actions.map((action) => action.kind);

test("R9 the pointer first when it gains a snapshot, the templates first when it loses one", () => {
  const before = state({ snapshots: [snapshot("1", HOUR)], launchTemplates: [template("lt-1", "snap-0")] });
  const [target] = judge(before, SETTINGS);
  expect(kinds(move(target, judge(before, SETTINGS), before, "newer"))).toEqual(["write-pointer", "write-template"]);
  const pointer = { ...before.pointer, value: "snap-0" };
  const off = move(undefined, [], { ...before, pointer }, "gone");
  expect(kinds(off)).toEqual(["write-template", "write-pointer"]);
  expect(off[1]).toMatchObject({ value: POINTER_NONE, reason: "gone" });
});

test("a pointer that says it already is not written", () => {
  const there = state({ snapshots: [snapshot("1", HOUR)], launchTemplates: [template("lt-1", "snap-1")] });
  const pointer = { ...there.pointer, value: "snap-1" };
  const [target] = judge(there, SETTINGS);
  expect(move(target, judge(there, SETTINGS), { ...there, pointer }, "same")).toEqual([]);
});

describe("J2 before other content is promoted", () => {
  const [a, longer, b] = [copy("1", 9 * DAY, "a"), copy("2", 2 * DAY, "a"), copy("3", DAY, "b")];
  const values = (snapshots: (typeof a)[], target: string, history = ["snap-1"]) => {
    const before = state({ snapshots, ...pointing(...history), volumeId: null });
    const judged = judge(before, COPYING);
    const actions = move(
      judged.find((one) => one.snapshot.id === target),
      judged,
      before,
      "newer",
    );
    return actions.map((action) => action.kind === "write-pointer" && action.value);
  };

  test("the pointer names, for its history, the copy of the present content that lasts longest", () => {
    expect(values([a, longer, b], "snap-3")).toEqual(["snap-2", "snap-3"]);
  });

  test("not if that is named already, nor for another copy of the same content", () => {
    expect(values([a, b], "snap-3")).toEqual(["snap-3"]);
    expect(values([a, copy("4", 9 * DAY, "a"), b], "snap-3")).toEqual(["snap-3"]);
    expect(values([a, longer], "snap-2")).toEqual(["snap-2"]);
  });

  test("not if what is left never expires, or can no longer serve", () => {
    expect(values([snapshot("1", 9 * DAY, "a", { volumeId: "v" }), longer, b], "snap-3")).toEqual(["snap-3"]);
    const rejected = { ...a, tags: { ...a.tags, "docker-cache:state": "rejected" } };
    expect(values([rejected, longer, b], "snap-3")).toEqual(["snap-3"]);
  });
});
