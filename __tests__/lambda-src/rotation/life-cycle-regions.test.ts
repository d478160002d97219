/** A cache that is built in one region and copied to another: the same questions as in life-cycle.test.ts. */

import { fakePorts } from "../../../lab/fake/aws";
import { COPYING, DAY, HOUR, SETTINGS } from "../../../lab/fake/example-state";
import {
  applyBuilderStack,
  build,
  destroyBuilderStack,
  destroyStacks,
  hear,
  MINUTE,
  pointer,
  region,
  replicate,
  run,
  snapshotEvent,
  templateSnapshot,
} from "../../../lab/fake/world";
import { applyActions } from "../../../lambda-src/rotation/apply/apply";
import { planPurge } from "../../../lambda-src/rotation/asked/purge";
import { planRollback } from "../../../lambda-src/rotation/asked/rollback";
import { readState } from "../../../lambda-src/rotation/read/read";
import { captureOutput } from "./capture-output";
import { ask, expectNothingServed, expectServed, pass, promoted, rollback, twoRegions } from "./example-life";

captureOutput();

describe("a region that copies", () => {
  test("quiet before its first copy, then serves its own", async () => {
    const { source, target, night } = await twoRegions();
    await pass(target, COPYING, 8 * HOUR);
    const copied = await night("a");
    expectServed(target, COPYING, copied);
    expect(pointer(source, SETTINGS)).not.toBe(copied);
  });

  test("DLM expires and copies again: the same content for 40 days never runs out, nor does anything ring", async () => {
    const { target, night } = await twoRegions();
    await night("a");
    const served = new Set<string>();
    for (let day = 0; day < 40; day++) {
      await night("a", "checked");
      served.add(pointer(target, COPYING) ?? "");
      expect(target.snapshots.has(templateSnapshot(target) ?? "")).toBe(true);
    }
    expect(served.size).toBeGreaterThan(2);
    expect(served.size).toBeLessThan(8);
  });

  test("DLM's own snapshots in the building region are left to it, and go two days after their date when it forgets them", async () => {
    const { source, night } = await twoRegions();
    await night("a");
    const dlm = [...source.snapshots.values()].find((one) => one.tags["aws:dlm:lifecycle-policy-id"]);
    for (let day = 0; day < 10; day++, source.now += DAY) await run(source, SETTINGS);
    expect(source.snapshots.has(dlm?.id ?? "")).toBe(true);
    source.now += 8 * DAY;
    await run(source, SETTINGS);
    source.now += 25 * HOUR;
    await run(source, SETTINGS);
    expect(source.snapshots.has(dlm?.id ?? "")).toBe(false);
  });

  test("R9 after a rollback, ten runs, late events and copies of the same content leave both pointers where they are; other content is promoted", async () => {
    const { source, target, night } = await twoRegions();
    const goodCopy = await night("a");
    const good = pointer(source, SETTINGS);
    const badCopy = await night("b");
    const bad = pointer(source, SETTINGS);
    expectServed(target, COPYING, badCopy);
    target.now = source.now;
    const [underWay] = replicate(source, [target], SETTINGS);
    await rollback(source, SETTINGS);
    await ask(target, COPYING, (state) => planRollback(state, COPYING, { from: "b" }));
    const expectUnmoved = () => {
      expectServed(source, SETTINGS, good);
      expectServed(target, COPYING, goodCopy);
    };
    for (let runs = 0; runs < 10; runs++) {
      for (const fake of [source, target]) fake.now += 10 * MINUTE;
      await run(source, SETTINGS);
      await run(target, COPYING);
      expectUnmoved();
    }
    const late = [
      await hear(source, SETTINGS, snapshotEvent(source, "createSnapshot", bad)),
      await hear(target, COPYING, snapshotEvent(target, "copySnapshot", badCopy)),
      await hear(target, COPYING, snapshotEvent(target, "copySnapshot", underWay)),
    ];
    expect(late.map(({ skipped, promoted }) => [skipped, promoted])).toEqual([
      [false, good],
      [false, goodCopy],
      [false, goodCopy],
    ]);
    expectUnmoved();
    for (let nights = 0; nights < 3; nights++) {
      const again = await night("b", "checked");
      await hear(target, COPYING, snapshotEvent(target, "copySnapshot", again));
      expectUnmoved();
    }
    const next = build(source, SETTINGS, "c");
    for (const fake of [source, target]) fake.now = source.now + 10 * MINUTE;
    const heard = await hear(source, SETTINGS, snapshotEvent(source, "createSnapshot", next));
    expect(heard.actions).toEqual(expect.arrayContaining(["write-pointer", "write-template"]));
    expectServed(source, SETTINGS, next);
    const [nextCopy] = replicate(source, [target], SETTINGS);
    target.now += 30 * MINUTE;
    await hear(target, COPYING, snapshotEvent(target, "copySnapshot", nextCopy));
    expectServed(target, COPYING, nextCopy);
  });

  test("R9 no other copy arrives: the last serves until it is taken out of the templates, an hour before DLM deletes it", async () => {
    const { target, night } = await twoRegions();
    const copied = await night("b");
    const end = Date.parse(target.snapshots.get(copied ?? "")?.tags["aws:dlm:expirationTime"] ?? "");
    const at = async (hoursBefore: number) => {
      target.now = end - hoursBefore * HOUR;
      return (await run(target, COPYING)).plan.figures;
    };
    // A week before, it is told that nothing has come to take its place.
    for (const hours of [168, 40, 2]) {
      expect(await at(hours)).toMatchObject({ servedLifeHours: hours, withdrawn: 0 });
      expectServed(target, COPYING, copied);
    }
    expect(await at(1)).toMatchObject({ servedLifeHours: null, withdrawn: 1 });
    expect(target.snapshots.has(copied ?? "")).toBe(true);
    expectNothingServed(target, COPYING);
  });
});

describe("a region that changes its part", () => {
  test("added to a cache that lives, removed with a purge, and added again: the source never hears of it", async () => {
    const { fake: source, first } = await promoted();
    for (let round = 0; round < 2; round++) {
      const target = region(COPYING, `us-east-${round + 1}`, { now: source.now });
      await pass(target, COPYING, 20 * HOUR);
      for (let day = 0; day < 3; day++) {
        build(source, SETTINGS, "a", { outcome: "checked" });
        const [copied] = replicate(source, [target], SETTINGS);
        for (const fake of [source, target]) await pass(fake, fake === source ? SETTINGS : COPYING, DAY);
        if (day === 0) expect(pointer(target, COPYING)).toBe(copied);
      }
      const { actions, left } = planPurge(await readState(fakePorts(target), COPYING), COPYING);
      await applyActions(actions, fakePorts(target), COPYING);
      destroyStacks(target, COPYING);
      expect([left, target.snapshots.size]).toEqual([[], 0]);
      build(source, SETTINGS, "a", { outcome: "checked" });
      await pass(source, SETTINGS, DAY);
      expectServed(source, SETTINGS, first);
    }
  });

  test("a new generation of the volume, with copies: quiet in both, and what DLM forgot goes two days after its date", async () => {
    const { source, target, night } = await twoRegions();
    await night("a");
    const forgotten = [...source.snapshots.values()].filter((one) => one.tags["aws:dlm:lifecycle-policy-id"]);
    applyBuilderStack(source, SETTINGS);
    const served = await night("b");
    expectServed(target, COPYING, served);
    const areLeft = () => forgotten.map(({ id }) => source.snapshots.has(id));
    for (let nights = 0; nights < 14; nights++) await night("b", "checked");
    expect(areLeft()).toEqual([true]);
    for (let nights = 0; nights < 4; nights++) await night("b", "checked");
    expect(areLeft()).toEqual([false]);
    expect(target.snapshots.has(templateSnapshot(target) ?? "")).toBe(true);
  });

  test("it copied and builds for itself from now on: the copy serves until its own first build does", async () => {
    const { target, night } = await twoRegions();
    const copied = await night("a");
    applyBuilderStack(target, SETTINGS);
    await pass(target, SETTINGS, 4 * HOUR);
    expectServed(target, SETTINGS, copied);
    const own = build(target, SETTINGS, "b");
    await pass(target, SETTINGS, DAY);
    expectServed(target, SETTINGS, own);
  });

  test("it built for itself and copies from now on: its own snapshot serves until the first copy does", async () => {
    const { fake: target, first } = await promoted();
    const source = region(SETTINGS, "us-east-1", { now: target.now });
    destroyBuilderStack(target, SETTINGS);
    await pass(target, COPYING, 12 * HOUR);
    expectServed(target, COPYING, first);
    source.now = target.now;
    build(source, SETTINGS, "b");
    const [copied] = replicate(source, [target], SETTINGS);
    await pass(target, COPYING, DAY);
    expectServed(target, COPYING, copied);
  });
});
