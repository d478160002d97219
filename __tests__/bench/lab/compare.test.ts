import { added, inTurns, overlap, spreadOfKind } from "../../../bench/lab/compare";
import { WORKERS } from "./made-up-results";

test("workers are compared turn by turn, as far as both were measured", () => {
  const [first, second] = WORKERS.kinds["loaded/traced"] ?? [];
  const run = (...workers: readonly { run: number }[]) => workers.reduce((sum, worker) => sum + worker.run, 0);
  const both = inTurns(WORKERS, ["cold-1g/traced", "loaded/traced"], run);
  expect(both).toEqual({ low: 31, median: expect.closeTo(32.55), high: expect.closeTo(34.1) });
  const without = (turn: typeof first) => ({
    ...WORKERS,
    kinds: { ...WORKERS.kinds, "loaded/traced": turn ? [turn] : [] },
  });
  expect(inTurns(without(second), ["cold-1g/traced", "loaded/traced"], run)?.low).toBeCloseTo(34.1);
  expect(inTurns(without(undefined), ["cold-1g/traced", "loaded/traced"], run)).toBeUndefined();
  expect(inTurns(WORKERS, ["15ms-all/all"], run)).toBeUndefined();
});

test("a figure that a kind does not have is none", () => {
  expect(spreadOfKind(WORKERS, "cold-1g/traced", ({ sinceMount }) => sinceMount)).toBeUndefined();
  expect(spreadOfKind(WORKERS, "loaded/traced", ({ sinceMount }) => sinceMount)?.low).toBeCloseTo(2);
});

test("loading adds what a loaded volume does not take, for the same command", () => {
  expect(added(WORKERS, "gp3-hot/other")).toEqual({
    low: expect.closeTo(3),
    median: expect.closeTo(3.15),
    high: expect.closeTo(3.3),
  });
  expect(added(WORKERS, "gp3-all/all")).toBeUndefined();
});

test("of 40 MB that the other command reads itself, 28 are not in the hot set", () => {
  expect(overlap(WORKERS, "gp3", "other")?.median).toBeCloseTo(30);
  expect(overlap(WORKERS, "15ms", "other")).toBeUndefined();
});
