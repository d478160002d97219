/** `tsx lab/aws/server/serve.ts [--port N] [--log FILE] [--parent PID]`: the emulated AWS, until interrupted or orphaned. */
import { Command, InvalidArgumentError } from "commander";
import { isAlive } from "../../run/process";
import { type EmulatedAws, startEmulatedAws } from "./start";

const PARENT_CHECK_MILLISECONDS = 1000;

/** The shell lines that point clients at the endpoint; our values need no quoting. */
export function exportLines(env: EmulatedAws["env"]): string[] {
  return Object.entries(env).map(([name, value]) =>
    value === undefined ? `unset ${name}` : `export ${name}=${value}`,
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError(`expected a port from 0 to 65535, 0 for any free one; found "${text}"`);
}

function parsePid(text: string): number {
  const pid = Number(text);
  if (Number.isInteger(pid) && pid > 1) return pid;
  throw new InvalidArgumentError(`expected the id of a process; found "${text}"`);
}

async function serve(options: { port: number; log?: string; parent: number }): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const aws = await startEmulatedAws({ port: options.port, logFile: options.log, say });
  process.stdout.write(`${exportLines(aws.env).join("\n")}\n`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    const check = () => isAlive(options.parent) || resolve();
    setInterval(check, PARENT_CHECK_MILLISECONDS).unref();
  });
  await aws.stop();
}

if (require.main === module) {
  new Command("serve")
    .description("an emulated AWS on a loopback port, until interrupted")
    .option("--port <number>", "port; 0 for any free one", parsePort, 0)
    .option("--log <file>", "where each call and moto's output are appended")
    .option("--parent <pid>", "the process to end with", parsePid, process.ppid)
    .action(serve)
    .parseAsync()
    .catch((error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    });
}
