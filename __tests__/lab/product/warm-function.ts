/**
 * An execution environment of a deployed function, as Lambda keeps it warm. The zip that Terraform uploaded runs in a Node process of its own, one
 * event after the other. `invoke` of ./function.ts is a cold start each time.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LabClock } from "../../../lab/product/clock";
import {
  type DeployedFunction,
  environmentOf,
  handlerOf,
  type Invocation,
  type Reached,
} from "../../../lab/product/function";

/** Sets the lab's time before each event. Prints what the handler returns behind a mark that no log line has. */
const RUNNER = `
const [file, name, mark] = process.argv.slice(1);
const MachineDate = Date;
let offset = 0;
globalThis.Date = class Date extends MachineDate {
  constructor(...given) { given.length > 0 ? super(...given) : super(Date.now()); }
  static now() { return MachineDate.now() + offset; }
};
const loaded = import(file);
require("node:readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  const given = JSON.parse(line);
  offset = given.offset;
  let verdict;
  try {
    const context = { functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, awsRequestId: mark, getRemainingTimeInMillis: () => 60000 };
    verdict = { ok: true, result: (await (await loaded)[name](given.event, context)) ?? null };
  } catch (error) {
    verdict = { ok: false, result: String(error && error.stack || error) };
  }
  process.stdout.write("\\n" + mark + JSON.stringify(verdict) + "\\n");
});`;

export interface WarmFunction {
  readonly target: DeployedFunction;
  /** One event at a time. After a crash it begins in a new environment. */
  invoke(event: unknown): Promise<Invocation>;
  /** Ends the environment at once, in the middle of whatever it does: the invocation fails. */
  crash(): void;
}

/** Nothing is started before the first event. */
export function warmFunction(target: DeployedFunction, reached: Reached, clock: LabClock): WarmFunction {
  const mark = `result-${process.pid}-${Date.now()}:`;
  let child: ChildProcess | undefined;
  let log: string[] = [];
  let answer: ((verdict: Pick<Invocation, "ok" | "result">) => void) | undefined;

  async function start(): Promise<ChildProcess> {
    const { file, name } = await handlerOf(target);
    const started = spawn(process.execPath, ["--eval", RUNNER, file, name, mark], {
      env: await environmentOf(target, reached),
      stdio: ["pipe", "pipe", "pipe"],
    });
    const hear = (line: string) => {
      if (line.startsWith(mark)) answer?.(JSON.parse(line.slice(mark.length)));
      else if (line !== "") log.push(line);
    };
    for (const output of [started.stdout, started.stderr]) createInterface({ input: output }).on("line", hear);
    started.once("exit", () => {
      if (child === started) child = undefined;
      answer?.({ ok: false, result: `the environment of ${target.name} ended` });
    });
    return started;
  }

  return {
    target,
    async invoke(event) {
      child ??= await start();
      const { stdin } = child;
      log = [];
      const verdict = await new Promise<Pick<Invocation, "ok" | "result">>((resolve) => {
        answer = resolve;
        stdin?.write(`${JSON.stringify({ event, offset: clock.offsetMilliseconds() })}\n`);
      });
      answer = undefined;
      return { ...verdict, log };
    },
    crash: () => void child?.kill("SIGKILL"),
  };
}
