/** Static scripts, joined to one: user data, and the scripts that CI jobs run. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { stripComments, stripPythonComments } from "./strip-comments";

/** A script as it is bundled. Python becomes a function of bash that runs it: `worker/read-ahead.py` is `read_ahead`. */
function readScript(path: string): string {
  const text = readFileSync(path, "utf8");
  if (!path.endsWith(".py")) return stripComments(text);
  const name = basename(path, ".py").replaceAll("-", "_");
  return `${name}() {\npython3 -I -S - "$@" <<'PY'\n${stripPythonComments(text)}PY\n}\n`;
}

/**
 * Scripts as one, without comments. Same scripts, same bytes.
 *
 * @param origin where they are, with their comments, in words
 * @param folder of the paths
 */
export function bundle(origin: string, folder: string, paths: readonly string[]): string {
  const scripts = paths.map((path) => readScript(join(folder, path)));
  return `# shellcheck shell=bash\n# Made of ${origin}, where the comments are.\n${scripts.join("")}`;
}

/** One script without its comments, as a file of its own. Its first line, which says what shell it is for, stays. */
export function bundleOne(path: string): string {
  return `${readFileSync(path, "utf8").split("\n", 1)[0]}\n${readScript(path)}`;
}
