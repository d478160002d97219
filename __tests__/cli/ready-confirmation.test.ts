/** No text that a person may paste confirms a purge: pages, help and messages say `NAME`. The outputs of commands are held where they run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFiles, ROOT } from "../../lab/tools/project";
import { READY_CONFIRMATION } from "./ready-confirmation";

const texts = projectFiles().filter((path) => path.endsWith(".md") || /^(cli|examples|scripts|stacks)\//.test(path));

test("pages, examples and the command line's own texts", () => {
  const lines = texts.flatMap((path) =>
    readFileSync(join(ROOT, path), "utf8")
      .split("\n")
      .filter((line) => line.includes("--confirm="))
      .map((line) => ({ path, line })),
  );
  expect(lines.length).toBeGreaterThan(8);
  expect(lines.filter(({ line }) => READY_CONFIRMATION.test(line))).toEqual([]);
});

test.each(["--confirm=ci", "--confirm=${cache}", "--confirm-deployed=ml", "--confirm=NAMES"])("%s is seen", (text) => {
  expect(text).toMatch(READY_CONFIRMATION);
});
