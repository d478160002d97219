/** The project's own folders and files, for programs that are started in any folder. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(__dirname, "../..");
/** The folder of what is made or fetched once. Git ignores it. */
export const CACHE = join(ROOT, ".cache");
/** The folder of the Terraform that this project fetches. */
export const TERRAFORM_CACHE = join(CACHE, "terraform");
/** The folder of Terraform's providers. */
export const PLUGIN_CACHE = join(CACHE, "terraform-plugins");

/** Every file that git knows or would take up, from the root, sorted. Git lists what was deleted until that is staged: such files are left out. */
export function projectFiles(root: string = ROOT): string[] {
  const argv = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", argv, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 }).split("\0");
  return [...new Set(listed)].filter((path) => path !== "" && existsSync(join(root, path))).sort();
}
