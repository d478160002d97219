/**
 * `npm run runtimes bundle` and `npm run runtimes unit`: the tests of the rotation function's bundle, or all unit tests, under the Nodes of RUNTIMES.
 * Output is shown as it comes, the report alone on stdout. Exit codes: 0 all passed, or there are no binaries for this machine; 1 a run failed, by its version; 2 usage.
 */
import { spawnSync } from "node:child_process";
import { bringNode, noBinaries, RUNTIMES, type Runtime } from "./node-binary";
import { argumentsOf, environmentOf, lineOf, type Outcome, SUITES, type Suite, suitesOf } from "./runs";

function run(suite: Suite, runtime: Runtime): Outcome {
  const { version } = runtime;
  process.stderr.write(`\n== ${suite} under Node ${version}\n`);
  const started = Date.now();
  const outcome = (failure?: string) => ({ suite, version, seconds: (Date.now() - started) / 1000, failure });
  let binary: string;
  try {
    binary = bringNode(runtime);
  } catch (error) {
    return outcome(`it cannot be had: ${(error as Error).message}`);
  }
  const { status, signal, error } = spawnSync(binary, argumentsOf(suite), {
    env: environmentOf(version, binary, process.env),
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status === 0) return outcome();
  return outcome(error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`));
}

function main(): number {
  const suites = suitesOf(process.argv.slice(2));
  if (suites === undefined) {
    process.stderr.write(`usage: tsx scripts/runtimes/main.ts ${Object.keys(SUITES).join("|")}…\n`);
    return 2;
  }
  const missing = noBinaries();
  if (missing !== undefined) {
    process.stdout.write(`other versions of Node are skipped: ${missing}\n`);
    return 0;
  }
  const outcomes = suites.flatMap((suite) => RUNTIMES.map((runtime) => run(suite, runtime)));
  process.stdout.write(`\n${outcomes.map(lineOf).join("\n")}\n`);
  return outcomes.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

process.exitCode = main();
