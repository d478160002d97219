/** Goals, pages and picture are made of the results as they are meant. The figures here are made up; `npm run generate -- --check` holds the pages. */
import { median, medians } from "../../bench/lab/median";
import { added, type BuildFigures, goalsOf, isMet, type Results, type WorkerKind } from "../../bench/lab/results";
import { renderBenchPage, renderFirstPage } from "../../scripts/generate/bench-page";
import { renderLabPicture } from "../../scripts/generate/lab-picture";

const circumstances = {
  date: "2030-01-02",
  cores: 3,
  memoryGib: 7,
  kernel: "9.9",
  docker: "99.1",
  repetitions: 5,
  load: 0.1,
};
const [MB, IMAGE] = [1e6, "registry.lab/language:1"];
const figures = (boot: number, run: number, sinceMount?: number) => ({
  image: IMAGE,
  boot,
  run,
  ...(sinceMount !== undefined && { sinceMount, beforeDocker: 0.4, hotBytes: 50 * MB, loadedBytes: 60 * MB }),
});
const kinds = {
  "cold-1g": figures(25, 21),
  loaded: figures(5, 1, 2),
  "lazy-15-hot": figures(5.5, 1.2, 2.5),
  "lazy-15-none": figures(9, 3, 7),
  "lazy-15-all-first": figures(30, 1, 27),
} as unknown as Results["workers"]["kinds"];
const build = (seconds: number, rest: object = {}): BuildFigures => ({
  seconds,
  steps: { pulling: seconds / 2 },
  ...rest,
});
const results: Results = {
  workers: { ...circumstances, cachedBytes: 1000 * MB, kinds },
  builds: {
    ...circumstances,
    images: 9,
    oneByOneSeconds: 160,
    full: build(100, { incrementBytes: 900 * MB }),
    unchanged: build(4),
    smallChange: { ...build(18, { incrementBytes: 20 * MB }), changedBytes: 10 * MB },
    largeChange: { ...build(40, { incrementBytes: 330 * MB }), changedBytes: 300 * MB },
  },
};
const PAGE = "above\n<!-- generated: lab -->\n<!-- end: lab -->\nbelow\n";

test("each goal is the ratio that its words say", () => {
  const measured = goalsOf(results).map(({ id, measured: value }) => [id, Math.round(value * 100) / 100]);
  const [P1, P2, P3, P4] = ["P1", "P2", "P3", "P4"];
  expect(measured).toEqual([
    [P1, 21],
    [P2, 10],
    [P2, 5],
    [P3, 0.4],
    [P4, 1.6],
    [P4, 18],
    [P4, 4],
    [P4, 1.1],
  ]);
  expect(goalsOf(results).every(isMet)).toBe(true);
  expect(added(results.workers, "lazy-15-none")).toBe(5);
});

test("a goal that is missed is called missed, with the factor", () => {
  const slow = { ...kinds, "lazy-15-hot": { ...kinds["lazy-15-hot" as WorkerKind], beforeDocker: 1 } };
  const page = renderBenchPage(PAGE, { ...results, workers: { ...results.workers, kinds: slow } });
  expect(page).toContain(
    "user data before Docker's own start | 1.00 s | at most 0.5 s | **missed**, by a factor of 2.00",
  );
  expect(renderBenchPage(PAGE, results)).not.toContain("missed");
});

test("the page holds the figures, where they were measured, and what was around it", () => {
  const page = renderBenchPage(PAGE, results);
  expect(page).toContain("| `language:1` | 15 ms a block, hot set read first | 5.50 | 1.20 | 2.50 | 0.50 | 60 |");
  expect(page).toContain("| one small image changed | 18.00 | 9.00 | 10 | 20 |");
  expect(page).toContain("| nothing changed | 4.00 | 2.00 |  | no snapshot |");
  expect(page).toContain("2030-01-02, medians of 5, with 3 cores, 7 GiB, Linux 9.9, Docker 99.1.");
  expect(page).toMatch(/^above\n[\s\S]*\nbelow\n$/);
  expect(renderBenchPage(page, results)).toBe(page);
});

test("a machine that was busy with other work is called so", () => {
  const busy = { ...results, workers: { ...results.workers, load: 7 } };
  expect(renderBenchPage(PAGE, busy)).toContain("**The machine was busy with other work: load average 7.**");
  expect(renderLabPicture(busy)).toContain("machine busy with other work (load 7)");
});

test("without builds, the page says that they have not been measured", () => {
  const { builds: _, ...rest } = results;
  expect(renderBenchPage(PAGE, rest)).toContain("P4 has not been measured yet");
  expect(goalsOf(rest).map(({ id }) => id)).not.toContain("P4");
});

test("the first page says what loading adds with and without hydration", () => {
  const page = renderFirstPage(PAGE, results);
  expect(page).toContain("takes 4.0 s longer than a loaded one");
  expect(page).toContain("With the hot set read first, it takes 0.5 s longer");
  expect(page).toContain("](bench/results/lab.svg)");
});

test("the bars of the picture are as long as the times", () => {
  const picture = renderLabPicture(results);
  const widths = [...picture.matchAll(/<rect x="[\d.]+" y="\d+" width="([\d.]+)" height="20"/g)].map(([, w]) =>
    Number(w),
  );
  expect(widths).toHaveLength(10);
  const [cold, all] = [(widths[0] ?? 0) + (widths[1] ?? 0), (widths[2] ?? 0) + (widths[3] ?? 0)];
  expect(cold / all).toBeCloseTo(25 / 30, 2);
  expect((widths[1] ?? 0) / cold).toBeCloseTo(21 / 25, 2);
  expect(picture).toContain(">5.5 s</text>");
});

test("medians", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(() => median([])).toThrow("no values");
  expect(medians([{ a: 1, b: "x" }, { a: 3 }, { a: 2, c: 5 }] as object[])).toEqual({ a: 2, c: 5 });
});
