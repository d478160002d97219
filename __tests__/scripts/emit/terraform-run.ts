/** Terraform in scratch folders, for tests: never a state, a region or credentials of anybody. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { automated, forgetChecksums } from "../../../lab/product/terraform";
import { warmProviderOf } from "../../../lab/provider/warm-provider";

const run = promisify(execFile);

/** Settings with which the AWS provider plans without asking anybody. */
export const OFFLINE_PROVIDER = {
  region: "eu-west-1",
  access_key: "test",
  secret_key: "test",
  skip_credentials_validation: true,
  skip_metadata_api_check: true,
  skip_requesting_account_id: true,
  skip_region_validation: true,
};

const folders: string[] = [];

/** AWS that a command works with: an emulated one, or by default none. */
export type Target = Pick<EmulatedAws, "env" | "provider">;

/** For commands that reach no AWS, as long as there are scratch folders. */
let offline: Target | undefined;

/** A scratch folder with files; removed by {@link removeScratch}. */
export function scratch(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-test-"));
  folders.push(folder);
  write(folder, files);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export async function removeScratch(): Promise<void> {
  await offline?.provider?.stop();
  offline = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Runs Terraform; its words are in the error when it fails. Never blocks: the emulated AWS may live in this very process. */
export async function terraform(folder: string, argv: readonly string[], target?: Target): Promise<string> {
  offline ??= { env: {}, provider: warmProviderOf({}) };
  const { env, provider } = target ?? offline;
  const variables = await automated(folder, argv, provider);
  try {
    const { stdout } = await run("terraform", [`-chdir=${folder}`, ...argv], {
      encoding: "utf8",
      env: { ...process.env, ...env, ...variables, TF_CLI_ARGS: "-no-color" },
      maxBuffer: 2 ** 28,
    });
    if (argv[0] === "init") await forgetChecksums(folder);
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    // The output before the failure is long and says nothing.
    throw new Error(`terraform ${argv.join(" ")} in ${folder}:\n${stderr || stdout}`);
  }
}

/** The plan of a folder as JSON. */
export async function planOf(folder: string, target?: Target): Promise<Record<string, unknown>> {
  await terraform(folder, ["init", "-input=false"], target);
  return planAgain(folder, target);
}

/** The plan of a folder that is initialized already, with further options. */
export async function planAgain(
  folder: string,
  target?: Target,
  options: readonly string[] = [],
): Promise<Record<string, unknown>> {
  await terraform(folder, ["plan", "-input=false", "-out=plan", ...options], target);
  return JSON.parse(await terraform(folder, ["show", "-json", "plan"], target));
}
