/**
 * `npm run emit`: writes modules/ from the constructs, and buildkite-plugin/ from the scripts of jobs. With `--check` writes nothing and fails if a
 * file would change.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FileContent } from "../../stacks/terraform/files";
import { PLUGIN_FOLDER, pluginFiles } from "./buildkite-plugin";
import { moduleFiles } from "./module-files";
import { createModules } from "./modules";

const ROOT = "modules";

/** Returns the files in a folder now. Empty if there are none. Terraform's own leavings are not ours. */
function existing(folder: string): Readonly<Record<string, Buffer>> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = found.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const own = paths.filter((path) => !/(^|\/)\.terraform/.test(path));
  return Object.fromEntries(own.map((path) => [path, readFileSync(join(folder, path))]));
}

/** Mode of a file: hooks are programs. */
function modeOf(path: string): number {
  return path.startsWith("hooks/") ? 0o755 : 0o644;
}

function isSame(before: Buffer | undefined, after: FileContent | undefined): boolean {
  return before !== undefined && after !== undefined && before.equals(Buffer.from(after));
}

/** True if those who may run a file are as they should be. */
function hasMode(folder: string, path: string): boolean {
  return (statSync(join(folder, path)).mode & 0o100) === (modeOf(path) & 0o100);
}

/** Writes the files of a folder, unless they are only checked. Returns the paths of those that differed. */
function emit(folder: string, after: Readonly<Record<string, FileContent>>, check: boolean): string[] {
  if (!check) mkdirSync(folder, { recursive: true });
  const before = existsSync(folder) ? existing(folder) : {};
  const stale = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (path) => !(isSame(before[path], after[path]) && hasMode(folder, path)),
  );
  for (const path of check ? [] : stale) {
    const file = join(folder, path);
    if (after[path] === undefined) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, after[path]);
      chmodSync(file, modeOf(path));
    }
  }
  return stale.map((path) => join(folder, path));
}

async function main(argv: readonly string[]): Promise<void> {
  const check = argv.includes("--check");
  const modules = Object.entries(await createModules());
  const stale = [
    ...modules.flatMap(([noun, module]) => emit(join(ROOT, noun), moduleFiles(noun, module), check)),
    ...emit(PLUGIN_FOLDER, pluginFiles(), check),
  ];
  for (const path of stale.sort()) console.log(check ? `${path} differs from what it is emitted from` : path);
  if (check && stale.length > 0) {
    console.error("run `npm run emit` and commit modules/ and buildkite-plugin/");
    process.exitCode = 1;
  }
}

void main(process.argv.slice(2));
