import { existsSync, readFileSync } from "node:fs";
import { merged, secondsOfJest, slowest, type Times } from "../../../scripts/gate/times";

const { longestFirst } = require("../../../scripts/gate/file-times.cjs");

test("each file of jest's report has its seconds; one that did not load has none", () => {
  const report = {
    testResults: [
      { name: "/project/__tests__/a.test.ts", startTime: 1000, endTime: 3500 },
      { name: "/project/__tests__/broken.test.ts", startTime: 0, endTime: 0 },
    ],
  };
  expect(secondsOfJest(JSON.stringify(report), "/project")).toEqual({ "__tests__/a.test.ts": 2.5 });
  expect(secondsOfJest("", "/project")).toEqual({});
});

test("a record keeps what did not run and is still there, the longest first, in whole seconds", () => {
  const known = { steps: { lab: 300, unit: 100 }, files: { a: 9, b: 1, same: 1, removed: 8 } };
  const found = { steps: { unit: 120.4 }, files: { b: 11.6 } };
  const record = merged(known, found, (file) => file !== "removed");
  expect(record).toEqual({ steps: { lab: 300, unit: 120 }, files: { b: 12, a: 9, same: 1 } });
  expect(Object.keys(record.files)).toEqual(["b", "a", "same"]);
});

test("what no record knows begins, then the longest", () => {
  const known = { short: 1, long: 40, middle: 7 };
  expect(longestFirst(["short", "new", "middle", "long", "newer"], known)).toEqual([
    "new",
    "newer",
    "long",
    "middle",
    "short",
  ]);
});

test("the twenty slowest are told, the slowest first", () => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`file ${index}`, index]));
  expect(slowest(files)).toHaveLength(20);
  expect(slowest(files)[0]).toBe("   29 s  file 29");
});

test("the record that is committed names files that are there", () => {
  const { files }: Times = JSON.parse(readFileSync("scripts/gate/times.json", "utf8"));
  expect(Object.keys(files).length).toBeGreaterThan(20);
  expect(Object.keys(files).filter((file) => !existsSync(file))).toEqual([]);
});
