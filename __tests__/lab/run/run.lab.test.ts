import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { waitUntil } from "../../../lab/machine/machine-shell";
import { runCommand } from "../../../lab/run/command";
import { labDirectory } from "../../../lab/run/run";
import { tracesOf } from "../traces";

jest.setTimeout(120_000);

const clean = join(__dirname, "../../../lab/clean");

/** Starts the fixture in a process group of its own, as a terminal would. */
async function startFixture(): Promise<{ child: ChildProcess; runId: string }> {
  const child = spawn("node", ["--import", "tsx", join(__dirname, "run-fixture.ts")], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const runId = line.match(/^up (\S+)$/)?.[1];
    if (runId) return { child, runId };
  }
  throw new Error("the fixture ended before its lab was up");
}

const networksOf = async () => (await runCommand(["ip", "-oneline", "link"])).trim().split("\n").length;

const untilNothingIsLeft = (runId: string) =>
  waitUntil(`nothing to be left of ${runId}`, 30, async () => (await tracesOf(runId)).length === 0);

it.each([
  { how: "the parent is killed", end: (pid: number) => process.kill(pid, "SIGKILL") },
  { how: "Ctrl-C is pressed in its terminal", end: (pid: number) => process.kill(-pid, "SIGINT") },
])("leaves nothing behind when $how", async ({ end }) => {
  const networks = await networksOf();
  const { child, runId } = await startFixture();
  const traces = await tracesOf(runId);
  // These traces are there as long as the run is.
  expect(traces).toContainEqual(expect.stringMatching(/cmdline/));
  expect(traces).toContainEqual(expect.stringMatching(/mountinfo/));
  expect(traces).toContainEqual(expect.stringMatching(/^\/dev\/loop/));
  expect(traces).toContainEqual(expect.stringMatching(/^\/sys\/fs\/cgroup/));
  expect(traces).toContainEqual(expect.stringMatching(/^docker-cache-lab-/));
  end(child.pid!);
  await untilNothingIsLeft(runId);
  expect(await networksOf()).toBe(networks);
});

it("leaves files alone behind when its supervisor is killed too, and lab/clean removes them", async () => {
  const { child, runId } = await startFixture();
  const supervisor = Number(readFileSync(join(labDirectory, "runs", runId, "supervisor.pid"), "utf8").split(" ")[0]);
  // A run in use is left alone.
  await expect(runCommand([clean])).resolves.toContain(`run ${runId} is in use`);
  process.kill(supervisor, "SIGKILL");
  process.kill(child.pid!, "SIGKILL");
  await waitUntil(
    "its processes to end",
    30,
    async () => !(await tracesOf(runId)).some((trace) => /^process/.test(trace)),
  );
  expect(existsSync(join(labDirectory, "runs", runId))).toBe(true);
  await runCommand([clean, runId]);
  await expect(tracesOf(runId)).resolves.toEqual([]);
});

it("is ended by lab/clean with its id, running or not", async () => {
  const { child, runId } = await startFixture();
  await runCommand([clean, runId]);
  await expect(tracesOf(runId)).resolves.toEqual([]);
  child.kill("SIGKILL");
});
