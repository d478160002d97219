/** `promote SNAPSHOT`: promote it where it is, at once, and pin it. */
import { planPromote } from "../../lambda-src/rotation/asked/pin";
import { carryOut, granted, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports } from "../output";
import { selectTargets, titleOf } from "../targets";
import { UsageError } from "../usage-error";

export async function run(options: Options, snapshotId: string): Promise<boolean> {
  if (!/^snap-[0-9a-f]+$/.test(snapshotId))
    throw new UsageError(`${snapshotId} is no snapshot id, expected snap- and hexadecimal digits`);
  const readings = await readTargets(await selectTargets(options));
  const found = readings.find(({ state }) => state.snapshots.some((one) => one.id === snapshotId));
  if (!found) {
    const places = readings.map(({ target }) => titleOf(target)).join(", ");
    throw new Error(`${snapshotId} was not found among the snapshots of ${places}`);
  }
  const { target, actions } = granted(found.target, planPromote(found.state, found.target.settings, snapshotId));
  return printReports("promote", [await carryOut(found.target, target, actions, options)], options);
}
