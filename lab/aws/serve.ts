/** `tsx lab/aws/serve.ts [--port N] [--log FILE]`: runs the emulated AWS until it is interrupted or its parent is gone. */
import { Command, InvalidArgumentError } from "commander";
import { type EmulatedAws, startEmulatedAws } from "./start";

const PARENT_CHECK_MILLISECONDS = 1000;

/** The shell lines that point clients at the endpoint; values of ours need no quoting. */
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

async function serve(options: { port: number; log?: string }): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const parent = process.ppid;
  const aws = await startEmulatedAws({ port: options.port, logFile: options.log, say });
  process.stdout.write(`${exportLines(aws.env).join("\n")}\n`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    const orphaned = () => process.ppid !== parent && resolve();
    setInterval(orphaned, PARENT_CHECK_MILLISECONDS).unref();
  });
  await aws.stop();
}

if (require.main === module) {
  new Command("serve")
    .description("an emulated AWS on a loopback port, until interrupted")
    .option("--port <number>", "port; 0 for any free one", parsePort, 0)
    .option("--log <file>", "where moto's output is appended")
    .action(serve)
    .parseAsync()
    .catch((error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    });
}
