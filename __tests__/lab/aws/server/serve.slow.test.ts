import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { isAlive } from "../../../../lab/run/process";
import { ROOT } from "../../../../lab/tools/project";
import { startEmulated } from "../emulated";

/** Starts the command and waits for its `export` lines. */
async function serve(
  ...args: string[]
): Promise<{ child: ChildProcess; env: Record<string, string>; lines: string[] }> {
  const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "lab/aws/server/serve.ts"), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk;
      if (output.includes("AWS_DEFAULT_REGION")) resolve(output);
    });
    child.once("exit", (status) => reject(new Error(`ended with ${status}`)));
  });
  const lines = text.trim().split("\n");
  const exported = lines.filter((line) => line.startsWith("export ")).map((line) => line.slice(7).split("=", 2));
  return { child, env: Object.fromEntries(exported) as Record<string, string>, lines };
}

/** Waits until nothing answers at an endpoint. */
async function gone(url: string): Promise<boolean> {
  for (let n = 0; n < 100; n++) {
    const answer = await fetch(url).catch(() => undefined);
    if (!answer) return true;
    await answer.arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function motoOf(pid: number | undefined): Promise<number[]> {
  const { execFileSync } = await import("node:child_process");
  try {
    const out = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
    return out
      .split("\n")
      .map(Number)
      .filter((child) => child > 0 && isAlive(child));
  } catch {
    return [];
  }
}

async function untilGone(pids: number[]): Promise<number[]> {
  for (let n = 0; n < 100 && pids.some(isAlive); n++) await new Promise((resolve) => setTimeout(resolve, 100));
  return pids.filter(isAlive);
}

test("it prints what a shell needs, and ends on SIGTERM with nothing left", async () => {
  const { child, env, lines } = await serve();
  expect(env.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(env.AWS_EC2_METADATA_DISABLED).toBe("true");
  expect(lines).toContain("unset AWS_PROFILE");
  const moto = await motoOf(child.pid);
  expect(moto.length).toBeGreaterThan(0);
  child.kill("SIGTERM");
  expect(await gone(env.AWS_ENDPOINT_URL ?? "")).toBe(true);
  expect(await untilGone(moto)).toEqual([]);
});

test("kill -9 leaves nothing either: moto ends with its parent", async () => {
  const { child, env } = await serve();
  const moto = await motoOf(child.pid);
  expect(moto.length).toBeGreaterThan(0);
  child.kill("SIGKILL");
  expect(await gone(env.AWS_ENDPOINT_URL ?? "")).toBe(true);
  expect(await untilGone(moto)).toEqual([]);
});

test("it ends with the process it was told to end with", async () => {
  const parent = spawn("sleep", ["600"]);
  const { env } = await serve("--parent", String(parent.pid));
  parent.kill("SIGKILL");
  expect(await gone(env.AWS_ENDPOINT_URL ?? "")).toBe(true);
});

test("a port that is taken is an error, and leaves no moto", async () => {
  const aws = await startEmulated();
  const port = new URL(aws.endpointUrl).port;
  await expect(serve("--port", port)).rejects.toThrow("ended with 1");
  await aws.stop();
  expect(isAlive(aws.motoPid)).toBe(false);
});
