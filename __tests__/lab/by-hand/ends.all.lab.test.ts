/** Anyone who tries the product or the lab by hand, and ends it in any way at any time, finds the machine as it was. */
import { type ChildProcess, spawn } from "node:child_process";
import { waitUntil } from "../../../lab/machine/machine-shell";
import { ROOT } from "../../../lab/tools/project";
import { aliveOf, familyOf, type ProcessName, runsOf, tracesOf } from "../traces";

const MINUTES = 60_000;
const SAYS_WITHIN_SECONDS = 600;

interface Program {
  readonly child: ChildProcess;
  output(): string;
  /** Waits until it has said something, behind the first `after` characters of its output. */
  says(what: RegExp, after?: number): Promise<void>;
}

interface Ended extends Program {
  /** The lab's runs that it had made. */
  readonly runs: ReadonlySet<string>;
}

/** In a process group of its own, as a terminal starts it. */
function start([file = "", ...argv]: readonly string[]): Program {
  // As a user starts it: with no provider that the gate keeps warm.
  const env = { ...process.env, DOCKER_CACHE_LAB_PROVIDER: undefined };
  const child = spawn(file, argv, { cwd: ROOT, detached: true, stdio: "pipe", env });
  let text = "";
  for (const output of [child.stdout, child.stderr]) output?.setEncoding("utf8").on("data", (said) => (text += said));
  const says = async (what: RegExp, after = 0) => {
    const found = () => what.test(text.slice(after));
    const ended = () => child.exitCode !== null;
    await waitUntil("", SAYS_WITHIN_SECONDS, () => found() || ended()).catch(() => undefined);
    if (found()) return;
    const state = ended() ? `ended with ${child.exitCode}` : `had not ended after ${SAYS_WITHIN_SECONDS} s`;
    throw new Error(`${file} ${state} and never said ${what}:\n${text.slice(after)}`);
  };
  return { child, output: () => text, says };
}

/** Runs `work` on a started program, which has to end by it; then nothing of it may be there. */
async function endsClean(command: readonly string[], work: (program: Program) => Promise<unknown>): Promise<Ended> {
  const program = start(command);
  const family = new Set<ProcessName>();
  const runs = new Set<string>();
  const look = () => {
    for (const one of familyOf(program.child.pid ?? 0)) family.add(one);
    for (const run of runsOf(family)) runs.add(run);
  };
  const watch = setInterval(look, 500);
  try {
    await work(program);
    look();
    await waitUntil("everything to be gone", 60, async () => {
      const traces = await Promise.all([...runs].map(tracesOf));
      return traces.flat().length === 0 && aliveOf(family).length === 0;
    });
  } finally {
    clearInterval(watch);
    if (program.child.exitCode === null) program.child.kill("SIGKILL");
  }
  return { ...program, runs };
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const interrupt = ({ child }: Program) => process.kill(-(child.pid ?? 0), "SIGINT");

test(
  "scripts/quickstart: the whole loop",
  async () => {
    const { child, output, runs } = await endsClean(["scripts/quickstart"], ({ child }) =>
      waitUntil("the quick start's end", 1200, () => child.exitCode !== null),
    );
    expect(runs.size).toBe(1);
    expect(output()).toMatch(/terraform plan of every stack: No changes/);
    expect(output()).toMatch(
      /Promoted:\n {2}eu-west-1 +ci\/x86_64 {2}snap-\w+\n {2}us-east-1 +ci\/x86_64 {2}snap-\w+\n/,
    );
    expect(output()).toMatch(/\n {2}cold +\d+\.\d s .*\n {2}warm +\d+\.\d s /);
    expect(child.exitCode).toBe(0);
  },
  25 * MINUTES,
);

test(
  "scripts/quickstart: Ctrl-C in the middle of a build",
  async () => {
    const { child, output, runs } = await endsClean(["scripts/quickstart"], async (program) => {
      await program.says(/the schedule is due/);
      await pause(10);
      interrupt(program);
    });
    expect(output()).toContain("stopping, and removing what was started");
    expect(child.exitCode).toBe(130);
    expect(runs.size).toBe(1);
  },
  20 * MINUTES,
);

test(
  "scripts/quickstart: killed while Terraform applies",
  async () => {
    await endsClean(["scripts/quickstart", "--api"], async (program) => {
      await program.says(/terraform apply/);
      await pause(5);
      program.child.kill("SIGKILL");
    });
  },
  20 * MINUTES,
);

test(
  "npm run lab: build, worker, run, what can be broken, down",
  async () => {
    const { output, runs } = await endsClean(["npm", "run", "--silent", "lab", "--", "up"], async (program) => {
      const asks = async (line: string, answer: RegExp) => {
        const before = program.output().length;
        program.child.stdin?.write(`${line}\n`);
        await program.says(/lab> $/, before);
        expect(program.output().slice(before)).toMatch(answer);
      };
      await program.says(/Up\. [\s\S]*lab> $/);
      await asks("worker", /i-\w+: cold, no cache device was mapped at launch \(/);
      await asks("terminate", /i-\w+ is gone/);
      await asks("build", /outcome: ready[\s\S]*rotation in eu-west-1: done/);
      await asks("snapshots", /eu-west-1 {2}snap-\w+ .* completed\/ready {2}promoted/);
      await asks("worker", /i-\w+: warm \(/);
      await asks("run registry.lab/base:1", /\(\d+\.\d s\)\nlab> $/);
      await asks("break-registry nonsense", /expected refuse, stall, truncate, busy; found nonsense/);
      await asks("break-registry refuse", /the registry will refuse/);
      await asks("break-events twice", /events: twice/);
      // The router makes one hint of both.
      await asks("copy", /rotation in us-east-1: done\s+lab> $/);
      await asks("break-snapshot", /snap-\w+ is deleted/);
      await asks("rotate", /rotation in eu-west-1: done\s+lab> $/);
      await asks("break-power", /has lost its power/);
      program.child.stdin?.write("down\n");
      await waitUntil("the end", 60, () => program.child.exitCode !== null);
    });
    expect(output()).not.toMatch(/Error|undefined/);
    expect(runs.size).toBe(1);
  },
  20 * MINUTES,
);
