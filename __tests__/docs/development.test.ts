/** The table of what runs where is that of the steps. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LEVELS, STEPS } from "../../scripts/gate/steps";
import { ROOT } from "./pages";

const page = readFileSync(join(ROOT, "docs/development.md"), "utf8");
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
