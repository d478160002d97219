import { join } from "node:path";

const LongestFirst = require("../../../scripts/gate/longest-first.cjs");

test("what no record knows begins, then the longest; between equals it is jest's order: the largest first", () => {
  const rootDir = process.cwd();
  const sizes: Readonly<Record<string, number>> = { "__tests__/small.test.ts": 1, "__tests__/large.test.ts": 2 };
  const hasteFS = { getSize: (path: string) => sizes[path.slice(rootDir.length + 1)] ?? 3 };
  const file = (name: string) => ({
    path: join(rootDir, name),
    context: { config: { rootDir, cache: false }, hasteFS },
  });
  const seconds = { "__tests__/short.test.ts": 3, "__tests__/long.test.ts": 400 };
  const sequencer = new LongestFirst({ contexts: [], globalConfig: {} }, seconds);
  const sorted: { path: string }[] = sequencer.sort([...Object.keys(seconds), ...Object.keys(sizes)].map(file));
  expect(sorted.map(({ path }) => path.slice(rootDir.length + 1))).toEqual([
    "__tests__/large.test.ts",
    "__tests__/small.test.ts",
    "__tests__/long.test.ts",
    "__tests__/short.test.ts",
  ]);
});

test("the records are read: the committed one, and the last run's over it", () => {
  const { seconds } = new LongestFirst({ contexts: [], globalConfig: {} });
  expect(Object.keys(seconds).length).toBeGreaterThan(20);
});
