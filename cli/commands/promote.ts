/** `promote SNAPSHOT`: promote it at once, and its content in the cache's other regions, and pin it. */
import { planPromote, type Wanted } from "../../lambda-src/rotation/asked/pin";
import { TAG } from "../../lib/contract";
import { carryOut, granted, type Reading, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports } from "../output";
import { selectTargets, titleOf } from "../targets";
import { assertSnapshotId, UsageError } from "../usage-error";

const isSameCache = ({ target: { settings: one } }: Reading, { target: { settings: other } }: Reading) =>
  one.name === other.name && one.architecture === other.architecture;

/** The region that has the snapshot, and the other regions of its cache and architecture. */
function find(snapshotId: string, readings: readonly Reading[]): { found: Reading; others: readonly Reading[] } {
  const found = readings.find(({ state }) => state.snapshots.some((one) => one.id === snapshotId));
  if (!found) {
    const places = readings.map(({ target }) => titleOf(target)).join(", ");
    throw new UsageError(`${snapshotId} was not found among the snapshots of ${places}`);
  }
  return { found, others: readings.filter((one) => one !== found && isSameCache(one, found)) };
}

/** Everything is planned before anything is done. */
export async function run(options: Options, snapshotId: string): Promise<boolean> {
  assertSnapshotId(snapshotId);
  const { found, others } = find(snapshotId, await readTargets(await selectTargets(options)));
  const content = found.state.snapshots.find((one) => one.id === snapshotId)?.tags[TAG.content];
  const plan = (reading: Reading, wanted: Wanted) => ({
    ...granted(reading.target, planPromote(reading.state, reading.target.settings, wanted)),
    where: reading.target,
  });
  const planned = [
    plan(found, { snapshotId }),
    ...(content === undefined ? [] : others.map((reading) => plan(reading, { content }))),
  ];
  const reports = await Promise.all(
    planned.map(async ({ where, target, actions, note }) => {
      const report = await carryOut(where, target, actions, options);
      return note === undefined ? report : { ...report, notes: [note] };
    }),
  );
  return printReports("promote", reports, options);
}
