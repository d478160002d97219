/** Drives real Terraform over synthesized stacks. Nothing here knows what the stacks contain. */
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { WarmProvider } from "../provider/warm-provider";
import { LeashedError, runLeashed } from "../run/leashed";

/** A stack as synthesis wrote it. */
export interface SynthesizedStack {
  readonly name: string;
  /** Folder that holds its `cdk.tf.json`. */
  readonly folder: string;
}

export interface TerraformOptions {
  /** The binary. */
  readonly terraform: string;
  /** Added to this process's environment: the endpoint and credentials of the emulated AWS. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Downloaded providers are kept here between stacks and runs. */
  readonly pluginCache: string;
  /** A provider that runs already. @default - each command starts its own */
  readonly provider?: WarmProvider;
}

/** Reads synthesis' `manifest.json`; the order is the manifest's. */
export function stacksIn(outFolder: string): SynthesizedStack[] {
  const manifest = JSON.parse(readFileSync(join(outFolder, "manifest.json"), "utf8")) as {
    stacks: Record<string, { name: string; synthesizedStackPath: string }>;
  };
  return Object.values(manifest.stacks).map((stack) => ({
    name: stack.name,
    folder: join(outFolder, dirname(stack.synthesizedStackPath)),
  }));
}

/** Variables of a command that no person types. */
export async function automated(
  folder: string,
  [command]: readonly string[],
  provider?: WarmProvider,
): Promise<Record<string, string | undefined>> {
  // By `init` a provider that runs already would neither be installed nor its version be held against the configuration.
  const reattach = command === "init" ? undefined : await provider?.reattach(folder);
  return { TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1", TF_REATTACH_PROVIDERS: reattach };
}

async function terraform(stack: SynthesizedStack, argv: readonly string[], options: TerraformOptions): Promise<string> {
  const env = {
    ...process.env,
    ...options.env,
    TF_PLUGIN_CACHE_DIR: options.pluginCache,
    // The lock file of a scratch folder is nobody's record: without this the cache would not be used on a first init.
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
    ...(await automated(stack.folder, argv, options.provider)),
  };
  try {
    const command = [options.terraform, `-chdir=${stack.folder}`, ...argv, "-no-color"] as const;
    return (await runLeashed(command, { env })).stdout;
  } catch (error) {
    if (!(error instanceof LeashedError)) throw error;
    if (argv[0] === "plan" && error.code === 2) return error.stdout;
    throw new Error(`terraform ${argv[0]} of ${stack.name} failed:\n${error.stderr || error.stdout}`);
  }
}

/** `terraform init`. One at a time: the plugin cache is not made for several. */
export async function init(stack: SynthesizedStack, options: TerraformOptions): Promise<void> {
  await mkdir(options.pluginCache, { recursive: true });
  await terraform(stack, ["init", "-input=false"], options);
  await forgetChecksums(stack.folder);
}

/**
 * Takes the checksums out of the lock file that `init` has just written, having checked the providers. With them, Terraform reads and hashes every
 * provider, 700 MB of AWS's alone, before each later command. For scratch folders, whose providers nobody replaces meanwhile.
 */
export async function forgetChecksums(folder: string): Promise<void> {
  const file = join(folder, ".terraform.lock.hcl");
  const lock = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    // A configuration without providers has none.
    if (error.code !== "ENOENT") throw error;
  });
  if (lock !== undefined) await writeFile(file, lock.replace(/^ *hashes = \[[^\]]*\]\n/gm, ""));
}

export async function apply(stack: SynthesizedStack, options: TerraformOptions): Promise<void> {
  await terraform(stack, ["apply", "-input=false", "-auto-approve", "-compact-warnings"], options);
}

/** Returns the plan as text, or undefined if there is nothing to change. */
export async function changes(stack: SynthesizedStack, options: TerraformOptions): Promise<string | undefined> {
  const text = await terraform(stack, ["plan", "-input=false", "-detailed-exitcode", "-compact-warnings"], options);
  // The text before it is the progress of the refresh.
  return text.includes("No changes.") ? undefined : text.slice(text.indexOf("Terraform used the selected providers"));
}

export async function destroy(stack: SynthesizedStack, options: TerraformOptions): Promise<void> {
  await terraform(stack, ["destroy", "-input=false", "-auto-approve", "-compact-warnings"], options);
}

/**
 * Values of the stack's outputs.
 * @internal
 */
export async function outputs(stack: SynthesizedStack, options: TerraformOptions): Promise<Record<string, unknown>> {
  const json = JSON.parse(await terraform(stack, ["output", "-json"], options)) as Record<string, { value: unknown }>;
  return Object.fromEntries(Object.entries(json).map(([name, output]) => [name, output.value]));
}
