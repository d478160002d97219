/** Goal P5: size of the rotation function's bundle, and how long Node takes to load it in a new process. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BUNDLE_FILE, bundleFunctions } from "../lambda-src/bundle";

const GOAL_KILOBYTES = 300;
const GOAL_MILLISECONDS = 150;
const RUNS = 7;

/** Milliseconds to import the file, in a process of its own. */
function load(file: string): number {
  const code = `const start = performance.now(); import(${JSON.stringify(file)}).then(() => console.log(performance.now() - start));`;
  return Number(spawnSync(process.execPath, ["--eval", code], { encoding: "utf8" }).stdout);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-bundle-"));
  try {
    await bundleFunctions(folder);
    const file = join(folder, "rotation", BUNDLE_FILE);
    const bytes = readFileSync(file);
    const kilobytes = gzipSync(bytes, { level: 9 }).length / 1_000;
    const milliseconds = Math.min(...Array.from({ length: RUNS }, () => load(file)));
    console.log(`P5 the bundle, ${(bytes.length / 1_000).toFixed(0)} kB of readable JavaScript:`);
    console.log(
      `  gzip    ${kilobytes.toFixed(0)} kB, ${(kilobytes / GOAL_KILOBYTES).toFixed(2)} of the goal (under ${GOAL_KILOBYTES} kB)`,
    );
    console.log(
      `  import  ${milliseconds.toFixed(0)} ms, ${(milliseconds / GOAL_MILLISECONDS).toFixed(2)} of the goal (under ${GOAL_MILLISECONDS} ms), best of ${RUNS}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
