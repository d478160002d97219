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

export async function readTargets(targets: readonly Target[]): Promise<Reading[]> {
  const from = look();
  return Promise.all(
    targets.map(async (target) => ({
      target,
      state: await readState(from(target.region), target.settings, { asked: true }),
    })),
  );
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
