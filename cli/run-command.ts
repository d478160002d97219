/** Runs one command and turns its errors into messages and exit codes. */
import type { Options } from "./options";
import { UsageError } from "./usage-error";

/** A command; its promise says whether all went well, or is the exit code of a program that did the work. */
export type Run = (options: Options, ...positional: string[]) => Promise<boolean | number>;

const OK = 0;
const FAILED = 1;
const USAGE = 2;

/** True if AWS was not asked, or did not know who asked: no other call would do better. */
export function isOfCredentials({ name }: Error): boolean {
  return /Credentials|ExpiredToken|UnrecognizedClient|AuthFailure/.test(name);
}

function explain(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (isOfCredentials({ name, message }))
    return `${message} (${name}). The command line takes AWS credentials from where the AWS CLI does: environment, profile, SSO, instance role.`;
  return name === "Error" || name === "AggregateError" ? message : `${message} (${name})`;
}

/** The exit code: 0 done, 1 failed or refused, 2 not understood. */
export async function runCommand(
  name: string,
  run: Run,
  positional: readonly string[],
  options: Options,
): Promise<number> {
  try {
    const done = await run(options, ...positional);
    return typeof done === "number" ? done : done ? OK : FAILED;
  } catch (error) {
    process.stderr.write(`docker-cache ${name}: ${explain(error)}\n`);
    return error instanceof UsageError ? USAGE : FAILED;
  }
}
