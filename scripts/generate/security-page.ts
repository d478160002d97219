/** The generated parts of docs/security.md. The rest of the page is written by hand. */
import { EXCEPTIONS } from "../gate/checkov/exceptions";
import { synthesizeEverything } from "./everything";
import { renderRoles } from "./roles-section";

/** From the repository's root. */
export const SECURITY_PAGE = "docs/security.md";

function renderExceptions(): string {
  if (EXCEPTIONS.length === 0) return "None.";
  const rows = EXCEPTIONS.map(
    ({ id, reason, withoutKeyOnly }) =>
      `| ${id} | ${reason} | ${withoutKeyOnly ? "only without a customer key" : "always"} |`,
  );
  return ["| check | why it is left | when |", "|---|---|---|", ...rows].join("\n");
}

function replaceSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${SECURITY_PAGE} lacks "${begin}" and, after it, "${end}"`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** The page with its generated parts as they should be. */
export function renderSecurityPage(page: string): string {
  const withRoles = replaceSection(page, "roles", renderRoles(synthesizeEverything()));
  return replaceSection(withRoles, "exceptions", renderExceptions());
}
