/** `rollback`: go from what is promoted to what was promoted before, in all regions of the cache unless one is named. */
import type { Action } from "../../lambda-src/rotation/types";
import { carryOut, readTargets } from "../answer";
import type { Options } from "../options";
import { hasFailed, printReports, type Report, say } from "../output";
import { cellOf, isFirst, type PlannedRollback, planRollbacks } from "../plan-rollback";
import { selectAllRegions, titleOf } from "../targets";

function reportOf(
  { reading, again, left, note }: PlannedRollback,
  stopped: ReadonlySet<string>,
  first: Report,
  second: Report,
): Report {
  const planned = [...(first.planned ?? []), ...(second.planned ?? [])];
  const applied = [...(first.applied ?? []), ...(second.applied ?? [])];
  const failed = applied.some((one) => one.failure instanceof Error) || stopped.has(cellOf(reading.target));
  const problems = [
    ...(left === undefined ? [] : [left]),
    ...(failed ? [`not complete; this completes it: ${again}`] : []),
  ];
  return { ...first, planned, applied, problems, notes: note === undefined ? [] : [note] };
}

/** Cells of which a region could not write what is rejected: nothing else is done there, or it would be promoted again. */
function stoppedCells(planned: readonly PlannedRollback[], first: readonly Report[]): ReadonlySet<string> {
  return new Set(
    planned.filter((_, index) => hasFailed(first[index] as Report)).map(({ reading }) => cellOf(reading.target)),
  );
}

/** Everything is planned before anything is done; every region learns what is rejected before any pointer moves. */
export async function run(options: Options): Promise<boolean> {
  const { readings, unread } = await readTargets(await selectAllRegions(options));
  const planned = planRollbacks(readings, options);
  const carry = (part: (action: Action, cell: string) => boolean): Promise<Report[]> =>
    Promise.all(
      planned.map(({ reading: { target }, promoted, actions }) =>
        carryOut(
          target,
          promoted,
          actions.filter((action) => part(action, cellOf(target))),
          options,
        ),
      ),
    );
  const first = await carry(isFirst);
  const stopped = stoppedCells(planned, first);
  const rest = await carry((action, cell) => !isFirst(action) && !stopped.has(cell));
  const reports = planned.map((one, index) => reportOf(one, stopped, first[index] as Report, rest[index] as Report));
  const fine = printReports("rollback", [...reports, ...unread], options);
  const left = planned.filter((one) => one.left !== undefined).map(({ reading }) => titleOf(reading.target));
  if (left.length > 0) say(`left as they are, with nothing to go back to: ${left.join(", ")}`);
  return fine;
}
