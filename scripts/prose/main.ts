/** Holds the rules of prose over the pages and over the help of the command line. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { passagesOfHelp } from "./help";
import { passagesOfPage } from "./markdown";
import { problems } from "./rules";

const { createProgram } = require("../../cli/program.cjs") as { createProgram(): Command };

/** Pages with rules; those of modules are emitted and not among them. */
const PAGE = /^(?:README|CONTRIBUTING|SECURITY|bench\/README|docs\/.+|examples\/.+\/README)\.md$/;

/** The pages that git knows or would take up. */
function pages(): string[] {
  const argv = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", argv, { encoding: "utf8" }).split("\0");
  return [...new Set(files)].filter((file) => PAGE.test(file) && existsSync(file)).sort();
}

/** Returns everything that breaks a rule. */
export function findProblems(): string[] {
  const passages = pages().flatMap((page) => passagesOfPage(page, readFileSync(page, "utf8")));
  return [...passages, ...passagesOfHelp(createProgram())].flatMap(problems);
}

function main(): void {
  const found = findProblems();
  if (found.length === 0) return;
  process.stderr.write(`${found.join("\n")}\n${found.length} to fix; the rules are in CONTRIBUTING.md, under Prose\n`);
  process.exitCode = 1;
}

if (require.main === module) main();
