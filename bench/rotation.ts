/** Goals R7 and R8: what one run of rotation costs by number of snapshots, on the fake region that its tests use. */

import { fakePorts } from "../lab/fake/aws";
import { DAY, HOUR, SETTINGS } from "../lab/fake/example-state";
import type { FakeAws } from "../lab/fake/region";
import { addVersion, CREATED_BY } from "../lab/fake/templates";
import { build, region, run } from "../lab/fake/world";
import { plan } from "../lambda-src/rotation/plan/plan";
import { readState } from "../lambda-src/rotation/read/read";
import { parameterPaths, REJECTED_MAXIMUM } from "../lib/contract";

const GOAL_SECONDS = 1;
const GOAL_MIB = 256;
const COUNTS = [10, 100, 1_000, 10_000];

/**
 * A region with `count` of our snapshots, a minute apart, the newest not promoted yet. Pointer, `rejected` and template are as full as they get.
 */
async function regionWith(count: number): Promise<FakeAws> {
  const fake = region(SETTINGS, "eu-west-1", { pageSize: 1_000, now: Date.parse("2026-01-01") });
  build(fake, SETTINGS, "first");
  fake.now += HOUR;
  await run(fake, SETTINGS);
  const [sample] = fake.snapshots.values();
  for (let index = 1; index < count && sample; index++) {
    const id = `snap-f${index.toString(16)}`;
    const startTime = sample.startTime + index * 60_000;
    fake.snapshots.set(id, { ...sample, id, startTime, completesAt: startTime, tags: { ...sample.tags } });
  }
  const { pointer, rejected } = parameterPaths(SETTINGS.name, SETTINGS.architecture);
  const writes = Array.from({ length: 98 }, (_, index) => ({
    value: `snap-e${index}`,
    writtenAt: sample?.startTime ?? 0,
  }));
  fake.parameters.get(pointer)?.splice(1, 0, ...writes);
  const contents = Array.from({ length: REJECTED_MAXIMUM }, (_, index) => `rejected-${index}`).join("\n");
  fake.parameters.get(rejected)?.push({ value: contents, writtenAt: fake.now });
  for (let version = 0; version < 25; version++) addVersion(fake, "lt-worker", {}, undefined, CREATED_BY);
  fake.now += 30 * DAY;
  return fake;
}

/** The least of several measurements: what the machine's other work adds is no property of the plan. */
function best(measure: () => void): number {
  const runs = Array.from({ length: 5 }, () => {
    const started = performance.now();
    measure();
    return performance.now() - started;
  });
  return Math.min(...runs) / 1_000;
}

async function main(): Promise<void> {
  console.log("R7, R8 rotation by number of snapshots:");
  for (const count of COUNTS) {
    const fake = await regionWith(count);
    const state = await readState(fakePorts(fake), SETTINGS);
    const seconds = best(() => plan(state, SETTINGS));
    const counted = async () => {
      const before = fake.calls.length;
      await run(fake, SETTINGS);
      return fake.calls.length - before;
    };
    const moving = await counted();
    fake.now += 25 * HOUR;
    const deleting = await counted();
    const most = await counted();
    const goal = 20 + 4 * Math.ceil(count / 1_000);
    const missed = Math.max(moving, deleting, most) > goal ? ", missed" : "";
    console.log(
      `  ${String(count).padStart(6)} snapshots: plan ${(seconds * 1_000).toFixed(1)} ms, ${(seconds / GOAL_SECONDS).toFixed(4)} of the goal; ` +
        `calls ${moving} to promote, ${deleting} and ${most} to delete (goal: at most ${goal}${missed})`,
    );
  }
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  console.log(
    `  memory ${mebibytes.toFixed(0)} MiB, ${(mebibytes / GOAL_MIB).toFixed(2)} of the goal, the fake and the loader included`,
  );
}

void main();
