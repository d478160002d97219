import { existsSync } from "node:fs";
import { ASKED_FOR, argumentsOf, environmentOf, lineOf, SUITES, suitesOf } from "../../../scripts/runtimes/runs";

test.each<[string[], ReturnType<typeof suitesOf>]>([
  [["unit"], ["unit"]],
  [
    ["bundle", "unit"],
    ["bundle", "unit"],
  ],
  [[], undefined],
  [["units"], undefined],
  [["unit", "24"], undefined],
  [["toString"], undefined],
])("arguments %j name %j", (argv, suites) => {
  expect(suitesOf(argv)).toEqual(suites);
});

test("jest is run as it is, with the files of the suite, which exist", () => {
  expect(argumentsOf("unit")).toEqual(["node_modules/jest/bin/jest.js", "--maxWorkers", "100%", "--forceExit"]);
  const files = argumentsOf("bundle").filter((one) => one.endsWith(".ts"));
  expect(files).toEqual(SUITES.bundle);
  expect(["node_modules/jest/bin/jest.js", ...files].filter((file) => !existsSync(file))).toEqual([]);
});

test("the binary's folder is first on the PATH, and slow tests are not asked for", () => {
  const given = { PATH: "/usr/bin:/bin", HOME: "/home/ci", SLOW: "1", LAB: "1" };
  expect(environmentOf("24.0.0", "/cache/24.0.0/bin/node", given)).toEqual({
    PATH: "/cache/24.0.0/bin:/usr/bin:/bin",
    HOME: "/home/ci",
    [ASKED_FOR]: "24.0.0",
  });
});

test("the report names suite, version and what failed", () => {
  const outcome = { suite: "unit", version: "24.0.0", seconds: 61.4 } as const;
  expect(lineOf({ ...outcome, failure: undefined })).toBe("unit under Node 24.0.0: ok (61 s)");
  expect(lineOf({ ...outcome, failure: "exit code 1" })).toBe("unit under Node 24.0.0: FAILED, exit code 1 (61 s)");
});
