/** Tools that come in no package that npm has: each built once from its pinned Go module into .cache. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { CACHE } from "./project";
import { toolVersions } from "./versions";

export interface GoTool {
  readonly module: string;
  readonly version: string;
  /** Time that building takes once, in words. */
  readonly takes: string;
}

/** @internal */
export const TFLINT: GoTool = {
  module: "github.com/terraform-linters/tflint",
  version: `v${toolVersions("tflint")[0]}`,
  takes: "two minutes",
};

/** The oldest Terraform that modules and stacks take, in its last release. */
export const OLDEST_TERRAFORM: GoTool = {
  module: "github.com/hashicorp/terraform",
  version: `v${toolVersions("terraform").at(-1)}`,
  takes: "ten minutes",
};

/** A proxy that never answers must not hold up the tests. */
const TIMEOUT_MS = 1_800_000;

/** @returns the tool's path, or why there is none: it takes Go and a module proxy once. */
export function goTool(
  { module, version, takes }: GoTool,
  say: (line: string) => void = () => {},
): { path: string } | { missing: string } {
  const name = basename(module);
  const folder = join(CACHE, name, version);
  const path = join(folder, name);
  if (existsSync(path)) return { path };
  say(`building ${module}@${version} (once, about ${takes})`);
  try {
    const env = { ...process.env, GOBIN: folder };
    execFileSync("go", ["install", `${module}@${version}`], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      timeout: TIMEOUT_MS,
    });
    return { path };
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === "ENOENT") return { missing: `${name} is built with Go, which is not here` };
    return { missing: `${name} cannot be built: ${stderr?.trim().split("\n").at(-1) || code}` };
  }
}
