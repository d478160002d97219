/** The page on the pull-through cache says of workers what the tests on machines show, and has what log lines link to. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { TABLE } from "../lab/pull-through/misses-table";
import { anchors } from "./pages";

const page = readFileSync(join(ROOT, "docs/pull-through.md"), "utf8");

/** Cells of the rows that begin with a command, by command and store. */
function rowsOf(text: string): Map<string, string[]> {
  const rows = [...text.matchAll(/^\| `(docker run|docker pull|FROM)`, (?:driver docker, )?(.*?) \|(.*)\|$/gm)];
  return new Map(
    rows.flatMap(([, command = "", stores = "", cells = ""]) =>
      stores
        .split(" and ")
        .map((store): [string, string[]] => [
          `${command}, ${store}`,
          cells.split("|").map((cell) => cell.trim().replace(/^cache.*/, "here")),
        ]),
    ),
  );
}

test("the table says what the tests show", () => {
  const { "FROM, driver docker-container": inContainers, ...rows } = Object.fromEntries(rowsOf(page));
  const shown = Object.entries(TABLE).map(([row, cells]) => {
    const found = Object.values(cells);
    // There is no `docker pull --pull`.
    return [row, found.length === 3 ? [...found, ""] : found];
  });
  expect(rows).toEqual(Object.fromEntries(shown));
  expect(inContainers).toEqual(Array.from({ length: 4 }, () => "fetches"));
});

test.each(["missing-secret", "refused-login", "exhausted-limit"])("a log line may link to #%s", (anchor) => {
  expect(anchors(page)).toContain(anchor);
});
