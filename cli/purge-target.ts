/** Purging one cache and architecture in one region, until a look finds nothing more to do. */
import { type Applied, applyActions } from "../lambda-src/rotation/apply/apply";
import { type Purge, planPurge } from "../lambda-src/rotation/asked/purge";
import { formatAction } from "../lambda-src/rotation/format";
import type { Ports } from "../lambda-src/rotation/ports";
import { readState } from "../lambda-src/rotation/read/read";
import type { Action } from "../lambda-src/rotation/types";
import type { RotationSettings } from "../lib/contract";
import type { Report } from "./output";
import type { Target } from "./targets";

/** A run of the function in between may have begun before the purge; a second look finds what it did. */
const ROUNDS = 3;
/** EC2 may go on listing for a moment what is gone. */
const PAUSE_MILLISECONDS = 5_000;

export async function planPurgeOf(target: Target, ports: Ports): Promise<Purge> {
  const options = { pointerMayBeMissing: true, references: "shares-too" } as const;
  return planPurge(await readState(ports, target.settings, options), target.settings);
}

/** Describes an action that is still open after the last round, so that nobody takes it for done. */
function notDone(action: Action): string {
  if (action.kind === "delete-snapshot")
    return `${action.snapshotId} stays: EC2 did not delete it, however often asked`;
  return `not done after ${ROUNDS} rounds: ${formatAction(action)}`;
}

export function reportOf(target: Target, purge: Purge, rest: Partial<Report>): Report {
  const problems = purge.left.map(({ snapshotId, why }) => `${snapshotId} stays: ${why}`);
  return { target, promoted: "none", ...rest, problems: [...problems, ...(rest.problems ?? [])] };
}

/** Deletions come last, and not at all while a template may still name what they delete: its launches would fail. */
async function carryOutRound(actions: readonly Action[], ports: Ports, settings: RotationSettings): Promise<Applied[]> {
  const isDeletion = (action: Action) => action.kind === "delete-snapshot";
  const applied = await applyActions(
    actions.filter((action) => !isDeletion(action)),
    ports,
    settings,
  );
  const named = applied.some(({ action, failure }) => failure !== undefined && action.kind === "write-template");
  return named ? applied : [...applied, ...(await applyActions(actions.filter(isDeletion), ports, settings))];
}

export async function purgeTarget(target: Target, ports: Ports, tell: (text: string) => void): Promise<Report> {
  const applied: Applied[] = [];
  for (let round = 1; ; round++) {
    const purge = await planPurgeOf(target, ports);
    const { actions } = purge;
    if (actions.length === 0 || round > ROUNDS)
      return reportOf(target, purge, { applied, problems: actions.map(notDone) });
    tell(`round ${round}: ${actions.length} actions`);
    applied.push(...(await carryOutRound(actions, ports, target.settings)));
    await ports.sleep(PAUSE_MILLISECONDS);
  }
}
