/** `rollback`: go from what is promoted to what was promoted before, in all regions of the cache unless one is named. */
import type { Action } from "../../lambda-src/rotation/types";
import { carryOut, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports, type Report, say } from "../output";
import { isFirst, type PlannedRollback, planRollbacks } from "../plan-rollback";
import { selectOneCache, titleOf } from "../targets";

function reportOf({ again, left, note }: PlannedRollback, first: Report, second: Report): Report {
  const planned = [...(first.planned ?? []), ...(second.planned ?? [])];
  const applied = [...(first.applied ?? []), ...(second.applied ?? [])];
  const failed = applied.some((one) => one.failure instanceof Error);
  const problems = [
    ...(left === undefined ? [] : [left]),
    ...(failed ? [`not complete; this completes it: ${again}`] : []),
  ];
  return { ...first, planned, applied, problems, notes: note === undefined ? [] : [note] };
}

/** Everything is planned before anything is done; every region learns what is rejected before any pointer moves. */
export async function run(options: Options): Promise<boolean> {
  const planned = planRollbacks(await readTargets(await selectOneCache(options)), options);
  const carry = (part: (action: Action) => boolean): Promise<Report[]> =>
    Promise.all(
      planned.map(({ reading, promoted, actions }) =>
        carryOut(reading.target, promoted, actions.filter(part), options),
      ),
    );
  const first = await carry(isFirst);
  const rest = await carry((action) => !isFirst(action));
  const reports = planned.map((one, index) => reportOf(one, first[index] as Report, rest[index] as Report));
  const fine = printReports("rollback", reports, options);
  const left = planned.filter((one) => one.left !== undefined).map(({ reading }) => titleOf(reading.target));
  if (left.length > 0) say(`left as they are, with nothing to go back to: ${left.join(", ")}`);
  return fine;
}
