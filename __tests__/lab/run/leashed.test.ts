import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endLeashed, LeashedError, runLeashed, startLeashed } from "../../../lab/run/leashed";
import { isAlive } from "../../../lab/run/process";

jest.setTimeout(60_000);

async function untilGone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (pids.some(isAlive)) {
    if (Date.now() > deadline) throw new Error(`still alive: ${pids.filter(isAlive)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const firstLine = (input: NodeJS.ReadableStream) =>
  new Promise<string>((resolve) => createInterface({ input }).once("line", resolve));

test("returns what a program printed, line by line too", async () => {
  const lines: string[] = [];
  const printed = await runLeashed(["sh", "-c", "echo one; echo two >&2; cat"], { say: (line) => lines.push(line) });
  expect(printed).toEqual({ stdout: "one\n", stderr: "two\n" });
  expect(lines.sort()).toEqual(["one", "two"]);
});

test("a program that fails says how", async () => {
  const failed = runLeashed(["sh", "-c", "echo out; echo why >&2; exit 3"]);
  await expect(failed).rejects.toThrow(LeashedError);
  await expect(failed).rejects.toMatchObject({ code: 3, stdout: "out\n", stderr: "why\n" });
  await expect(runLeashed(["/nowhere/at-all"])).rejects.toMatchObject({ code: 127 });
});

test("endLeashed ends a program and its children, also those that do not obey", async () => {
  let pids: number[] = [];
  const script = 'trap "" TERM; sleep 300 & echo "$$ $!"; wait; wait';
  const started = new Promise<void>((resolve) => {
    const say = (line: string) => {
      pids = line.split(" ").map(Number);
      resolve();
    };
    runLeashed(["bash", "-c", script], { endSeconds: 1, say }).catch(() => {});
  });
  await started;
  expect(pids.map(isAlive)).toEqual([true, true]);
  await endLeashed();
  await untilGone(pids);
});

test("startLeashed returns when a line says that it is ready, and ends it with its children", async () => {
  const script = 'echo not yet; sleep 300 & echo "ready $$ $!"; wait';
  const [match, program] = await startLeashed(["bash", "-c", script], {
    until: /^ready (\d+) (\d+)$/,
    untilSeconds: 30,
  });
  const pids = match.slice(1).map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await program.end();
  await untilGone(pids);
});

test("a program that ends, or says nothing, before it is ready is an error, and does not go on", async () => {
  const until = /ready/;
  await expect(startLeashed(["sh", "-c", "exit 3"], { until, untilSeconds: 30 })).rejects.toThrow(
    "before it was ready",
  );
  await expect(startLeashed(["sleep", "300"], { until, untilSeconds: 0.2 })).rejects.toThrow(
    "was not ready within 0.2 s",
  );
});

test.each(["SIGKILL", "SIGINT"] as const)("nothing outlives a parent that ends by %s", async (signal) => {
  const parent = spawn(process.execPath, ["--import", "tsx", join(__dirname, "leashed-fixture.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pids = (await firstLine(parent.stdout)).split(" ").map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  parent.kill(signal);
  await untilGone(pids);
});
