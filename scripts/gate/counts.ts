/** Counts and failures of a test run, read from what the runners print. */
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Reads jest's `--json`. A suite that did not even load counts as one failure. Returns the counts, or undefined if there is no report. */
export function countJest(json: string): Counts | undefined {
  if (json === "") return undefined;
  const report = JSON.parse(json) as Record<string, number>;
  return {
    passed: report.numPassedTests ?? 0,
    failed: (report.numFailedTests ?? 0) + (report.numRuntimeErrorTestSuites ?? 0),
    skipped: report.numPendingTests ?? 0,
  };
}

/** From TAP lines: `ok 1 …`, `ok 2 … # skip …`, `not ok 3 …`. */
export function countTap(output: string): Counts | undefined {
  const lines = output.split("\n").filter((line) => /^(not )?ok \d+/.test(line));
  if (lines.length === 0) return undefined;
  const skipped = lines.filter((line) => / # skip/i.test(line)).length;
  const failed = lines.filter((line) => line.startsWith("not ok")).length;
  return { passed: lines.length - failed - skipped, failed, skipped };
}

/** As much of jest's report as `failuresOfJest` reads. */
interface JestReport {
  readonly testResults?: readonly {
    readonly name: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** How much is told of why a test failed; all of it was printed when it did. */
const TOLD_CHARACTERS = 300;

/** The tests that failed in jest's `--json`, each with its file below `root` and the beginning of why. */
export function failuresOfJest(json: string, root: string): string[] {
  if (json === "") return [];
  const { testResults = [] }: JestReport = JSON.parse(json);
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === "failed");
    const file = relative(root, name);
    if (assertionResults.length === 0 && message) return [`${file}\n${beginningOf(message)}`];
    return failed.map((test) => `${file}: ${test.fullName}\n${beginningOf(test.failureMessages.join("\n"))}`);
  });
}

/** Without colours, empty lines and the stack, indented. */
function beginningOf(message: string): string {
  const lines = stripVTControlCharacters(message).slice(0, TOLD_CHARACTERS).split("\n");
  return lines
    .filter((line) => line.trim() !== "" && !/^\s+at /.test(line))
    .map((line) => `    ${line.trim()}`)
    .join("\n");
}

/** The lines of TAP that failed. */
export function failuresOfTap(output: string): string[] {
  return output.split("\n").filter((line) => line.startsWith("not ok"));
}

/** How what a runner says is read. */
export const READERS = {
  jest: { count: countJest, failures: failuresOfJest },
  tap: { count: countTap, failures: failuresOfTap },
} as const;

export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, counts) => ({
      passed: total.passed + counts.passed,
      failed: total.failed + counts.failed,
      skipped: total.skipped + counts.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}
