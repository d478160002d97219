/** The goals are numbered, and what holds one names its number. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFiles, ROOT } from "../../lab/tools/project";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** Number of each goal and the files that hold it. */
const goals = [...read("docs/goals.md").matchAll(/^\| ([RP]\d+) \| .* \| ([^|]+) \|$/gm)].map(
  ([, number = "", held = ""]) => [number, [...held.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "")] as const,
);

/** A goal is on the page from when it is held: those of later features come when these do, so that there may be gaps. */
test.each([
  ["R", 20, 27],
  ["P", 5, 9],
])("goals %s are in their order, the first %d and no more than %d", (letter, least, most) => {
  const numbers = goals.map(([number]) => number).filter((number) => number.startsWith(letter));
  const values = numbers.map((number) => Number(number.slice(1)));
  expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
  expect(values.slice(0, least)).toEqual(Array.from({ length: least }, (_, index) => index + 1));
  expect(values.at(-1)).toBeLessThanOrEqual(most);
});

test.each(goals)("%s is named by what holds it", (number, held) => {
  if (number.startsWith("R")) expect(held.length).toBeGreaterThan(0);
  expect(held.filter((file) => !new RegExp(`\\b${number}\\b`).test(read(file)))).toEqual([]);
});

test.each(goals.filter(([number]) => number.startsWith("R")))(
  "%s is held in the gate, not in what only `all` runs",
  (_, held) => {
    expect(held.filter((file) => !/\.all\.(slow|lab)\.test\.ts$/.test(file))).not.toEqual([]);
  },
);

test("no test names a goal that there is not", () => {
  const known = new Set(goals.map(([number]) => number));
  const named = projectFiles()
    .filter((file) => /^__tests__\/.*\.(ts|bats)$/.test(file))
    .flatMap((file) => [...read(file).matchAll(/["'`(]([RP]\d+)[:, )]/g)].map((match) => `${file}: ${match[1]}`));
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((one) => !known.has(one.split(": ")[1] ?? ""))).toEqual([]);
});
