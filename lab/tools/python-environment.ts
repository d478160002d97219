/** Virtual environments of our own for the Python tools that we use as programs: made once from a pinned list, afterwards found. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The folder of the environment for `requirements`, below `cache`, named after the list's content, so that a changed list makes a new one.
 * It is built aside and renamed: a half-made one is never used, and two processes may do it at once.
 *
 * @param requirements a pinned pip requirements file
 * @param cache a git-ignored folder
 */
export async function ensurePythonEnvironment(
  requirements: string,
  cache: string,
  say: (line: string) => void = () => {},
): Promise<string> {
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(cache, digest);
  if (existsSync(folder)) return folder;
  const building = `${folder}.${process.pid}`;
  say(`installing ${basename(dirname(requirements))}'s Python packages (once, about half a minute)`);
  await mkdir(cache, { recursive: true });
  try {
    await run("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]).catch(() => {
      throw new Error("python3 3.10 or later, with the venv module, is not on the PATH");
    });
    await run("python3", ["-m", "venv", building]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements];
    await run(join(building, "bin/python"), pip, { maxBuffer: 1 << 26 });
    await rename(building, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return folder;
}
