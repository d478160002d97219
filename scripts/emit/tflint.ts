/** tflint, built once from its pinned Go module into .cache, for it comes in no package that npm has. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const MODULE = "github.com/terraform-linters/tflint";
const VERSION = "v0.64.0";
/** A proxy that never answers must not hold up the tests. */
const TIMEOUT_MS = 900_000;

/** @returns tflint's path, or why there is none: it takes Go, a module proxy and about two minutes once. */
export function tflint(say: (line: string) => void = () => {}): { path: string } | { missing: string } {
  const folder = resolve(".cache/tflint", VERSION);
  const path = join(folder, "tflint");
  if (existsSync(path)) return { path };
  say(`building ${MODULE}@${VERSION} (once, about two minutes)`);
  try {
    const env = { ...process.env, GOBIN: folder };
    execFileSync("go", ["install", `${MODULE}@${VERSION}`], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      timeout: TIMEOUT_MS,
    });
    return { path };
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === "ENOENT") return { missing: "tflint is built with Go, which is not here" };
    return { missing: `tflint cannot be built: ${stderr?.trim().split("\n").at(-1) || code}` };
  }
}
