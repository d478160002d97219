/** Runs one command and turns its errors into messages and exit codes. */
import type { Options } from "./options";
import { UsageError } from "./usage-error";

type Run = (options: Options, ...positional: string[]) => Promise<boolean>;

/** One file a command, loaded when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<{ run: Run }>>> = {
  build: () => import("./command-build"),
  promote: () => import("./command-promote"),
  purge: () => import("./command-purge"),
  rollback: () => import("./command-rollback"),
  rotate: () => import("./command-rotate"),
  status: () => import("./command-status"),
  unpin: () => import("./command-unpin"),
};

const OK = 0;
const FAILED = 1;
const USAGE = 2;

function explain(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (/Credentials|ExpiredToken|UnrecognizedClient|AuthFailure/.test(name))
    return `${message} (${name}). The command line takes AWS credentials from where the AWS CLI does: environment, profile, SSO, instance role.`;
  return name === "Error" || name === "AggregateError" ? message : `${message} (${name})`;
}

/** The exit code: 0 done, 1 failed or refused, 2 not understood. */
export async function runCommand(name: string, positional: readonly string[], options: Options): Promise<number> {
  const load = COMMANDS[name];
  if (!load) throw new Error(`there is no command ${name}`);
  try {
    const { run } = await load();
    return (await run(options, ...positional)) ? OK : FAILED;
  } catch (error) {
    process.stderr.write(`docker-cache ${name}: ${explain(error)}\n`);
    return error instanceof UsageError ? USAGE : FAILED;
  }
}
