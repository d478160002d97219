/** `rollback`: go from what is promoted to what was promoted before, in all regions of the cache unless one is named. */
import { planRollback } from "../../lambda-src/rotation/asked/rollback";
import { chooseOrigin, type Serving, servingOf } from "../../lambda-src/rotation/asked/serving";
import { judge, servedKey } from "../../lambda-src/rotation/plan/judge";
import type { Action } from "../../lambda-src/rotation/types";
import { carryOut, type Reading, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports, type Report, say } from "../output";
import { selectOneCache, type Target, titleOf } from "../targets";
import { UsageError } from "../usage-error";

const cacheOf = ({ settings }: Target) => `${settings.name}/${settings.architecture}`;

/** What a region is to do; `left`: why it is left as it is. */
interface Planned {
  readonly reading: Reading;
  readonly from: string;
  readonly promoted: string;
  readonly actions: readonly Action[];
  readonly left?: string;
  readonly note?: string;
}

const judgedIn = ({ target, state }: Reading) => judge(state, target.settings);

function lineOf({ target, state }: Reading, { key, rolledBackFrom }: Serving): string {
  const what = key === null ? "nothing" : `${state.pointer.value}, content ${key}`;
  const back = rolledBackFrom === null ? "" : `, rolled back from ${rolledBackFrom}`;
  return `  ${titleOf(target)}: ${what}${back}`;
}

/** The content that `--from` names, by itself or by one of its snapshots. */
function namedOrigin(from: string, readings: readonly Reading[]): string {
  const all = readings.flatMap(judgedIn);
  const found = all.find((one) => one.snapshot.id === from || servedKey(one) === from);
  if (found) return servedKey(found);
  if (readings.some(({ state }) => state.rejected.includes(from))) return from;
  const places = readings.map(({ target }) => titleOf(target)).join(", ");
  throw new UsageError(`--from ${from} is neither a content nor a snapshot that is known in ${places}`);
}

/** The content that each region leaves. @throws Error if it has to be named */
function originsOf(readings: readonly Reading[], options: Options): string[] {
  if (options.from !== undefined) {
    const from = namedOrigin(options.from, readings);
    return readings.map(() => from);
  }
  const serving = readings.map((reading) => servingOf(judgedIn(reading), reading.state));
  const list = readings.map((reading, index) => lineOf(reading, serving[index] as Serving)).join("\n");
  const origins = chooseOrigin(serving);
  if (origins === null)
    throw new Error(
      `the regions serve different contents: say which to leave, --from CONTENT, or --region REGION\n${list}`,
    );
  return origins.map((from) => {
    if (from === null) throw new Error(`nothing is promoted: there is nothing to roll back from\n${list}`);
    return from;
  });
}

function planRegion(reading: Reading, from: string, options: Options): Planned {
  const { target, state } = reading;
  const answer = planRollback(state, target.settings, { from, toNone: options.toNone ?? false });
  const which = `--cache ${target.settings.name} --region ${target.region}`;
  if (answer.refused !== null) {
    const way = `docker-cache rollback ${which} --from ${from} --to-none starts workers without a cache`;
    const left = `left as it is, serving ${state.pointer.value}: ${answer.refused}; ${way}`;
    return { reading, from, promoted: state.pointer.value, actions: [], left };
  }
  const { key, rolledBackFrom } = servingOf(judgedIn(reading), state);
  const further = key === null ? "" : `; to go further back: docker-cache rollback ${which} --from ${key}`;
  const note = rolledBackFrom === from ? { note: `rolled back from ${from} before${further}` } : {};
  return { reading, from, promoted: answer.target, actions: answer.actions, ...note };
}

function planCache(readings: readonly Reading[], options: Options): Planned[] {
  const origins = originsOf(readings, options);
  return readings.map((reading, index) => planRegion(reading, origins[index] as string, options));
}

function reportOf({ from, left, note, reading }: Planned, first: Report, second: Report): Report {
  const planned = [...(first.planned ?? []), ...(second.planned ?? [])];
  const applied = [...(first.applied ?? []), ...(second.applied ?? [])];
  const failed = applied.some((one) => one.failure instanceof Error);
  const again = `not complete: docker-cache rollback --cache ${reading.target.settings.name} --from ${from} completes it`;
  const problems = [...(left === undefined ? [] : [left]), ...(failed ? [again] : [])];
  return { ...first, planned, applied, problems, notes: note === undefined ? [] : [note] };
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
  const reports = planned.map((one, index) => reportOf(one, first[index] as Report, rest[index] as Report));
  const fine = printReports("rollback", reports, options);
  const left = planned.filter((one) => one.left !== undefined).map(({ reading }) => titleOf(reading.target));
  if (left.length > 0) say(`left as they are, with nothing to go back to: ${left.join(", ")}`);
  return fine;
}
