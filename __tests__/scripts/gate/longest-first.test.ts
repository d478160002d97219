import { existsSync } from "node:fs";
import { join } from "node:path";

const LongestFirst = require("../../../scripts/gate/longest-first.cjs");

const names = Object.keys(LongestFirst.SECONDS);

test("every file that it names is there, under the name that jest gives it", () => {
  expect(names.filter((name) => !existsSync(name))).toEqual([]);
});

test("the longest come first; what is not named comes last, as jest has it: the largest first", () => {
  const rootDir = process.cwd();
  const sizes: Readonly<Record<string, number>> = { "__tests__/small.test.ts": 1, "__tests__/large.test.ts": 2 };
  const hasteFS = { getSize: (path: string) => sizes[path.slice(rootDir.length + 1)] ?? 3 };
  const file = (name: string) => ({
    path: join(rootDir, name),
    context: { config: { rootDir, cache: false }, hasteFS },
  });
  const sequencer = new LongestFirst({ contexts: [], globalConfig: {} });
  const sorted: { path: string }[] = sequencer.sort([...Object.keys(sizes), ...names].reverse().map(file));
  expect(sorted.map(({ path }) => path.slice(rootDir.length + 1))).toEqual([
    ...names,
    "__tests__/large.test.ts",
    "__tests__/small.test.ts",
  ]);
});
