/** `purge`: delete what a cache left in one region or all, before the stacks are destroyed. It lists first and does nothing unconfirmed. */
import { awsPorts } from "../../lambda-src/rotation/aws/ports";
import type { Options } from "../options";
import { printReports, say } from "../output";
import { withProgress } from "../progress";
import { planPurgeOf, purgeTarget, reportOf } from "../purge-target";
import { selectTargetsToPurge, type Target, titleOf } from "../targets";
import { UsageError } from "../usage-error";

function assertOneCache(targets: readonly Target[], confirm: string): void {
  const names = [...new Set(targets.map(({ settings }) => settings.name))];
  if (names.length !== 1 || names[0] !== confirm)
    throw new UsageError(`--confirm=${confirm} does not name what would be purged: ${names.join(", ")}`);
}

export async function run(options: Options): Promise<boolean> {
  const targets = await selectTargetsToPurge(options);
  if (options.confirm !== undefined) assertOneCache(targets, options.confirm);
  const quiet = options.json ?? false;
  if (options.dryRun || options.confirm === undefined) {
    const look = async (target: Target) => {
      const purge = await planPurgeOf(target, awsPorts(target.region));
      return reportOf(target, purge, { planned: purge.actions });
    };
    const steps = targets.map((target) => ({ title: titleOf(target), run: () => look(target) }));
    const fine = printReports("purge", await withProgress(steps, quiet), options);
    if (options.dryRun) return fine;
    const names = [...new Set(targets.map(({ settings }) => settings.name))];
    throw new UsageError(`nothing was done: say --confirm=${names[0]} to do this`);
  }
  const steps = targets.map((target) => ({
    title: titleOf(target),
    run: (tell: (text: string) => void) => purgeTarget(target, awsPorts(target.region), tell),
  }));
  say("a build that starts after this makes a new snapshot: destroy the stacks next");
  return printReports("purge", await withProgress(steps, quiet), options);
}
