/** A cache's life over planner and a stateful EC2: what happens, what the workers' templates say, and that nothing rings on a healthy day. */
import type { RotationSettings } from "../../../lib/contract";
import type { Run } from "../../../lambda-src/rotation/reconcile";
import { COPYING, DAY, HOUR, SETTINGS } from "./example-state";
import type { FakeAws } from "./fake-region";
import { build, expire, MINUTE, pointer, region, replicate, run, templateSnapshot } from "./fake-world";

/** What an alarm would watch, and what a failed run would show. */
function expectQuiet(result: Run, settings: RotationSettings): void {
  const { figures, problems } = result.plan;
  expect(result.applied.filter((one) => one.failure !== undefined)).toEqual([]);
  expect(problems).toEqual([]);
  const alarming = [figures.failedBuilds, figures.foreign, figures.unprovenCopies, figures.orphans, figures.withdrawn];
  expect(alarming).toEqual([0, 0, 0, 0, 0]);
  expect(figures.promotedAgeHours ?? 0).toBeLessThanOrEqual(2 * settings.cadenceHours);
  expect(figures.overdueHours).toBeLessThan(24);
}

/** Reconciles every ten minutes for as long; each run has to be quiet. */
async function pass(fake: FakeAws, settings: RotationSettings, milliseconds: number): Promise<void> {
  const end = fake.now + milliseconds;
  for (; fake.now < end; fake.now += settings.reconcileMinutes * MINUTE) expectQuiet(await run(fake, settings), settings);
}

/** Pointer, `$Latest` and `$Default` agree. */
function expectServed(fake: FakeAws, settings: RotationSettings, id: string | undefined): void {
  expect([pointer(fake, settings), templateSnapshot(fake), templateSnapshot(fake, "default")]).toEqual([id, id, id]);
}

describe("a region that builds", () => {
  test("first apply, first build, unchanged builds: quiet, and one snapshot", async () => {
    const fake = region(SETTINGS);
    await pass(fake, SETTINGS, 8 * HOUR);
    expect([pointer(fake, SETTINGS), templateSnapshot(fake)]).toEqual(["none", undefined]);
    const first = build(fake, SETTINGS, "a");
    await pass(fake, SETTINGS, DAY);
    expectServed(fake, SETTINGS, first);
    for (let day = 0; day < 5; day++) {
      build(fake, SETTINGS, "a", { outcome: "checked" });
      await pass(fake, SETTINGS, DAY);
    }
    expectServed(fake, SETTINGS, first);
    expect(fake.snapshots.size).toBe(1);
  });
});
void [COPYING, expire, replicate];
