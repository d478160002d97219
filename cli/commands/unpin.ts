/** `unpin [SNAPSHOT]`: let rotation promote newer snapshots again, or no longer keep this one. */
import { planUnpin } from "../../lambda-src/rotation/asked/pin";
import { carryOut, granted, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports, type Report } from "../output";
import { selectAllRegions, selectTargets, titleOf } from "../targets";
import { assertSnapshotId } from "../usage-error";

export async function run(options: Options, snapshotId?: string): Promise<boolean> {
  if (snapshotId !== undefined) assertSnapshotId(snapshotId);
  const select = snapshotId === undefined || options.name !== undefined ? selectAllRegions : selectTargets;
  const { readings: all, unread } = await readTargets(await select(options));
  const readings = all.filter(
    ({ state }) => snapshotId === undefined || state.snapshots.some((one) => one.id === snapshotId),
  );
  if (readings.length === 0) {
    const places = all.map(({ target }) => titleOf(target)).join(", ");
    throw new Error(`${snapshotId} was not found among the snapshots of ${places}`);
  }
  const reports: Report[] = [];
  for (const { target, state } of readings) {
    const answer = granted(target, planUnpin(state, target.settings, snapshotId));
    reports.push(await carryOut(target, answer.target, answer.actions, options));
  }
  return printReports("unpin", [...reports, ...unread], options);
}
