import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderSecurityPage, SECURITY_PAGE } from "../../../scripts/generate/security-page";

const page = readFileSync(join(__dirname, "../../..", SECURITY_PAGE), "utf8");
const wanted = renderSecurityPage(page);

test("roles and exceptions in the page are those of the code: npm run generate writes them", () => {
  expect(page).toBe(wanted);
});

test("every role has a section, and every statement a row that says on what", () => {
  const roles = [...wanted.matchAll(/^### `docker-cache-<name>-<architecture>-(\w+)-<region>`$/gm)].map(
    (match) => match[1],
  );
  expect(roles).toEqual(["builder", "dlm", "scheduler", "rotation", "worker"]);
  expect(wanted).toContain("### `docker-cache-router-<region>`");
  const rows = wanted.match(/^\| \w+ \| `\w+:\w+`.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => row.split(" | ")[2] === "")).toEqual([]);
  expect(wanted).not.toContain("${");
});

test("a page without the marks is refused", () => {
  expect(() => renderSecurityPage("# Security\n")).toThrow('docs/security.md lacks "<!-- generated: roles -->"');
});
