/** Which of the project's files are shell, and how they are laid out. */
import { basename } from "node:path";

/**
 * User data whose layout is not shfmt's. Machines get these files' bytes, comments apart, so a new layout is a new version of the user data. They are
 * laid out with the next change of it.
 */
export const AS_DEPLOYED: readonly string[] = [
  // shfmt reads the keys of an associative array as arithmetic unless they are quoted.
  "lib/userdata/builder/content.sh",
  "lib/userdata/builder/docker.sh",
];

/** Options of shfmt; .editorconfig tells editors the same. */
export const STYLE = { indent: 2, switchCaseIndent: true } as const;

/** First line of a shell program: the interpreter, by its path or by `env` with options and variables, and then its own options. */
const SHEBANG = /^#!\s*(?:\S*\/env\s+(?:(?:-\S+|\w+=\S*)\s+)*)?(?:\S*\/)?(?:ba)?sh(?:\s|$)/;

/**
 * True if a file is shell, by its name or, if that has no extension, by its first line. Output of `npm run emit` was checked before it was joined.
 */
export function isShell(path: string, firstLine: () => string): boolean {
  if (/^(modules|buildkite-plugin)\//.test(path)) return false;
  if (/\.(sh|bats|bash)$/.test(path)) return true;
  return !basename(path).includes(".") && SHEBANG.test(firstLine());
}

/** True if shfmt lays a file out: golden files hold what user data becomes. */
export function isLaidOut(path: string): boolean {
  return !AS_DEPLOYED.includes(path) && !path.includes("/golden/");
}
