/** The quick start: see scripts/quickstart. Prints what it does, what came of it, and what to do next. */
import { Command } from "commander";
import { pointers } from "../../lab/product/api-loop";
import { apiSteps } from "./api-steps";
import { whyNoMachines } from "./can-boot";
import { FIRST_TOUCH_MS, type Figures, LARGE, machineSteps, NETWORK_MBIT } from "./machine-steps";
import { runSteps } from "./steps";
import { endTrial, made, startTrial, type Trial } from "./trial";

const say = (...lines: readonly string[]) => process.stdout.write(`${lines.join("\n")}\n`);
const SHOW_CURSOR = "\x1b[?25h";
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Ends everything when a signal comes, then this process; a second signal does not wait. */
function endOnSignals(trial: Trial): { readonly ending: () => boolean } {
  let ending = false;
  for (const [signal, status] of Object.entries(SIGNALS)) {
    process.on(signal as NodeJS.Signals, () => {
      if (ending) process.exit(status);
      ending = true;
      process.stderr.write(`${process.stderr.isTTY ? SHOW_CURSOR : ""}\nstopping, and removing what was started\n`);
      endTrial(trial)
        .catch((error: Error) => process.stderr.write(`${error.message}\n`))
        .finally(() => process.exit(status));
    });
  }
  return { ending: () => ending };
}

async function sayPromoted(trial: Trial): Promise<void> {
  say("", "Promoted:");
  for (const { region, name, architecture, snapshotId } of await pointers(made(trial, "loop"))) {
    say(`  ${region.padEnd(14)} ${name}/${architecture}  ${snapshotId}`);
  }
}

const inSeconds = (seconds = 0) => `${seconds.toFixed(1)} s`.padStart(7);

function sayFigures({ cold = 0, pull, warm = 0, build }: Figures): void {
  say(
    "",
    `From launch to the end of the first \`docker run ${LARGE}\` (1 GB):`,
    `  cold  ${inSeconds(cold)}   of it the pull, at ${NETWORK_MBIT / 1000} Gbit/s: ${inSeconds(pull).trim()}`,
    `  warm  ${inSeconds(warm)}   from a volume that loads lazily, ${FIRST_TOUCH_MS} ms for the first touch of each 512 KiB`,
    `        ${(cold / warm).toFixed(1)} times faster; the build took ${inSeconds(build).trim()}`,
    "",
    "One run on this machine, not a benchmark (that is bench/). Terraform, the stacks, the rotation function, the user data, systemd, Docker and the file",
    "systems were the real ones; AWS's API, the network and EBS were emulated (docs/lab.md).",
  );
}

function sayNext(): void {
  say(
    "",
    "To deploy to AWS: edit docker-cache.yaml, then",
    "  npx cdktf deploy '*-eu-west-1'     # one region after the other, with your AWS credentials in the environment",
    "  npx docker-cache build             # or wait for the schedule",
  );
}

async function quickstart({ api }: { readonly api: boolean }): Promise<number> {
  const reason = api ? "asked for by --api" : whyNoMachines();
  say(
    reason === undefined
      ? "The whole loop, on machines that boot here. Ctrl-C stops and removes everything."
      : `The loop at the level of AWS's API, without machines (${reason}). Ctrl-C stops and removes everything.`,
    "",
  );
  const trial = startTrial();
  const { ending } = endOnSignals(trial);
  const figures: Figures = {};
  try {
    await runSteps(reason === undefined ? machineSteps(figures) : apiSteps(), trial);
    await sayPromoted(trial);
    if (reason === undefined) sayFigures(figures);
    else
      say(
        "",
        "AWS was emulated and no image was pulled; Terraform, the stacks and the rotation function were the real ones.",
      );
    sayNext();
    return 0;
  } catch (error) {
    // Work that was going on when the signal came has failed, of course. The signal's handler ends this process.
    if (ending()) return new Promise(() => {});
    process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
    return 1;
  } finally {
    if (!ending()) await endTrial(trial);
  }
}

new Command("scripts/quickstart")
  .description(
    "The main job on this machine, without an AWS account: on Linux as root the whole loop, with machines that boot and a real Docker; elsewhere, and " +
      "with --api, everything but the machines.",
  )
  .option("--api", "no machines: the loop at the level of AWS's API", false)
  .action(async (options: { readonly api: boolean }) => {
    process.exit(await quickstart(options));
  })
  .parseAsync();
