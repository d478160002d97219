/** Problems of a configuration, and how they are told. */
import type { Config } from "../schema/schema";

/** Path of a value in the configuration. */
export type Path = readonly (string | number)[];

/** A problem of a value: what was found there, what is expected, and what to do. */
export interface Finding {
  readonly path: Path;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** A check of one cache: the problems it finds. */
export type CacheCheck = (config: Config, cache: string) => Finding[];
/** A check of the whole. */
export type ConfigCheck = (config: Config) => Finding[];

/** A problem with its place. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted, e.g. `caches.ci.images[0]`; empty for the file as a whole. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** `caches.ci.images[0]` */
export function formatPath(path: Path): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "");
}

/** All problems as text for a terminal, in the order of the file, with a closing line that counts them. */
export function formatProblems(problems: readonly Problem[]): string {
  const blocks = problems.map(({ file, line, column, path, found, expected, fix }) =>
    [
      `${file}:${line}:${column}: ${path || "the file"}`,
      `  found     ${found}`,
      `  expected  ${expected}`,
      `  fix       ${fix}`,
    ].join("\n"),
  );
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `${blocks.join("\n\n")}\n\n${count} in the configuration; nothing was written.\n`;
}
