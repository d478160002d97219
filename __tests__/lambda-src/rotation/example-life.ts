/** Parts of a cache's life that its tests share: days that have to be quiet, nights of two regions, what a person asks for. */

import { fakePorts } from "../../../lab/fake/aws";
import { COPYING, DAY, HOUR, SETTINGS } from "../../../lab/fake/example-state";
import type { FakeAws } from "../../../lab/fake/region";
import { build, expire, MINUTE, pointer, region, replicate, run, templateSnapshot } from "../../../lab/fake/world";
import { applyActions } from "../../../lambda-src/rotation/apply/apply";
import type { Answer } from "../../../lambda-src/rotation/asked/answer";
import { planRollback } from "../../../lambda-src/rotation/asked/rollback";
import { chooseOrigin, servingOf } from "../../../lambda-src/rotation/asked/serving";
import { judge } from "../../../lambda-src/rotation/plan/judge";
import { readState } from "../../../lambda-src/rotation/read/read";
import type { Run } from "../../../lambda-src/rotation/reconcile";
import type { State } from "../../../lambda-src/rotation/types";
import type { RotationSettings } from "../../../lib/contract";

/** Expects that no alarm would ring and that the run has not failed. */
function expectQuiet(result: Run, settings: RotationSettings): void {
  const { figures } = result.plan;
  expect(result.applied.filter((one) => one.failure !== undefined)).toEqual([]);
  const { failedBuilds, foreign, unprovenCopies, orphans, withdrawn, templateProblems } = figures;
  expect([failedBuilds ?? 0, foreign, unprovenCopies ?? 0, orphans, withdrawn, templateProblems]).toEqual([
    0, 0, 0, 0, 0, 0,
  ]);
  expect(figures.promotedAgeHours ?? 0).toBeLessThanOrEqual(2 * settings.cadenceHours);
  expect(figures.overdueHours).toBeLessThan(24);
}

/** Reconciles by schedule for as long; each run has to be quiet. */
export async function pass(fake: FakeAws, settings: RotationSettings, milliseconds: number): Promise<void> {
  const end = fake.now + milliseconds;
  for (; fake.now < end; fake.now += 30 * MINUTE) expectQuiet(await run(fake, settings), settings);
}

/** Pointer, `$Latest` and `$Default` agree. */
export function expectServed(fake: FakeAws, settings: RotationSettings, id: string | undefined): void {
  expect([pointer(fake, settings), templateSnapshot(fake), templateSnapshot(fake, "default")]).toEqual([id, id, id]);
}

export function expectNothingServed(fake: FakeAws, settings: RotationSettings): void {
  const served = [pointer(fake, settings), templateSnapshot(fake), templateSnapshot(fake, "default")];
  expect(served).toEqual(["none", undefined, undefined]);
}

/** Does what the command line does. */
export async function ask(fake: FakeAws, settings: RotationSettings, plan: (state: State) => Answer): Promise<Answer> {
  const ports = fakePorts(fake);
  const answer = plan(await readState(ports, settings, { asked: true }));
  if (answer.refused === null) await applyActions(answer.actions, ports, settings);
  return answer;
}
/** A rollback of one region that does not say from what. */
export function planOneRollback(state: State, settings: RotationSettings, toNone = false): Answer {
  const [from] = chooseOrigin([servingOf(judge(state, settings), state)]) ?? [];
  return from ? planRollback(state, settings, { from, toNone }) : { refused: "nothing is promoted" };
}
export const rollback = (fake: FakeAws, settings: RotationSettings, toNone = false) =>
  ask(fake, settings, (state) => planOneRollback(state, settings, toNone));

/** A region with one build promoted. */
export async function promoted(
  settings: RotationSettings = SETTINGS,
  content = "a",
): Promise<{ fake: FakeAws; first: string }> {
  const fake = region(settings);
  await pass(fake, settings, HOUR);
  const first = build(fake, settings, content) ?? "";
  await pass(fake, settings, DAY);
  expectServed(fake, settings, first);
  return { fake, first };
}

/** A building region, one that copies from it, and their nights. */
export async function twoRegions() {
  const source = region(SETTINGS);
  const target = region(COPYING, "us-east-1");
  const night = async (content: string, outcome: "ready" | "checked" = "ready") => {
    target.now = source.now;
    build(source, SETTINGS, content, { outcome });
    await pass(source, SETTINGS, 2 * HOUR);
    const [copied] = replicate(source, [target], SETTINGS);
    for (let hours = 0; hours < 22; hours += 2) {
      for (const one of [source, target]) expire(one);
      await pass(source, SETTINGS, 2 * HOUR);
      await pass(target, COPYING, 2 * HOUR);
    }
    return copied;
  };
  return { source, target, night };
}
