/** `promote SNAPSHOT`: promote it at once, and its content in the cache's other regions, and pin it. */
import { carryOut, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports } from "../output";
import { planPromotions } from "../plan-promote";
import { selectAllRegions, selectTargets } from "../targets";
import { assertSnapshotId } from "../usage-error";

/** Everything is planned before anything is done. */
export async function run(options: Options, snapshotId: string): Promise<boolean> {
  assertSnapshotId(snapshotId);
  const select = options.name === undefined ? selectTargets : selectAllRegions;
  const { readings, unread } = await readTargets(await select(options));
  const planned = planPromotions(readings, snapshotId);
  const reports = await Promise.all(
    planned.map(async ({ where, target, actions, note }) => {
      const report = await carryOut(where, target, actions, options);
      return note === undefined ? report : { ...report, problems: [note] };
    }),
  );
  return printReports("promote", [...reports, ...unread], options);
}
