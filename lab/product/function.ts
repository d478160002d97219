/** Runs the functions as Lambda would: the zip that Terraform uploaded, its own Node process, the environment it was deployed with. */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { EmulatedAws } from "../aws/server/start";
import { assumeRole } from "../aws/services/assume-role";
import { runLeashed } from "../run/leashed";
import type { LabClock } from "./clock";
import type { SynthesizedStack, TerraformOptions } from "./terraform";

const run = promisify(execFile);

/** A function that a stack deployed. */
export interface DeployedFunction {
  readonly name: string;
  readonly region: string;
  readonly arn: string;
  readonly roleArn: string;
  /** `file.export`, as Lambda reads it. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly zip: string;
}

export interface Invocation {
  readonly ok: boolean;
  /** Value that the handler returned, or its error's text. */
  readonly result: unknown;
  /** Lines of its log. */
  readonly log: readonly string[];
}

interface State {
  readonly resources?: readonly {
    readonly type: string;
    readonly instances: readonly { readonly attributes: Record<string, unknown> }[];
  }[];
}

/** The functions in a stack's state. As it is stored: to show it as JSON, Terraform would start the provider for its schema, which takes seconds. */
export async function deployedFunctions(
  stack: SynthesizedStack,
  options: TerraformOptions,
): Promise<DeployedFunction[]> {
  const pull = [options.terraform, `-chdir=${stack.folder}`, "state", "pull"] as const;
  const { stdout } = await runLeashed(pull, { env: { ...process.env, ...options.env } });
  // Nothing is printed if nothing has been applied.
  const { resources = [] } = JSON.parse(stdout || "{}") as State;
  return resources
    .filter(({ type }) => type === "aws_lambda_function")
    .flatMap(({ instances }) => instances)
    .map(({ attributes }) => ({
      name: String(attributes.function_name),
      region: String(attributes.arn).split(":")[3] ?? "",
      arn: String(attributes.arn),
      roleArn: String(attributes.role),
      handler: String(attributes.handler),
      environment: (attributes.environment as { variables: Record<string, string> }[])[0]?.variables ?? {},
      zip: resolve(stack.folder, String(attributes.filename)),
    }));
}

/** Unpacks a function's zip, unless it is unpacked already. Aside and renamed: several may do it at once, and none sees half of it. */
async function unpack(zip: string): Promise<string> {
  const folder = `${zip}.unpacked`;
  if (existsSync(folder)) return folder;
  const aside = await mkdtemp(`${folder}.`);
  await run("python3", ["-m", "zipfile", "-e", zip, aside]);
  await rename(aside, folder).catch(async (error: unknown) => {
    // Another was faster.
    if (!existsSync(folder)) throw error;
    await rm(aside, { recursive: true });
  });
  return folder;
}

/** Sets the lab's time and gives the handler the event from standard input. Prints the result behind a mark that no log line has. */
const RUNNER = `
const [file, name, mark, offset] = process.argv.slice(1);
const MachineDate = Date;
if (offset !== "0") {
  globalThis.Date = class Date extends MachineDate {
    constructor(...given) { given.length > 0 ? super(...given) : super(Date.now()); }
    static now() { return MachineDate.now() + Number(offset); }
  };
}
let input = "";
process.stdin.on("data", (chunk) => { input += chunk; }).on("end", async () => {
  try {
    const handler = (await import(file))[name];
    const context = { functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, awsRequestId: mark, getRemainingTimeInMillis: () => 60000 };
    const result = await handler(JSON.parse(input), context);
    process.stdout.write("\\n" + mark + JSON.stringify({ ok: true, result: result ?? null }) + "\\n");
  } catch (error) {
    process.stdout.write("\\n" + mark + JSON.stringify({ ok: false, result: String(error && error.stack || error) }) + "\\n");
  }
});`;

/** The AWS that a function reaches. */
export type Reached = Pick<EmulatedAws, "env" | "aws">;

/** The environment that Lambda gives a function: its own, and the credentials of its role. */
export async function environmentOf(target: DeployedFunction, { env, aws }: Reached): Promise<NodeJS.ProcessEnv> {
  const wish = { roleArn: target.roleArn, service: "lambda", sessionName: target.name };
  const session = await assumeRole(aws, target.region, wish);
  return {
    PATH: process.env.PATH ?? "",
    ...env,
    ...target.environment,
    AWS_ACCESS_KEY_ID: session.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: session.SecretAccessKey,
    AWS_SESSION_TOKEN: session.SessionToken,
    AWS_REGION: target.region,
    AWS_LAMBDA_FUNCTION_NAME: target.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
  };
}

/** The file that the handler is in, unpacked, and its name there. */
export async function handlerOf(target: DeployedFunction): Promise<{ file: string; name: string }> {
  const folder = await unpack(target.zip);
  const [base = "index", name = "handler"] = target.handler.split(".");
  const file = [".mjs", ".js", ".cjs"]
    .map((suffix) => join(folder, base + suffix))
    .find((candidate) => existsSync(candidate));
  if (!file)
    throw new Error(`${target.zip} holds no ${base}.mjs or ${base}.js, which the handler ${target.handler} names`);
  return { file, name };
}

/**
 * Invokes a deployed function with an event, in the name of its role. Fails only if the process itself does; the handler's failure is in the
 * result.
 */
export async function invoke(
  target: DeployedFunction,
  event: unknown,
  reached: Reached,
  clock: LabClock,
): Promise<Invocation> {
  const { file, name } = await handlerOf(target);
  const mark = `result-${process.pid}-${Date.now()}:`;
  const child = spawn(process.execPath, ["--eval", RUNNER, file, name, mark, String(clock.offsetMilliseconds())], {
    env: await environmentOf(target, reached),
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(JSON.stringify(event));
  const output: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  await new Promise((done) => child.once("close", done));
  const lines = output.join("").split("\n");
  const verdict = lines.find((line) => line.startsWith(mark));
  if (!verdict) throw new Error(`${target.name} ended without a result:\n${lines.join("\n")}`);
  const { ok, result } = JSON.parse(verdict.slice(mark.length)) as Pick<Invocation, "ok" | "result">;
  return { ok, result, log: lines.filter((line) => line !== "" && !line.startsWith(mark)) };
}
