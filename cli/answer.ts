/** Carries out what a person asked for in one region: read, plan, apply, or refuse. */
import { applyActions } from "../lambda-src/rotation/apply/apply";
import type { Answer } from "../lambda-src/rotation/asked/answer";
import { readState } from "../lambda-src/rotation/read/read";
import type { Action, State } from "../lambda-src/rotation/types";
import type { Options } from "./options";
import type { Report } from "./output";
import { look, portsOf } from "./region-ports";
import { type Target, titleOf } from "./targets";

/** A target and what was read of it. */
export interface Reading {
  readonly target: Target;
  readonly state: State;
}

/** Targets as far as they could be read; for the others a report that says why not. */
export interface Readings {
  readonly readings: readonly Reading[];
  readonly unread: readonly Report[];
}

/** A region that cannot be read keeps the others from nothing. @throws the first error if none can be read */
export async function readTargets(targets: readonly Target[]): Promise<Readings> {
  const from = look();
  const read = async (target: Target): Promise<Reading> => ({
    target,
    state: await readState(from(target.region), target.settings, { asked: true }),
  });
  const ended = await Promise.allSettled(targets.map(read));
  const readings = ended.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = ended.find((one) => one.status === "rejected");
  if (readings.length === 0 && failed) throw failed.reason;
  const unread = ended.flatMap((one, index): Report[] => {
    if (one.status === "fulfilled") return [];
    const problem = `left as it is, since it cannot be read: ${(one.reason as Error).message}; say it again later`;
    return [{ target: targets[index] as Target, promoted: "unknown", problems: [problem] }];
  });
  return { readings, unread };
}

/** The actions of an answer; a refusal is an error. */
export function granted(target: Target, answer: Answer): Extract<Answer, { refused: null }> {
  if (answer.refused !== null) throw new Error(`${titleOf(target)}: ${answer.refused}`);
  return answer;
}

/** Applies, or with `--dry-run` only tells. */
export async function carryOut(
  target: Target,
  promoted: string,
  actions: readonly Action[],
  options: Options,
): Promise<Report> {
  if (options.dryRun) return { target, promoted, planned: actions };
  return { target, promoted, applied: await applyActions(actions, portsOf(target.region), target.settings) };
}
