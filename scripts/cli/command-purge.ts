/** `purge`: deletes what a cache left in one region or all, before the stacks are destroyed. It lists first and does nothing unconfirmed. */
import { applyActions } from "../../lambda-src/rotation/apply";
import { awsPorts } from "../../lambda-src/rotation/aws";
import { type Purge, planPurge } from "../../lambda-src/rotation/plan-purge";
import type { Ports } from "../../lambda-src/rotation/ports";
import { readState } from "../../lambda-src/rotation/read";
import type { Options } from "./options";
import { printReports, type Report, say } from "./output";
import { withProgress } from "./progress";
import { selectTargetsToPurge, type Target, titleOf } from "./targets";
import { UsageError } from "./usage-error";

/** A run of the function in between may have begun before the purge; a second look finds what it did. */
const ROUNDS = 3;

async function planIn(target: Target, ports: Ports): Promise<Purge> {
  const { snapshots } = await readState(ports, target.settings, { pointerMayBeMissing: true });
  const doomed = snapshots.map((one) => one.id);
  return planPurge(await readState(ports, target.settings, { pointerMayBeMissing: true, doomed }), target.settings);
}

function reportOf(target: Target, purge: Purge, rest: Partial<Report>): Report {
  const problems = purge.left.map(({ snapshotId, why }) => `${snapshotId} stays: ${why}`);
  return { target, promoted: "none", problems, ...rest };
}

async function purgeOne(target: Target, tell: (text: string) => void): Promise<Report> {
  const ports = awsPorts(target.region);
  const applied: NonNullable<Report["applied"]>[number][] = [];
  for (let round = 1; ; round++) {
    const purge = await planIn(target, ports);
    if (purge.actions.length === 0 || round > ROUNDS) return reportOf(target, purge, { applied });
    tell(`round ${round}: ${purge.actions.length} actions`);
    applied.push(...(await applyActions(purge.actions, ports, target.settings)));
  }
}

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
      const purge = await planIn(target, awsPorts(target.region));
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
    run: (tell: (text: string) => void) => purgeOne(target, tell),
  }));
  say("a build that starts after this makes a new snapshot: destroy the stacks next");
  return printReports("purge", await withProgress(steps, quiet), options);
}
