/** Holds the rules of prose over the pages and over the help of the command line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { projectFiles, ROOT } from "../../lab/tools/project";
import { passagesOfHelp } from "./help";
import { passagesOfPage } from "./markdown";
import { problems } from "./rules";

const { createProgram } = require("../../cli/program.cjs") as { createProgram(): Command };

/** Pages with rules. Those of modules are emitted: of them, what they are made from is here. */
const PAGE = /^(?:README|CONTRIBUTING|SECURITY|bench\/README|docs\/.+|examples\/.+\/README|stacks\/.+-module)\.md$/;

/** Returns everything that breaks a rule. */
export function findProblems(): string[] {
  const pages = projectFiles().filter((file) => PAGE.test(file));
  const passages = pages.flatMap((page) => passagesOfPage(page, readFileSync(join(ROOT, page), "utf8")));
  return [...passages, ...passagesOfHelp(createProgram())].flatMap(problems);
}

function main(): void {
  const found = findProblems();
  if (found.length === 0) return;
  process.stderr.write(`${found.join("\n")}\n${found.length} to fix; the rules are in CONTRIBUTING.md, under Prose\n`);
  process.exitCode = 1;
}

if (require.main === module) main();
