/** The quick start: see scripts/quickstart. Prints what it does, what came of it, and what to do next. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Listr } from "listr2";
import type { AwsEvent } from "../lab/aws/hooks";
import { type EmulatedAws, startEmulatedAws } from "../lab/aws/start";
import {
  type ApiLoop,
  apiLoop,
  applyAll,
  buildAll,
  deliver,
  planAll,
  pointers,
  replicateAll,
} from "../lab/loop/api-loop";
import { createClock } from "../lab/loop/clock";
import { formatProblems } from "../lib/config/problem";
import { readConfig } from "../lib/config/read-config";
import { resolveConfig } from "../lib/config/resolve";
import { ensureTerraform } from "./setup/terraform";

const run = promisify(execFile);
const root = join(__dirname, "..");
const cache = join(root, ".cache");
const clock = createClock();

interface Context {
  readonly folder: string;
  terraform: string;
  aws: EmulatedAws;
  loop: ApiLoop;
  events: readonly AwsEvent[];
}

/** Delivers events and fails where a function failed. */
async function promote(loop: ApiLoop, events: readonly AwsEvent[]): Promise<void> {
  for (const event of events) {
    for (const invocation of await deliver(loop, event)) {
      if (!invocation.ok) throw new Error(`the rotation function failed: ${invocation.result}`);
    }
  }
}

async function synthesize(context: Context): Promise<string> {
  const out = join(context.folder, "cdktf.out");
  await run(join(root, "node_modules/.bin/tsx"), ["main.ts"], {
    cwd: root,
    env: { ...process.env, CDKTF_OUTDIR: out },
  });
  return out;
}

const steps = (folder: string, stop: { aws?: EmulatedAws }) =>
  new Listr<Context>(
    [
      {
        title: "Terraform: the one on the PATH, or the official release, checked",
        task: async (context) => {
          context.terraform = await ensureTerraform(join(cache, "terraform"));
        },
      },
      {
        title: "Emulated AWS on the loopback address",
        task: async (context, task) => {
          context.aws = await startEmulatedAws({
            now: clock.now,
            logFile: join(folder, "moto.log"),
            say: (line) => (task.output = line),
          });
          stop.aws = context.aws;
        },
      },
      {
        title: "docker-cache.yaml becomes Terraform",
        task: async (context, task) => {
          const parsed = readConfig(process.env);
          if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
          const deployment = resolveConfig(parsed.config);
          const options = {
            terraform: context.terraform,
            env: context.aws.env,
            pluginCache: join(cache, "terraform-plugins"),
          };
          context.loop = apiLoop(context.aws, clock, deployment, await synthesize(context), options);
          task.title += `: ${context.loop.stacks.map((stack) => stack.name).join(", ")}`;
        },
      },
      {
        title: "terraform apply of every stack",
        task: (context, task) => applyAll(context.loop, (line) => (task.output = line)),
      },
      {
        title: "a build is stood in for: the volume tagged, a ready snapshot created",
        task: async (context) => {
          context.events = await buildAll(context.loop, "first", "i-0123456789abcdef0");
        },
      },
      {
        title: "the rotation function hears of it and promotes",
        task: (context) => promote(context.loop, context.events),
      },
      {
        title: "DLM copies to the other regions; each promotes its own copy",
        task: async (context) => promote(context.loop, await replicateAll(context.loop)),
      },
      {
        title: "terraform plan of every stack",
        task: async (context, task) => {
          const found = await planAll(context.loop);
          if (found.length > 0) throw new Error(found.map(({ stack, plan }) => `${stack}:\n${plan}`).join("\n"));
          task.title += ": No changes";
        },
      },
    ],
    { rendererOptions: { collapseSubtasks: false }, exitOnError: true },
  );

async function main(): Promise<number> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "quickstart-"));
  const started: { aws?: EmulatedAws } = {};
  const clean = async () => {
    await started.aws?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      clean().finally(() => process.exit(130));
    });
  }
  try {
    const context = await steps(folder, started).run({ folder } as Context);
    process.stdout.write("\nPromoted:\n");
    for (const pointer of await pointers(context.loop)) {
      process.stdout.write(
        `  ${pointer.region.padEnd(14)} ${pointer.name}/${pointer.architecture}  ${pointer.snapshotId}\n`,
      );
    }
    process.stdout.write(
      [
        "",
        "AWS was emulated here and no image was pulled; Terraform, the stacks and the rotation function were the real ones.",
        "To deploy to AWS: edit docker-cache.yaml, then",
        "  npx cdktf deploy '*-eu-west-1'     # one region after the other, with your AWS credentials in the environment",
        "  npx docker-cache build             # or wait for the schedule",
        "",
      ].join("\n"),
    );
    return 0;
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
    return 1;
  } finally {
    await clean();
  }
}

main().then((code) => process.exit(code));
