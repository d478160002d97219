import { countJest, countTap, failuresOfJest, failuresOfTap, sum } from "../../../scripts/gate/counts";

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

test("what failed is named, with the beginning of why", () => {
  const report = {
    testResults: [
      {
        name: "/project/__tests__/a.test.ts",
        assertionResults: [
          { fullName: "a is kept", status: "passed", failureMessages: [] },
          {
            fullName: "a is told",
            status: "failed",
            failureMessages: ["\u001b[31mError: waited in vain\u001b[39m\n\n    at waitUntil (wait.ts:1:1)\n"],
          },
        ],
      },
      { name: "/project/__tests__/b.test.ts", message: "Cannot find module", assertionResults: [] },
      { name: "/project/__tests__/c.test.ts", message: "", assertionResults: [] },
    ],
  };
  expect(failuresOfJest(JSON.stringify(report), "/project")).toEqual([
    "__tests__/a.test.ts: a is told\n    Error: waited in vain",
    "__tests__/b.test.ts\n    Cannot find module",
  ]);
  expect(failuresOfJest("", "/project")).toEqual([]);
  expect(failuresOfJest("{}", "/project")).toEqual([]);
  expect(failuresOfTap("ok 1 a\nnot ok 2 b\n# not ok 3\n")).toEqual(["not ok 2 b"]);
});

test("counts add up", () => {
  expect(
    sum([
      { passed: 1, failed: 0, skipped: 2 },
      { passed: 3, failed: 4, skipped: 0 },
    ]),
  ).toEqual({ passed: 4, failed: 4, skipped: 2 });
});
