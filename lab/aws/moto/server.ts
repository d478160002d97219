/** moto's server: its virtual environment, made once, and its process. */
import { spawn } from "node:child_process";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { waitForLine } from "../../run/process";
import { CACHE } from "../../tools/project";
import { ensurePythonEnvironment } from "../../tools/python-environment";

const START_TIMEOUT_SECONDS = 60;

/** A running moto. */
export interface Moto {
  readonly port: number;
  readonly pid: number;
  /** Stops the process and returns when it is gone. */
  stop(): Promise<void>;
}

/** The virtual environment that holds moto: made on first use, afterwards found. */
export function ensureMoto(say?: (line: string) => void): Promise<string> {
  return ensurePythonEnvironment(join(__dirname, "requirements.txt"), join(CACHE, "moto"), say);
}

/** Folder in which that environment keeps the published models of AWS's APIs (botocore's data). */
export async function modelsFolder(environment: string): Promise<string> {
  const lib = join(environment, "lib");
  const python = (await readdir(lib)).find((name) => name.startsWith("python3"));
  return join(lib, python ?? "python3", "site-packages/botocore/data");
}

/** Starts moto on a free loopback port and returns when it listens. Its errors go to `logFile`, or nowhere. */
export async function startMoto(environment: string, logFile?: string): Promise<Moto> {
  const log = logFile ? await open(logFile, "a") : undefined;
  const child = spawn(join(environment, "bin/python"), [join(__dirname, "server.py")], {
    // An own process group: Ctrl-C in a terminal reaches us alone, and we stop it in order.
    detached: true,
    stdio: ["pipe", "pipe", log?.fd ?? "ignore"],
    env: {
      ...withoutAws(process.env),
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  await log?.close();
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // It prints its port once it listens.
  const [port] = await waitForLine(child, ["moto"], /^\d+$/, START_TIMEOUT_SECONDS).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
    await gone;
    clearTimeout(timer);
  };
  return { port: Number(port), pid: child.pid ?? 0, stop };
}

/** The environment without anything that steers an AWS client: neither credentials nor endpoints may reach moto. */
function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("AWS_")));
}
