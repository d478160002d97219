/** The page is made of results as it is meant. The figures here are made up; `npm run generate -- --check` holds the page itself. */
import { renderBenchPage } from "../../../scripts/generate/bench-page";
import { RESULTS, WORKERS, withKind } from "../../bench/lab/made-up-results";

const PAGE = "above\n<!-- generated: lab -->\n<!-- end: lab -->\nbelow\n";

test("it holds the figures with their spread, where they were measured, and what was around it", () => {
  const page = renderBenchPage(PAGE, RESULTS);
  expect(page).toContain(
    "| gp3 as published, hot set read ahead | another | 2.80 | 3.00 | 4.20 (4.00 to 4.40) | 7.20 (7.00 to 7.40) | 5.20 (5.00 to 5.40) | 3.15 (3.00 to 3.30) | 78 |",
  );
  expect(page).toContain(
    "| no cache, pulled at 1 Gbit/s | its own | 1.80 | 2.00 | 31.50 (30.00 to 33.00) | 33.50 (32.00 to 35.00) |  |  |  |",
  );
  expect(page).toContain(
    "| loaded already | its own | 2.00 | 2.20 | 1.05 (1.00 to 1.10) | 3.25 (3.20 to 3.30) | 2.05 (2.00 to 2.10) | 0 |  |",
  );
  expect(page).toContain(
    "The snapshot holds 1000 MB in blocks.\nIts hot set has 50 MB of them.\nOf what the other command itself reads, 30 % is",
  );
  expect(page).toContain("| one small image changed | 18.00 | 2.00 | 1.00 | 7.00 | 1.00 | 10 | 20 |");
  expect(page).toContain("| nothing changed | 2.50 |  | 1.00 |  |  |  | no snapshot |");
  expect(page).toContain("| S3, empty | 115.50 (110.00 to 121.00) | 110.0 |");
  expect(page).toContain("| pulled from ECR | 5.04 (4.80 to 5.28) | 12 |");
  expect(page).toContain(
    "| P7 | what that asks of AWS; the worst turn decides | 0 requests | at most 0 requests | met |",
  );
  expect(page).toContain("2030-01-02, medians of 2, with 3 cores, 7 GiB, Linux 9.9, Docker 99.1.");
  expect(page).toMatch(/^above\n[\s\S]*\nbelow\n$/);
  expect(renderBenchPage(page, RESULTS)).toBe(page);
});

test("a goal that is missed is called missed, with the factor", () => {
  const slow = withKind("15ms-hot/traced", (worker) => ({ ...worker, script: 2 + 1.6 }));
  expect(renderBenchPage(PAGE, slow)).toContain(
    "15 ms, hot set read ahead | 1.60 s | at most 0.8 s | **missed**, by a factor of 2.00",
  );
  expect(renderBenchPage(PAGE, RESULTS)).not.toContain("missed");
});

test("a machine that was busy with other work is called so", () => {
  const busy = { ...RESULTS, workers: { ...WORKERS, load: 7 } };
  expect(renderBenchPage(PAGE, busy)).toContain("**The machine was busy with other work: load average 7.**");
});

test("a worker that failed is named", () => {
  const page = renderBenchPage(PAGE, { workers: { ...WORKERS, failed: ["gp3-all/all, turn 2: no answer"] } });
  expect(page).toContain("- Not measured: gp3-all/all, turn 2: no answer");
});

test("a part that has not been measured is called so", () => {
  const { workers, builds } = RESULTS;
  expect(renderBenchPage(PAGE, { workers })).toContain(
    "They have not been measured yet: `npm run bench:lab -- builds`",
  );
  expect(renderBenchPage(PAGE, { builds })).toContain(
    "They have not been measured yet: `npm run bench:lab -- workers`",
  );
  expect(renderBenchPage(PAGE, { builds })).toContain("They have not been measured yet: `npm run bench:lab -- layers`");
  expect(renderBenchPage(PAGE, { builds })).toContain("It has not been measured yet: `npm run bench:lab -- images`");
});
