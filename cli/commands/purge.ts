/** `purge`: delete what a cache left in one region or all, before the stacks are destroyed. It lists first and does nothing unconfirmed. */
import { hasFunction } from "../operator";
import type { Options } from "../options";
import { printReports, say } from "../output";
import { withProgress } from "../progress";
import { assertNames, deployedElsewhere, missingConsent } from "../purge-consent";
import { planPurgeOf, purgeTarget, reportOf } from "../purge-target";
import { portsOf } from "../region-ports";
import { selectTargetsToPurge, type Target, titleOf } from "../targets";
import { UsageError } from "../usage-error";

/** Lists what would be done, with a note on each target that is not the file's. */
async function list(targets: readonly Target[], elsewhere: ReadonlyMap<string, string>, options: Options) {
  const look = async (target: Target) => {
    const purge = await planPurgeOf(target, portsOf(target.region));
    const fact = elsewhere.get(titleOf(target));
    return reportOf(target, purge, { planned: purge.actions, notes: fact === undefined ? [] : [fact] });
  };
  const steps = targets.map((target) => ({ title: titleOf(target), run: () => look(target) }));
  return printReports("purge", await withProgress(steps, options.json ?? false), options);
}

export async function run(options: Options): Promise<boolean> {
  const targets = await selectTargetsToPurge(options);
  assertNames(targets, options);
  const elsewhere = await deployedElsewhere(targets, options, portsOf, hasFunction);
  const missing = missingConsent(elsewhere, options);
  if (options.dryRun || missing !== null) {
    const fine = await list(targets, elsewhere, options);
    if (options.dryRun) return fine;
    throw new UsageError(`nothing was done: ${missing}`);
  }
  const steps = targets.map((target) => ({
    title: titleOf(target),
    run: (tell: (text: string) => void) => purgeTarget(target, portsOf(target.region), tell),
  }));
  say("a build that starts after this makes a new snapshot: destroy the stacks next");
  return printReports("purge", await withProgress(steps, options.json ?? false), options);
}
