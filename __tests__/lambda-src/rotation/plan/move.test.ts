import { HOUR, SETTINGS, snapshot, state, template } from "../../../../lab/fake/example-state";
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
