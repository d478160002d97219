/** The worker's page names every reason that its scripts may give. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";

const folder = join(ROOT, "lib/userdata/worker");
const scripts = readdirSync(folder)
  .filter((file) => file.endsWith(".sh"))
  .map((file) => readFileSync(join(folder, file), "utf8"))
  .join("\n");
const page = readFileSync(join(ROOT, "docs/worker.md"), "utf8");
const [, after = ""] = page.split("\n## Why a worker is cold\n");
const rows = [...(after.split("\n## ")[0] ?? "").matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? "");

/** A text of the scripts as a pattern: what bash puts in may be anything, and the page may end it by an ellipsis. */
function pattern(text: string): RegExp {
  const parts = text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1").split(/\$\{[^}]*\}|\$\([^)]*\)|\$\w+|%s/);
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^(?:DISK:? )?${escaped.join(".+")}`);
}

/** A text that is only what bash puts in has nothing to be found by. */
const reasons = [
  ...[...scripts.matchAll(/(?:refuse|give_reason) "((?:[^"$]|\$\{[^}]*\}|\$\w+)+)"/g)].map((match) => match[1] ?? ""),
  ...[...scripts.matchAll(/(?:printf|deny) ["']((?:no usable|its?) [^"'\n]*)/g)].map((match) => match[1] ?? ""),
].filter((text) => /[a-z]{3}/.test(text.replaceAll(/\$\{?\w+\}?/g, "")));

const shortened = (row: string) => row.replace(/…$/, "").replace(/ NAME$/, " ");

test("the reasons are found", () => {
  expect(new Set(reasons).size).toBeGreaterThan(25);
});

test.each([...new Set(reasons)])("%s", (reason) => {
  const expected = pattern(reason);
  const known = rows.some((row) => expected.test(row) || reason.startsWith(shortened(row)));
  expect(known).toBe(true);
});
