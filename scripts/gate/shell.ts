/**
 * Runs shellcheck over every shell script that git knows or would take up, and looks whether shfmt would lay it out otherwise. `--write` lays the scripts
 * out and runs nothing else.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "@wasm-fmt/shfmt";
import { projectFiles, ROOT } from "../../lab/tools/project";
import { AS_DEPLOYED, isLaidOut, isShell, STYLE } from "./shell-files";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Returns what shfmt would write, or undefined if that is what stands there. @throws if it cannot read the script */
function newLayout(path: string): string | undefined {
  const text = read(path);
  const formatted = format(text, path, STYLE);
  return formatted === text ? undefined : formatted;
}

/** True if an exception from the layout is one no more. */
function isNeedless(path: string): boolean {
  try {
    return newLayout(path) === undefined;
  } catch {
    return false;
  }
}

/** Returns the problems with the layout, in lines. */
function complaints(paths: readonly string[]): string[] {
  const unlike = paths.filter((path) => isLaidOut(path) && newLayout(path) !== undefined);
  return [
    ...unlike.map((path) => `${path} is not laid out as shfmt does: npm run format`),
    ...AS_DEPLOYED.filter(isNeedless).map((path) => `${path} is laid out as shfmt does: remove it from AS_DEPLOYED`),
  ];
}

function write(paths: readonly string[]): void {
  for (const path of paths.filter(isLaidOut)) {
    const text = newLayout(path);
    if (text !== undefined) writeFileSync(join(ROOT, path), text);
  }
}

function main(argv: readonly string[]): number {
  const paths = projectFiles().filter((path) => isShell(path, () => read(path).split("\n", 1)[0] ?? ""));
  if (argv.includes("--write")) {
    write(paths);
    return 0;
  }
  const wrong = complaints(paths);
  for (const line of wrong) console.error(line);
  const options = { cwd: ROOT, stdio: "inherit" } as const;
  const { status } = spawnSync("shellcheck", ["--external-sources", "--source-path=SCRIPTDIR", ...paths], options);
  console.log(`shellcheck and shfmt: ${paths.length} files`);
  return wrong.length === 0 && status === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
