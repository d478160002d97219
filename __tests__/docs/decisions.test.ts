import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";

const folder = join(ROOT, "docs/decisions");
const index = readFileSync(join(folder, "README.md"), "utf8");
const files = readdirSync(folder)
  .filter((file) => file !== "README.md")
  .sort();

test("numbers are unique and without gaps", () => {
  expect(files.map((file) => file.slice(0, 4))).toEqual(files.map((_, place) => String(place + 1).padStart(4, "0")));
});

test.each(files)("%s has its row in the index, with its title", (file) => {
  const title = /^# (\d{4}): (.+)$/m.exec(readFileSync(join(folder, file), "utf8"));
  expect(title?.[1]).toBe(file.slice(0, 4));
  expect(index).toMatch(
    new RegExp(
      `^\\| \\[${title?.[1]}\\]\\(${file}\\) \\| ${escapeText(title?.[2] ?? "")} \\| (accepted|superseded (in part )?by \\d{4}) \\|$`,
      "m",
    ),
  );
});

function escapeText(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
