/** Goals R7 and R8: what one run of rotation costs by number of snapshots and of other people's templates, on the fake region that its tests use. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Around, fakePorts } from "../lab/fake/aws";
import { DAY, HOUR, SETTINGS } from "../lab/fake/example-state";
import type { FakeAws } from "../lab/fake/region";
import { addVersion, CREATED_BY } from "../lab/fake/templates";
import { build, region, run } from "../lab/fake/world";
import { ROOT } from "../lab/tools/project";
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

const TEMPLATES = 5_000;
const PINNED_GROUPS = 40;
/** Versions of each template that a group is pinned to. */
const PINNED_VERSIONS = 200;
/** Base64 of 16 KiB, the most user data that EC2 takes. */
const USER_DATA_CHARACTERS = 21_848;
/** DescribeLaunchTemplateVersions gives so many a page. */
const TEMPLATE_PAGE = 200;
/** Of the goal's memory, what is left for objects: the rest is Node's own. */
const HEAP_MIB = 180;

/** Templates of others, some of which groups name by an old version. */
function addOthers(fake: FakeAws): void {
  for (let index = 0; index < TEMPLATES; index++) {
    const id = `lt-${index}`;
    fake.templates.set(id, { id, versions: [], defaultVersion: 1, lastNumber: 0, tags: {}, visibleAt: 0 });
    const versions = index < PINNED_GROUPS ? PINNED_VERSIONS : 2;
    for (let version = 0; version < versions; version++) addVersion(fake, id, { UserData: "" });
    if (index < PINNED_GROUPS) fake.groups.push({ name: `group-${index}`, templateId: id, version: "7" });
  }
}

/** Gives each version in an answer user data of its own, as a response has it. */
const heavy: Around = async (name, carry) => {
  const answer = carry();
  if (name !== "DescribeLaunchTemplateVersionsCommand") return answer;
  const { LaunchTemplateVersions, ...rest } = answer as { LaunchTemplateVersions: readonly object[] };
  const withUserData = (one: object) => {
    const UserData = Buffer.alloc(USER_DATA_CHARACTERS, "x").toString("latin1");
    return { ...one, LaunchTemplateData: { ...(one as { LaunchTemplateData?: object }).LaunchTemplateData, UserData } };
  };
  return { ...rest, LaunchTemplateVersions: LaunchTemplateVersions.map(withUserData) };
};

/** In a process of its own: a run that deletes, among other people's templates. */
async function runAmongOthers(): Promise<void> {
  const fake = await regionWith(COUNTS.at(-1) ?? 0);
  addOthers(fake);
  fake.pageSize = TEMPLATE_PAGE;
  await run(fake, SETTINGS, heavy);
  fake.now += 25 * HOUR;
  const before = fake.snapshots.size;
  const { applied } = await run(fake, SETTINGS, heavy);
  const failed = applied.filter((one) => one.failure instanceof Error).length;
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  const missed = mebibytes > GOAL_MIB || failed > 0 || fake.snapshots.size === before ? ", missed" : "";
  console.log(
    `  memory ${mebibytes.toFixed(0)} MiB, ${(mebibytes / GOAL_MIB).toFixed(2)} of the goal${missed}, the fake and the loader included`,
  );
}

function measureAmongOthers(): void {
  console.log(
    `R8 a run that deletes, among ${TEMPLATES} launch templates and ${PINNED_GROUPS} pinned groups of others:`,
  );
  const program = join(ROOT, "bench/rotation.ts");
  const argv = [`--max-old-space-size=${HEAP_MIB}`, "--import", "tsx", program, AMONG_OTHERS];
  const { status, signal } = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: ["ignore", "inherit", "ignore"] });
  if (status !== 0) console.log(`  ended with ${signal ?? status}: out of memory, missed`);
}

/** Argument of the process that {@link runAmongOthers}. */
const AMONG_OTHERS = "among-others";

async function main(): Promise<void> {
  if (process.argv[2] === AMONG_OTHERS) return runAmongOthers();
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
  measureAmongOthers();
}

void main();
