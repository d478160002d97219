/** `rollback`: go from what is promoted to what was promoted before, in all regions of the cache unless one is named. */
import { planRollback, promotedContent } from "../../lambda-src/rotation/asked/rollback";
import type { Action } from "../../lambda-src/rotation/types";
import { carryOut, granted, type Reading, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports, type Report } from "../output";
import { builds, selectOneCache, type Target } from "../targets";

const cacheOf = ({ settings }: Target) => `${settings.name}/${settings.architecture}`;

/**
 * Contents to reject: those that the building regions promoted, or, if none of these was read, those that the regions read
 * promoted. A region that has not received the bad copy yet then only learns to refuse it.
 */
function contentsOf(readings: readonly Reading[]): string[] {
  const building = readings.filter(({ target }) => builds(target));
  const sources = building.length > 0 ? building : readings;
  const contents = sources.map(({ target, state }) => promotedContent(state, target.settings));
  return [...new Set(contents.filter((one) => one !== undefined))];
}

interface Planned {
  readonly reading: Reading;
  readonly promoted: string;
  readonly actions: readonly Action[];
}

function planCache(readings: readonly Reading[], options: Options): Planned[] {
  const contents = contentsOf(readings);
  const single = readings.length === 1;
  return readings.map((reading) => {
    const { target, state } = reading;
    const rollback = { toNone: options.toNone ?? false, ...(!single && { contents }) };
    const answer = granted(target, planRollback(state, target.settings, rollback));
    return { reading, promoted: answer.target, actions: answer.actions };
  });
}

/** Everything is planned before anything is done; every region learns what is rejected before any pointer moves. */
export async function run(options: Options): Promise<boolean> {
  const readings = await readTargets(await selectOneCache(options));
  const caches = [...new Set(readings.map(({ target }) => cacheOf(target)))];
  const planned = caches.flatMap((cache) =>
    planCache(
      readings.filter(({ target }) => cacheOf(target) === cache),
      options,
    ),
  );
  const isFirst = (action: Action) => action.kind === "write-rejected";
  const carry = (part: (action: Action) => boolean): Promise<Report[]> =>
    Promise.all(
      planned.map(({ reading, promoted, actions }) =>
        carryOut(reading.target, promoted, actions.filter(part), options),
      ),
    );
  const first = await carry(isFirst);
  const rest = await carry((action) => !isFirst(action));
  const reports = first.map((report, index) => merge(report, rest[index]));
  return printReports("rollback", reports, options);
}

function merge(first: Report, second: Report | undefined): Report {
  const planned = [...(first.planned ?? []), ...(second?.planned ?? [])];
  const applied = [...(first.applied ?? []), ...(second?.applied ?? [])];
  return { ...first, planned, applied };
}
