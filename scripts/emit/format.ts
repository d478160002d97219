/** `terraform fmt` over texts. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files } from "./module-text";

/** Formats every `.tf` file; a syntax error in one is thrown with Terraform's own words. */
export function format(files: Files): Files {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-emit-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    execFileSync("terraform", ["fmt", "-no-color", folder], { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    return Object.fromEntries(Object.keys(files).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === "ENOENT") {
      throw new Error(
        "terraform was not found on the PATH: modules are formatted with `terraform fmt`; `scripts/test generated` brings one of its own",
      );
    }
    throw new Error(`terraform fmt: ${stderr ?? String(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
