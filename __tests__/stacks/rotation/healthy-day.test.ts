/**
 * R14: the alarms as they are synthesized, over the figures of runs. They are silent on the first days of a healthy cache, and ring when it is ill.
 */

import { DAY, HOUR, SETTINGS } from "../../../lab/fake/example-state";
import type { FakeAws } from "../../../lab/fake/region";
import { applyBuilderStack, build, MINUTE, region, run } from "../../../lab/fake/world";
import type { Figures } from "../../../lambda-src/rotation/types";
import { METRIC, METRIC_NAMESPACE } from "../../../lib/contract";
import { rotationStack } from "../synthesized";

interface Alarm {
  readonly alarm_name: string;
  readonly namespace: string;
  readonly metric_name: string;
  readonly comparison_operator: "GreaterThanThreshold" | "LessThanThreshold";
  readonly threshold: unknown;
  readonly insufficient_data_actions?: readonly string[];
}

const ALARMS = (Object.values(rotationStack().resource.aws_cloudwatch_metric_alarm!) as Alarm[]).filter(
  (alarm) => alarm.namespace === METRIC_NAMESPACE,
);

/** Alarms that one run's figures set off: each period holds one run, so its maximum and its sum are the figure. */
function ringing(figures: Figures): string[] {
  const values: Record<string, number | null> = { [METRIC.run]: 1, [METRIC.templateProblems]: 0 };
  for (const [key, value] of Object.entries(figures)) values[METRIC[key as keyof Figures]] = value;
  const rings = ({ metric_name, comparison_operator, threshold }: Alarm) => {
    const value = values[metric_name];
    if (value === undefined) throw new Error(`no run tells ${metric_name}`);
    if (value === null) return false;
    return comparison_operator === "GreaterThanThreshold" ? value > Number(threshold) : value < Number(threshold);
  };
  return ALARMS.filter(rings).map((alarm) => alarm.alarm_name.replace("docker-cache-ci-x86_64-rotation-", ""));
}

/** Runs by schedule for as long; the alarms that rang, each once. */
async function pass(fake: FakeAws, milliseconds: number, minutes = 30): Promise<string[]> {
  const rang = new Set<string>();
  for (const end = fake.now + milliseconds; fake.now < end; fake.now += minutes * MINUTE)
    for (const name of ringing((await run(fake, SETTINGS)).plan.figures)) rang.add(name);
  return [...rang].sort();
}

test("every alarm on a metric of ours has a threshold that is a number, and a metric that runs tell", () => {
  expect(ALARMS.map((alarm) => alarm.alarm_name).sort()).toHaveLength(7);
  for (const alarm of ALARMS) expect(Number(alarm.threshold)).toBeGreaterThanOrEqual(0);
});

test("nothing rings on the first days: from the first apply over the first build to unchanged ones", async () => {
  const fake = region(SETTINGS);
  expect(await pass(fake, 16 * HOUR)).toEqual([]);
  build(fake, SETTINGS, "a");
  expect(await pass(fake, DAY)).toEqual([]);
  build(fake, SETTINGS, "a", { outcome: "checked" });
  expect(await pass(fake, DAY)).toEqual([]);
  build(fake, SETTINGS, "b");
  expect(await pass(fake, DAY)).toEqual([]);
});

test.each<[string, (fake: FakeAws) => unknown, number, string[]]>([
  ["a build that fails", (fake) => build(fake, SETTINGS, "b", { outcome: "failed" }), 15 * MINUTE, ["failed-build"]],
  ["no build for over two cadences", () => undefined, 50 * HOUR, ["stale"]],
  ["a promoted snapshot that somebody deleted", (fake) => fake.snapshots.clear(), 15 * MINUTE, ["withdrawn"]],
  [
    "a second volume that claims to be the cache",
    (fake) => {
      const [volume] = fake.volumes.values();
      fake.volumes.set("vol-0bad", { ...volume!, id: "vol-0bad", createdAt: fake.now - 2 * HOUR });
    },
    15 * MINUTE,
    ["foreign"],
  ],
])("%s rings", async (_name, fallIll, milliseconds, names) => {
  const fake = region(SETTINGS);
  await pass(fake, 2 * HOUR);
  build(fake, SETTINGS, "a");
  expect(await pass(fake, 3 * HOUR)).toEqual([]);
  fallIll(fake);
  expect(await pass(fake, milliseconds, 5)).toEqual(names);
});

test("a new generation of the volume rings nothing", async () => {
  const fake = region(SETTINGS);
  build(fake, SETTINGS, "a");
  expect(await pass(fake, 5 * HOUR)).toEqual([]);
  applyBuilderStack(fake, SETTINGS);
  expect(await pass(fake, 5 * HOUR)).toEqual([]);
});
