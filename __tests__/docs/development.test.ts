/** The table of what runs where is that of the steps. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { LEVELS, STEPS } from "../../scripts/gate/steps";

const page = readFileSync(join(ROOT, "docs/development.md"), "utf8");
/** The lines below a heading that are numbered. */
function numbered(heading: string): string[] {
  const [, after = ""] = page.split(`\n## ${heading}\n`);
  return (after.split("\n## ")[0] ?? "").split("\n").filter((line) => /^\d+\. /.test(line));
}

const [, table = ""] = page.split("## What runs where");
const rows = [...table.matchAll(/^\| ([a-z]+) \|(.*)\|$/gm)].map(([, name = "", rest = ""]) => ({
  name,
  cells: rest.split("|").map((cell) => cell.trim()),
}));

test("every step has a row, in the order in which they begin", () => {
  expect(rows.slice(1).map(({ name }) => name)).toEqual(STEPS.map(({ name }) => name));
});

test.each(STEPS.map((step) => [step.name, step] as const))(
  "%s runs in the levels that the table says, and took its time",
  (name, { from }) => {
    const { cells = [] } = rows.find((row) => row.name === name) ?? {};
    const runs = LEVELS.map((level) => LEVELS.indexOf(from) <= LEVELS.indexOf(level));
    expect(cells.slice(0, 3).map((cell) => cell !== "")).toEqual(runs);
    expect(cells.slice(3).map((cell) => /^\d+$/.test(cell))).toEqual(runs.slice(1));
  },
);

test("the tour has ten lines, each a file to open", () => {
  const stops = numbered("A tour in ten lines");
  expect(stops.length).toBe(10);
  for (const line of stops) {
    const [, file = ""] = /^\d+\. `([^`]+)`: \S/.exec(line) ?? [];
    expect({ line, isFile: statSync(join(ROOT, file)).isFile() }).toEqual({ line, isFile: true });
  }
});

test.each(["a setting", "a command", "an alarm", "a noun", "a case to the lab"])(
  "there is a recipe for %s: what to touch, in order",
  (thing) => {
    const steps = numbered(`Add ${thing}`);
    expect(steps.length).toBeGreaterThan(4);
    expect(steps.map((line) => Number.parseInt(line, 10))).toEqual(steps.map((_, place) => place + 1));
    expect(steps.filter((line) => !/^\d+\. `[^`]+`/.test(line))).toEqual([]);
  },
);
