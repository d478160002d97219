/**
 * R27 J4: any prefix of a command's actions, then the same command, ends where one command ends. So whoever was interrupted, or is
 * second, says it again. The commands' own plans are carried out on a small region in memory.
 */
import fc from "fast-check";
import type { Reading } from "../../cli/answer";
import { planPromotions } from "../../cli/plan-promote";
import { isFirst, planRollbacks } from "../../cli/plan-rollback";
import { fakePorts } from "../../lab/fake/aws";
import { COPYING, DAY, HOUR, SETTINGS } from "../../lab/fake/example-state";
import type { FakeAws } from "../../lab/fake/region";
import { essence, fork } from "../../lab/fake/schedule";
import { build, region, replicate, run } from "../../lab/fake/world";
import { applyActions } from "../../lambda-src/rotation/apply/apply";
import { planRollback } from "../../lambda-src/rotation/asked/rollback";
import { judge, servedKey } from "../../lambda-src/rotation/plan/judge";
import { readState } from "../../lambda-src/rotation/read/read";
import type { Action } from "../../lambda-src/rotation/types";

const LIVES = Math.ceil(Number(process.env.FC_RUNS ?? 10_000) / 100);

/** One action in one region. */
type Step = readonly [place: number, action: Action];
/** A command's actions, in the order in which it carries them out; null: it refuses. */
type Command = (readings: readonly Reading[]) => readonly Step[] | null;

async function read(fakes: readonly FakeAws[]): Promise<Reading[]> {
  return Promise.all(
    fakes.map(async (fake, index) => {
      const settings = index === 0 ? SETTINGS : COPYING;
      const state = await readState(fakePorts(fake), settings, { asked: true });
      return { target: { region: fake.region, settings }, state };
    }),
  );
}

async function carryOut(fakes: readonly FakeAws[], steps: readonly Step[]): Promise<void> {
  for (const [place, action] of steps) {
    const fake = fakes[place] as FakeAws;
    fake.now += 1_000;
    await applyActions([action], fakePorts(fake), SETTINGS);
  }
}

function refusing<T>(plan: () => T): T | null {
  try {
    return plan();
  } catch {
    return null;
  }
}

const rollback =
  (options: { from?: string; toNone?: boolean }): Command =>
  (readings) => {
    const planned = refusing(() => planRollbacks(readings, options));
    const all = planned?.flatMap(({ actions }, place) => actions.map((action): Step => [place, action]));
    return all ? [...all.filter(([, one]) => isFirst(one)), ...all.filter(([, one]) => !isFirst(one))] : null;
  };

/** The rollback that it was once: each region leaves what it serves. */
const repeating: Command = (readings) =>
  readings.flatMap(({ target: { settings }, state }, place) => {
    const served = judge(state, settings).find((one) => one.snapshot.id === state.pointer.value);
    const answer = served && planRollback(state, settings, { from: servedKey(served), toNone: true });
    return answer?.refused === null ? answer.actions.map((action): Step => [place, action]) : [];
  });

const promote =
  (index: number): Command =>
  (readings) => {
    const all = readings.flatMap(({ state }) => state.snapshots.map((one) => one.id)).sort();
    const id = all[index % Math.max(1, all.length)] ?? "snap-0";
    const planned = refusing(() => planPromotions(readings, id));
    return (
      planned?.flatMap(({ where, actions }) => {
        const place = readings.findIndex(({ target }) => target === where);
        return actions.map((action): Step => [place, action]);
      }) ?? null
    );
  };

/** A building region and two that copy, after some days of builds, of which one region may not have heard the last. */
async function lived(contents: readonly number[], late: boolean): Promise<FakeAws[]> {
  const fakes = [region(SETTINGS), region(COPYING, "us-east-1"), region(COPYING, "us-west-2", { nextId: 0x9000 })];
  const [source, ...targets] = fakes as [FakeAws, FakeAws, FakeAws];
  for (const [index, content] of contents.entries()) {
    build(source, SETTINGS, `c${content}`);
    source.now += HOUR;
    for (const one of targets) one.now = source.now;
    replicate(source, late && index === contents.length - 1 ? targets.slice(0, 1) : targets, SETTINGS);
    for (const [place, fake] of fakes.entries()) {
      fake.now = source.now + DAY;
      await run(fake, place === 0 ? SETTINGS : COPYING);
    }
  }
  return fakes;
}

const essenceOf = (fakes: readonly FakeAws[]) => fakes.map(essence);

/** What is carried out if one action fails: nothing of its cache after a rejection that failed, else everything else. */
function without(steps: readonly Step[], failing: number): readonly Step[] {
  const [place, failed] = steps[failing] as Step;
  if (failed.kind !== "write-rejected") return steps.filter((_, index) => index !== failing);
  return steps.filter(
    ([where, action], index) => index !== failing && (isFirst(action) || (index < failing && where !== place)),
  );
}

/** Prefix by prefix, of a rollback with each action failing too, and whole: the second time ends all alike. */
async function expectOneEnd(before: readonly FakeAws[], command: Command, mayFail: boolean): Promise<void> {
  const steps = command(await read(before));
  if (steps === null) return;
  const once = before.map(fork);
  await carryOut(once, steps);
  const parts = [
    ...Array.from({ length: steps.length + 1 }, (_, length) => steps.slice(0, length)),
    ...(mayFail ? steps.map((_, failing) => without(steps, failing)) : []),
  ];
  for (const [length, part] of parts.entries()) {
    const twice = before.map(fork);
    await carryOut(twice, part);
    await carryOut(twice, command(await read(twice)) ?? []);
    expect([length, essenceOf(twice)]).toEqual([length, essenceOf(once)]);
  }
}

function property(commandOf: (kind: number, seed: number) => Command) {
  const contents = fc.array(fc.nat(3), { minLength: 1, maxLength: 5 });
  return fc.asyncProperty(
    contents,
    fc.boolean(),
    fc.array(fc.tuple(fc.nat(3), fc.nat(20)), { minLength: 1, maxLength: 3 }),
    async (builds, late, asked) => {
      let fakes = await lived(builds, late);
      for (const [kind, seed] of asked) {
        const command = commandOf(kind, seed);
        await expectOneEnd(fakes, command, kind < 3);
        await carryOut(fakes, command(await read(fakes)) ?? []);
        fakes = fakes.map(fork);
      }
    },
  );
}

const asTheyAre = (kind: number, seed: number): Command => {
  if (kind === 0) return rollback({});
  if (kind === 1) return rollback({ toNone: true });
  return kind === 2 ? rollback({ from: `c${seed % 4}` }) : promote(seed);
};

test(`J4 holds for rollback and promote, in ${LIVES} lives`, async () => {
  await fc.assert(property(asTheyAre), { numRuns: LIVES });
}, 300_000);

test("J4 catches a rollback that leaves whatever is served", async () => {
  const result = await fc.check(
    property(() => repeating),
    { numRuns: 100, endOnFailure: true, seed: 1 },
  );
  expect(result.failed).toBe(true);
});
