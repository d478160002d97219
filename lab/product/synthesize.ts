/** A configuration becomes Terraform, by the program itself. */
import { join } from "node:path";
import type { Deployment } from "../../lib/config/cell";
import { readConfig } from "../../lib/config/read-config";
import { resolveConfig } from "../../lib/config/resolve-config";
import { formatProblems } from "../../lib/config/text/problem";
import { runLeashed } from "../run/leashed";
import { ROOT } from "../tools/project";

/**
 * Runs main.ts with a configuration, and writes `cdktf.out` into a folder.
 *
 * @param config its file; default: what `$DOCKER_CACHE_CONFIG` names, or the project's own
 */
export async function synthesize(
  folder: string,
  config = process.env.DOCKER_CACHE_CONFIG,
): Promise<{ readonly deployment: Deployment; readonly outFolder: string }> {
  const parsed = readConfig({ DOCKER_CACHE_CONFIG: config });
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
  const outFolder = join(folder, "cdktf.out");
  const env = { ...process.env, DOCKER_CACHE_CONFIG: config, CDKTF_OUTDIR: outFolder };
  await runLeashed([process.execPath, "--import", "tsx", "main.ts"], { cwd: ROOT, env });
  return { deployment: resolveConfig(parsed.config), outFolder };
}
