/** Counts of a test run, read from what the runners print. */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** From jest's `--json`; a suite that did not even load counts as one failure. Undefined where there is no report. */
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
