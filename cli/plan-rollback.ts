/** What a rollback does in each region: pure, over what was read of all of them. */
import { planRollback } from "../lambda-src/rotation/asked/rollback";
import { chooseOrigin, type Serving, servingOf } from "../lambda-src/rotation/asked/serving";
import { judge, servedKey } from "../lambda-src/rotation/plan/judge";
import type { Action } from "../lambda-src/rotation/types";
import type { Reading } from "./answer";
import type { Options } from "./options";
import { selectorOf, type Target, titleOf } from "./targets";

/** A cache and architecture. */
export const cellOf = ({ settings }: Target) => `${settings.name}/${settings.architecture}`;

/** What a region is to do; `left`: why it is left as it is. */
export interface PlannedRollback {
  readonly reading: Reading;
  /** The command that completes this one if something fails. */
  readonly again: string;
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

/** The content that `--from` names, by itself or by one of its snapshots; undefined: nothing of it is known here. */
function namedOrigin(from: string, readings: readonly Reading[]): string | undefined {
  const found = readings.flatMap(judgedIn).find((one) => one.snapshot.id === from || servedKey(one) === from);
  if (found) return servedKey(found);
  return readings.some(({ state }) => state.rejected.includes(from)) ? from : undefined;
}

/** The content that each region leaves if none is named. @throws Error if it has to be */
function originsOf(readings: readonly Reading[]): string[] {
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

function planRegion(reading: Reading, from: string, options: Options): PlannedRollback {
  const { target, state } = reading;
  const answer = planRollback(state, target.settings, { from, toNone: options.toNone ?? false });
  const cache = `docker-cache rollback ${selectorOf(target, options)}`;
  const here = `${cache} --region ${target.region}`;
  const same = options.region === undefined ? cache : here;
  const again = `${same} --from ${from}${options.toNone ? " --to-none" : ""}`;
  if (answer.refused !== null) {
    const way = `${here} --from ${from} --to-none starts workers without a cache`;
    const left = `left as it is, serving ${state.pointer.value}: ${answer.refused}; ${way}`;
    return { reading, again, promoted: state.pointer.value, actions: [], left };
  }
  const { key, rolledBackFrom } = servingOf(judgedIn(reading), state);
  const further = key === null ? "" : `; to go further back: ${same} --from ${key}`;
  const note = rolledBackFrom === from ? { note: `rolled back from ${from} before${further}` } : {};
  return { reading, again, promoted: answer.target, actions: answer.actions, ...note };
}

/** A cache and architecture that knows nothing of what is named has nothing to leave: contents differ by architecture. */
function planCell(readings: readonly Reading[], options: Options): PlannedRollback[] {
  if (options.from === undefined) {
    const origins = originsOf(readings);
    return readings.map((reading, index) => planRegion(reading, origins[index] as string, options));
  }
  const from = namedOrigin(options.from, readings);
  return from === undefined ? [] : readings.map((reading) => planRegion(reading, from, options));
}

/**
 * Plans for all regions of all caches and architectures; each cache and architecture by itself.
 *
 * @throws Error if regions serve different contents and none is named, or if nobody knows the one that is
 */
export function planRollbacks(readings: readonly Reading[], options: Options): PlannedRollback[] {
  const cells = [...new Set(readings.map(({ target }) => cellOf(target)))];
  const planned = cells.flatMap((cell) =>
    planCell(
      readings.filter(({ target }) => cellOf(target) === cell),
      options,
    ),
  );
  if (planned.length > 0) return planned;
  const places = readings.map(({ target }) => titleOf(target)).join(", ");
  throw new Error(`--from ${options.from} is neither a content nor a snapshot that is known in ${places}`);
}

/** True of what every region does before any moves its pointer: from then on nothing promotes the content again. */
export const isFirst = (action: Action) => action.kind === "write-rejected";
