/** moto's server: its virtual environment, made once, and its process. */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitForLine } from "../../run/process";

const run = promisify(execFile);
const REQUIREMENTS = join(__dirname, "requirements.txt");
const CACHE = join(__dirname, "../../../.cache/moto");
const START_TIMEOUT_SECONDS = 60;

/** A running moto. */
export interface Moto {
  readonly port: number;
  readonly pid: number;
  /** Stops the process and returns when it is gone. */
  stop(): Promise<void>;
}

/**
 * The virtual environment that holds moto: made on first use (about half a minute), afterwards found.
 * It is built aside and renamed, so a half-made one is never used, and two processes may do it at once.
 *
 * @returns its folder, under the project's git-ignored `.cache`
 */
export async function ensureMoto(say: (line: string) => void = () => {}): Promise<string> {
  const digest = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const folder = join(CACHE, digest);
  if (existsSync(folder)) return folder;
  const building = `${folder}.${process.pid}`;
  say(`installing moto into ${folder} (once, about half a minute)`);
  await mkdir(CACHE, { recursive: true });
  try {
    await run("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]).catch(() => {
      throw new Error("the emulated AWS needs python3 3.10 or later on the PATH, with the venv module");
    });
    await run("python3", ["-m", "venv", building]);
    await run(join(building, "bin/python"), ["-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS], {
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(building, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return folder;
}

/** Where that environment keeps the published models of AWS's APIs (botocore's data). */
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
