/** The generated parts of docs/security.md. The rest of the page is written by hand. */
import { COMPANION_EXCEPTIONS, EXCEPTIONS, type Exception } from "../gate/checkov/exceptions";
import { synthesizeEverything } from "./everything";
import { renderRoles } from "./roles-section";
import { replaceSection } from "./section";

/** From the repository's root. */
export const SECURITY_PAGE = "docs/security.md";

function renderExceptions(exceptions: readonly Exception[]): string {
  if (exceptions.length === 0) return "None.";
  const rows = exceptions.map(
    ({ id, reason, unless }) => `| ${id} | ${reason} | ${unless === undefined ? "always" : `only without ${unless}`} |`,
  );
  return ["| check | why it is left | when |", "|---|---|---|", ...rows].join("\n");
}

/** The page with its generated parts as they should be. */
export function renderSecurityPage(page: string): string {
  const withRoles = replaceSection(SECURITY_PAGE, page, "roles", renderRoles(synthesizeEverything()));
  return replaceSection(
    SECURITY_PAGE,
    withRoles,
    "exceptions",
    renderExceptions([...EXCEPTIONS, ...COMPANION_EXCEPTIONS]),
  );
}
