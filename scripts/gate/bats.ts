/** Runs every file of bats tests, one on each processor, the longest first. Prints what they say as TAP. Writes how long each took into .cache. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { projectFiles, ROOT } from "../../lab/tools/project";
import { BATS_TIMES_FILE, GATE_CACHE } from "./files";

const { longestFirst, readFileTimes } = require("./file-times.cjs");

interface Run {
  readonly file: string;
  readonly output: string;
  readonly status: number | null;
  readonly seconds: number;
}

function run(file: string): Promise<Run> {
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn("node_modules/.bin/bats", ["--tap", file], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ file, output, status, seconds: (Date.now() - started) / 1000 }));
  });
}

async function main(): Promise<void> {
  const files = projectFiles().filter((file) => file.endsWith(".bats"));
  const waiting: string[] = longestFirst(files, readFileTimes());
  const done: Run[] = [];
  const lane = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const one = await run(file);
      done.push(one);
      process.stdout.write(`# ${file}\n${one.output}`);
      if (one.status !== 0) process.exitCode = 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  mkdirSync(GATE_CACHE, { recursive: true });
  writeFileSync(BATS_TIMES_FILE, JSON.stringify(Object.fromEntries(done.map(({ file, seconds }) => [file, seconds]))));
}

void main();
