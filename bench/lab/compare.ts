/** Figures of workers and jobs, kind by kind and turn by turn. */
import type { WorkerKind, WorkerResults, WorkerTurn } from "./results";
import { type Spread, spreadOf } from "./statistics";

/**
 * A figure made of one worker of each of `kinds`, for every turn in which all of them were measured; undefined if there is no such turn, or the figure
 * is missing. Workers of one turn ran within minutes of each other: what else the machine did met them alike.
 */
export function inTurns(
  { kinds: all }: WorkerResults,
  kinds: readonly WorkerKind[],
  figure: (...workers: WorkerTurn[]) => number,
): Spread | undefined {
  return turnByTurn(
    kinds.map((kind) => all[kind] ?? []),
    figure,
  );
}

/** The same of ways to an image, or of builds with layers. */
export function waysInTurns<Way extends string, Turn extends { readonly turn: number }>(
  { ways: all }: { readonly ways: Readonly<Record<Way, readonly Turn[]>> },
  ways: readonly Way[],
  figure: (...jobs: Turn[]) => number,
): Spread | undefined {
  return turnByTurn(
    ways.map((way) => all[way]),
    figure,
  );
}

function turnByTurn<Turn extends { readonly turn: number }>(
  [first = [], ...rest]: readonly (readonly Turn[])[],
  figure: (...turns: Turn[]) => number,
): Spread | undefined {
  const values = first.flatMap((one) => {
    const others = rest.map((turns) => turns.find(({ turn }) => turn === one.turn));
    const whole = [one, ...others].filter((other) => other !== undefined);
    return whole.length === rest.length + 1 ? [figure(...whole)] : [];
  });
  const known = values.filter(Number.isFinite);
  return known.length === 0 ? undefined : spreadOf(known);
}

/** A figure of one kind. */
export function spreadOfKind(
  workers: WorkerResults,
  kind: WorkerKind,
  figure: (worker: WorkerTurn) => number | undefined,
): Spread | undefined {
  return inTurns(workers, [kind], (worker) => figure(worker) ?? Number.NaN);
}

/** Time from the mount to the end of the run; not a number without a mount. */
export const sinceMount = (worker: WorkerTurn) => worker.sinceMount ?? Number.NaN;

/** Time that lazy loading adds between the mount and the end of the first run: over a loaded volume, with the same command in the same turn. */
export function added(workers: WorkerResults, kind: WorkerKind): Spread | undefined {
  const loaded = kind.replace(/^[^/]*/, "loaded") as WorkerKind;
  return inTurns(workers, [loaded, kind], (without, lazy) => sinceMount(lazy) - sinceMount(without));
}

/**
 * Of what a command itself reads of the volume, the share in percent that the hot set has already: what it did not have to load after the hot set had
 * been read, against what it loaded with nothing read ahead.
 */
export function overlap(
  workers: WorkerResults,
  profile: "15ms" | "gp3",
  command: "traced" | "other",
): Spread | undefined {
  const kinds: WorkerKind[] = [`${profile}-none/${command}`, `${profile}-hot/${command}`];
  const number = (bytes: number | undefined) => bytes ?? Number.NaN;
  return inTurns(workers, kinds, (none, hot) => {
    const own = number(none.loadedBytes) - number(none.loadedBefore);
    return 100 * (1 - (number(hot.loadedBytes) - number(hot.hotBytes)) / own);
  });
}
