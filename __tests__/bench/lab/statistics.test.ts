import { median, medians, spreadOf } from "../../../bench/lab/statistics";

test("medians", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(() => median([])).toThrow("no values");
  expect(medians([{ a: 1, b: "x" }, { a: 3 }, { a: 2, c: 5 }] as object[])).toEqual({ a: 2, c: 5 });
});

test("the spread is from the smallest to the largest", () => {
  expect(spreadOf([3, 1, 2, 9])).toEqual({ low: 1, median: 2.5, high: 9 });
});
