/** The gate's cases are some of all cases, and `scripts/test all` registers every one. */
type Levels = typeof import("./level");

/** The module as it is with or without ALL=1. */
function levels(all: string | undefined): Levels {
  const before = process.env.ALL;
  if (all === undefined) delete process.env.ALL;
  else process.env.ALL = all;
  try {
    let loaded: Levels | undefined;
    jest.isolateModules(() => {
      loaded = require("./level");
    });
    return loaded!;
  } finally {
    if (before === undefined) delete process.env.ALL;
    else process.env.ALL = before;
  }
}

const numbers = [1, 2, 3, 4];
const isEven = (number: number) => number % 2 === 0;

test("the gate takes some cases, in their order", () => {
  const { ALL, cases, isBooted } = levels(undefined);
  expect(ALL).toBe(false);
  expect(cases(numbers, isEven)).toEqual([2, 4]);
  expect((["bookworm", "trixie", "forky"] as const).filter(isBooted)).toEqual(["trixie"]);
});

test("all takes every case", () => {
  const { ALL, cases, isBooted, testOn } = levels("1");
  expect(ALL).toBe(true);
  expect(cases(numbers, isEven)).toEqual(numbers);
  expect((["bookworm", "trixie", "forky"] as const).every(isBooted)).toBe(true);
  expect(testOn("forky")).toBe(test);
});

test("a test on a generation that is not booted is not registered; on the one that is, it is a test", () => {
  const { testOn } = levels(undefined);
  expect(testOn("trixie")).toBe(test);
  const body = jest.fn();
  testOn("bookworm")("never", body);
  expect(body).not.toHaveBeenCalled();
});
