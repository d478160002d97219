/** How long steps and test files took: told at the end of a run, kept for the order of the next. */
import { relative } from "node:path";

/** Seconds by name. */
export type Seconds = Readonly<Record<string, number>>;

/** A run's record. Of files that did not run it keeps what an earlier run found. */
export interface Times {
  readonly steps: Seconds;
  readonly files: Seconds;
}

const SHOWN_FILES = 20;

/** Seconds of each file in jest's `--json`, by its path below `root`. */
export function secondsOfJest(json: string, root: string): Record<string, number> {
  if (json === "") return {};
  const report: { testResults?: readonly { name: string; startTime: number; endTime: number }[] } = JSON.parse(json);
  return Object.fromEntries(
    (report.testResults ?? [])
      // A file that could not be loaded has no times.
      .filter(({ startTime, endTime }) => endTime > startTime)
      .map(({ name, startTime, endTime }) => [relative(root, name), (endTime - startTime) / 1000]),
  );
}

/** The record after a run: what it found, in whole seconds, the longest first, over what was known of files that are still there. */
export function merged(known: Times, found: Times, isThere: (file: string) => boolean): Times {
  const of = (kind: keyof Times) =>
    Object.fromEntries(
      Object.entries({ ...known[kind], ...found[kind] })
        .filter(([name]) => kind === "steps" || isThere(name))
        .map(([name, seconds]) => [name, Math.round(seconds)] as const)
        .sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1)),
    );
  return { steps: of("steps"), files: of("files") };
}

/** The slowest files, a line each. */
export function slowest(files: Seconds): string[] {
  return Object.entries(files)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_FILES)
    .map(([file, seconds]) => `${seconds.toFixed(0).padStart(5)} s  ${file}`);
}
