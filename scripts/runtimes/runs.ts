/** Runs under another Node, and how they are made. The effects are in main.ts. */
import { delimiter, dirname } from "node:path";

/** The test files of each suite; none: all unit tests. */
export const SUITES = {
  /** The rotation function: from its sources, as it is bundled, and as it is shipped. */
  bundle: [
    "__tests__/lambda-src/rotation/rotation.lambda.test.ts",
    "__tests__/modules/function.test.ts",
    "__tests__/lambda-src/bundle.test.ts",
    "__tests__/scripts/runtimes/asked-for.test.ts",
  ],
  unit: [],
} as const satisfies Record<string, readonly string[]>;

export type Suite = keyof typeof SUITES;

/**
 * Environment variable that tells the tests which version they are meant to run under.
 * @internal
 */
export const ASKED_FOR = "DOCKER_CACHE_NODE";

/** Returns the suites that arguments name, or undefined if they name something else, or nothing. */
export function suitesOf(argv: readonly string[]): Suite[] | undefined {
  const named = argv.filter((name): name is Suite => Object.hasOwn(SUITES, name));
  return argv.length > 0 && named.length === argv.length ? named : undefined;
}

/** Arguments for a Node binary: jest itself, since its launcher would take the Node of the PATH. */
export function argumentsOf(suite: Suite): string[] {
  // As in the gate: jest leaves one processor to itself, and waits for connections that a test left open.
  return ["node_modules/jest/bin/jest.js", ...SUITES[suite], "--maxWorkers", "100%", "--forceExit"];
}

/**
 * Environment for a run under a binary. Jest's workers are made with the binary itself. Tests that start `node` find it by the PATH. Slow tests and
 * those of the lab are always left out.
 */
export function environmentOf(version: string, binary: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { SLOW, LAB, PATH, ...rest } = environment;
  return { ...rest, PATH: [dirname(binary), PATH].join(delimiter), [ASKED_FOR]: version };
}

/** One run, ended. */
export interface Outcome {
  readonly suite: Suite;
  readonly version: string;
  readonly seconds: number;
  /** Returns why it failed, e.g. `exit code 1`, or undefined if it did not. */
  readonly failure: string | undefined;
}

/** A line of the closing report. */
export function lineOf({ suite, version, seconds, failure }: Outcome): string {
  return `${suite} under Node ${version}: ${failure === undefined ? "ok" : `FAILED, ${failure}`} (${seconds.toFixed(0)} s)`;
}
