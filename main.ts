/** The CDKTF program: one YAML file becomes, in each region, a stack of each noun that has something there. `cdktf synth` runs it; so does `tsx main.ts`. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunctions } from "./lambda-src/bundle";
import type { Deployment } from "./lib/config/cell";
import { readConfig } from "./lib/config/read-config";
import { resolveConfig } from "./lib/config/resolve-config";
import { formatProblems } from "./lib/config/text/problem";
import { addStacks } from "./stacks/add-stacks";
import { UserDataTooLong } from "./stacks/parts/user-data";
import { App } from "./stacks/terraform/cdktf";
import { withoutTokenTraces } from "./stacks/terraform/token-traces";

/** Exit status for a configuration that cannot be deployed. */
const BAD_CONFIGURATION = 2;

/** Writes every stack, or nothing if one cannot be deployed. */
async function synthesize(deployment: Deployment): Promise<void> {
  const codeFolder = mkdtempSync(join(tmpdir(), "docker-cache-bundle-"));
  try {
    await bundleFunctions(codeFolder);
    withoutTokenTraces(() => {
      const app = new App({ stackTraces: false });
      try {
        addStacks(app, { deployment, codeFolder });
      } catch (error) {
        // cdktf made the folder before anything could be wrong; one of an earlier synthesis stays.
        const entries = readdirSync(app.outdir, { recursive: true, withFileTypes: true });
        if (!entries.some((entry) => entry.isFile())) rmSync(app.outdir, { recursive: true });
        throw error;
      }
      app.synth();
    });
  } finally {
    rmSync(codeFolder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const parsed = readConfig(process.env);
  if (!parsed.ok) return refuse(formatProblems(parsed.problems));
  try {
    await synthesize(resolveConfig(parsed.config));
  } catch (error) {
    if (!(error instanceof UserDataTooLong)) throw error;
    refuse(`${error.message}\n`);
  }
}

function refuse(reason: string): void {
  process.stderr.write(reason);
  process.exitCode = BAD_CONFIGURATION;
}

if (require.main === module) void main();
