/** `npm run emit`: writes modules/ from the constructs. With `--check` writes nothing and fails if a file would change. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FileContent } from "../../stacks/terraform/files";
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

function isSame(before: Buffer | undefined, after: FileContent | undefined): boolean {
  return before !== undefined && after !== undefined && before.equals(Buffer.from(after));
}

async function main(argv: readonly string[]): Promise<void> {
  const check = argv.includes("--check");
  const stale: string[] = [];
  for (const [noun, module] of Object.entries(await createModules())) {
    const folder = join(ROOT, noun);
    mkdirSync(folder, { recursive: true });
    const before = existing(folder);
    const after = moduleFiles(noun, module);
    for (const path of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (isSame(before[path], after[path])) continue;
      stale.push(join(folder, path));
      if (check) continue;
      if (after[path] === undefined) rmSync(join(folder, path));
      else {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), after[path]);
      }
    }
  }
  for (const path of stale.sort()) console.log(check ? `${path} differs from what its construct emits` : path);
  if (check && stale.length > 0) {
    console.error("run `npm run emit` and commit modules/");
    process.exitCode = 1;
  }
}

void main(process.argv.slice(2));
