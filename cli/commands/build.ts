/** `build`: start a builder from its launch template, as the schedule does. */

import { setTimeout as sleep } from "node:timers/promises";
import { awsPorts } from "../../lambda-src/rotation/aws/ports";
import { closedUntil } from "../../lib/config/resolve/build-times";
import { resourceNames, TAG } from "../../lib/contract";
import { MINUTE_MILLISECONDS } from "../../lib/time";
import { startBuilder } from "../operator";
import type { Options } from "../options";
import { print, printJson, say } from "../output";
import { type Step, withProgress } from "../progress";
import { builds, selectOneCache, type Target, titleOf } from "../targets";
import { UsageError } from "../usage-error";

const POLL_MILLISECONDS = 5_000;
const ENDED = ["shutting-down", "terminated", "stopped"];

interface Build {
  readonly target: Target;
  readonly templateName: string;
  /** Empty with `--dry-run`. */
  readonly instanceId: string;
  /** Outcome that the builder reported; null: not waited for, or none reported. */
  readonly outcome: string | null;
}

/** Returns a token by which the same command starts no second builder within a minute. */
function tokenOf(templateName: string): string {
  return `${templateName}-${new Date().toISOString().slice(0, 16)}`.slice(-64);
}

/** Waits until the instance has ended, at most the watchdog and a little; returns its outcome. */
async function waitFor(target: Target, instanceId: string, tell: (text: string) => void): Promise<string | null> {
  const ports = awsPorts(target.region);
  const end = Date.now() + (target.settings.watchdogMinutes + 10) * MINUTE_MILLISECONDS;
  while (Date.now() < end) {
    const instance = await ports.getInstance(instanceId);
    const outcome = instance?.tags[TAG.outcome] ?? null;
    if (outcome !== null || (instance && ENDED.includes(instance.state))) return outcome;
    tell(`${instanceId} is ${instance?.state ?? "not to be seen yet"}`);
    await sleep(POLL_MILLISECONDS);
  }
  return null;
}

async function build(target: Target, options: Options, tell: (text: string) => void): Promise<Build> {
  const { name, architecture } = target.settings;
  const templateName = resourceNames(name, architecture, target.region).builder;
  if (options.dryRun) return { target, templateName, instanceId: "", outcome: null };
  const instanceId = await startBuilder(target.region, templateName, tokenOf(templateName));
  const outcome = options.wait ? await waitFor(target, instanceId, tell) : null;
  return { target, templateName, instanceId, outcome };
}

/** Returns a warning if a builder that is started now would yield to the replication (lib/userdata/builder/gate.sh), else null. */
export function gateWarning(target: Target, now: Date): string | null {
  const until = closedUntil(now, target.replicateAt ?? null, target.settings.watchdogMinutes);
  if (until === null) return null;
  return `${titleOf(target)}: a builder that starts now yields: DLM replicates the volume at ${target.replicateAt} UTC, and no build may meet it. Start it from ${until} UTC on`;
}

/** Meanings of the outcomes that are no result. */
const EXPLAINED: Readonly<Record<string, string>> = {
  yielded: "yielded: another builder has the volume, or its replication is near",
};

function lineOf({ target, templateName, instanceId, outcome }: Build, options: Options): string {
  if (options.dryRun) return `${titleOf(target)}: would run an instance of ${templateName}`;
  const told = outcome === null ? "ended without an outcome" : (EXPLAINED[outcome] ?? outcome);
  const result = options.wait ? `, ${told}` : "";
  return `${titleOf(target)}: ${instanceId}${result}`;
}

export async function run(options: Options): Promise<boolean> {
  const targets = (await selectOneCache(options)).filter(builds);
  if (targets.length === 0) throw new UsageError("none of these regions builds: they copy, see copy_from");
  const now = new Date();
  for (const target of targets) {
    const warning = gateWarning(target, now);
    if (warning !== null) say(warning);
  }
  const steps = targets.map(
    (target): Step<Build> => ({ title: titleOf(target), run: (tell) => build(target, options, tell) }),
  );
  const made = await withProgress(steps, options.json ?? !options.wait);
  const documents = made.map(({ target, ...rest }) => ({
    region: target.region,
    cache: target.settings.name,
    ...rest,
  }));
  if (options.json) printJson({ command: "build", targets: documents });
  else for (const one of made) print(lineOf(one, options));
  return !options.wait || made.every(({ outcome }) => outcome !== null && outcome !== "failed");
}
