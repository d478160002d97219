import { countJest, countTap, sum } from "../../../scripts/gate/counts";

test("jest's report is counted, a suite that does not load as a failure", () => {
  const report = { numPassedTests: 3, numFailedTests: 1, numRuntimeErrorTestSuites: 1, numPendingTests: 2 };
  expect(countJest(JSON.stringify(report))).toEqual({ passed: 3, failed: 2, skipped: 2 });
  expect(countJest("{}")).toEqual({ passed: 0, failed: 0, skipped: 0 });
  expect(countJest("")).toBeUndefined();
});

test("TAP is counted, skipped lines apart", () => {
  expect(countTap("1..3\nok 1 a\nnot ok 2 b\nok 3 c # skip no root\n# ok 9\n")).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
  });
  expect(countTap("1..0\n")).toBeUndefined();
});

test("counts add up", () => {
  expect(
    sum([
      { passed: 1, failed: 0, skipped: 2 },
      { passed: 3, failed: 4, skipped: 0 },
    ]),
  ).toEqual({ passed: 4, failed: 4, skipped: 2 });
});
