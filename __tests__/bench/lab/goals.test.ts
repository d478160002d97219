import { factorMissing, goalsOf, isMet } from "../../../bench/lab/goals";
import { RESULTS, withKind } from "./made-up-results";

const round = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 100) / 100);

test("each goal is what its words say", () => {
  const measured = goalsOf(RESULTS).map(({ id, measured: value, low, high }) => [
    id,
    round(low),
    round(value),
    round(high),
  ]);
  expect(measured).toEqual([
    ["P1", 30, 30, 30],
    ["P1", 24, 24, 24],
    ["P1", 8.65, 8.91, 9.16],
    ["P2", 8.57, 8.61, 8.65],
    ["P2", 5, 5, 5],
    ["P3", 0.2, 0.2, 0.2],
    ["P3", 0.5, 0.5, 0.5],
    ["P9", 27.78, 28.25, 28.72],
    ["P9", 22.22, 22.55, 22.87],
    ["P9", 1.49, 1.5, 1.5],
    ["P4", undefined, 11, undefined],
    ["P4", undefined, 8, undefined],
    ["P4", undefined, 2.5, undefined],
    ["P4", undefined, 1.05, undefined],
    ["P4", undefined, 1.05, undefined],
    ["P6", 10, 10, 10],
    ["P6", 30, 30, 30],
    ["P6", 15, 15, 15],
    ["P6", 35, 35, 35],
    ["P7", 8, 8, 8],
    ["P7", 0.5, 0.53, 0.55],
    ["P7", 0, 0, 0],
  ]);
  expect(goalsOf(RESULTS).filter((goal) => !isMet(goal))).toEqual([]);
});

test("P2 is decided by its worst turn, the others by the median", () => {
  const missed = (results: Parameters<typeof goalsOf>[0]) => goalsOf(results).filter((goal) => !isMet(goal));
  const slowOnce = withKind("15ms-hot/traced", (worker) =>
    worker.turn === 1 ? worker : { ...worker, sinceMount: 3.2 },
  );
  const [goal, ...others] = missed(slowOnce);
  expect([goal?.id, others]).toEqual(["P2", []]);
  expect(goal && factorMissing(goal)).toBeCloseTo((goal?.high ?? 0) / 20);
  expect(goal?.measured).toBeLessThan(20);
  expect(
    missed(withKind("loaded/traced", (worker) => (worker.turn === 1 ? worker : { ...worker, script: 2.35 }))),
  ).toEqual([]);
});

test("P7 is missed by a single request of a job that has its image on disk", () => {
  const { images } = RESULTS;
  const [first, second] = images.ways.disk;
  const disk = [first, { ...second, requests: 1 }] as typeof images.ways.disk;
  const missed = goalsOf({ images: { ...images, ways: { ...images.ways, disk } } }).filter((goal) => !isMet(goal));
  expect(missed.map(({ id, unit, high }) => [id, unit, high])).toEqual([["P7", "requests", 1]]);
});

test("how far off: by what factor more, or less", () => {
  const goal = { id: "P1", what: "", unit: "x", measured: 10, goal: 20 } as const;
  expect(factorMissing({ ...goal, atLeast: true })).toBe(2);
  expect(factorMissing(goal)).toBe(0.5);
});

test("what was not measured has no goal", () => {
  const { workers, builds } = RESULTS;
  expect(goalsOf({})).toEqual([]);
  expect(goalsOf({ workers }).map(({ id }) => id)).not.toContain("P4");
  expect(goalsOf({ workers: { ...workers, kinds: {} } })).toEqual([]);
  const { bootSeconds: _, ...smallChange } = builds.smallChange;
  const { fileBytes: __, ...rest } = { ...builds, smallChange };
  expect(goalsOf({ builds: rest }).map(({ what }) => what)).toEqual([
    "a first build, launch to gone, beyond its pulls",
    "a build of an unchanged set",
    "bytes of the increment for each byte changed, the largest image replaced",
  ]);
});
