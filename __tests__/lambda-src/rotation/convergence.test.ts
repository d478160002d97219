/** R4 to R6: repeated, reordered, concurrent and lost events; a crash after every single call. The end is the same. */

import { type Around, fakePorts } from "../../../lab/fake/aws";
import { DAY, HOUR, SETTINGS } from "../../../lab/fake/example-state";
import type { FakeAws } from "../../../lab/fake/region";
import { dieAfter, essence, fork, interleave, isSame, randomFrom } from "../../../lab/fake/schedule";
import {
  applyWorkerStack,
  build,
  MINUTE,
  pointer,
  region,
  run,
  snapshotEvent,
  templateSnapshot,
} from "../../../lab/fake/world";
import { parseEvent } from "../../../lambda-src/rotation/event";
import { reconcile } from "../../../lambda-src/rotation/reconcile";
import { concernsUs } from "../../../lambda-src/rotation/relevance";
import { type RotationSettings, TAG } from "../../../lib/contract";

/** Schedules for R4; FC_RUNS raises it with the other properties. */
const SCHEDULES = Number(process.env.FC_RUNS ?? 10_000);
const ZONES: RotationSettings = { ...SETTINGS, fastRestoreZones: ["eu-west-1a", "eu-west-1b"], keepLast: 1 };

/** Does what the handler does with an event. */
async function handle(fake: FakeAws, settings: RotationSettings, event: unknown, around: Around): Promise<void> {
  const ports = fakePorts(fake, around);
  if (await concernsUs(parseEvent(event), ports, settings)) await reconcile(ports, settings);
}

/** A region in the middle of its life: several builds, something due for deletion, something to be marked, two templates. */
async function busyRegion(settings: RotationSettings, seed: number): Promise<{ fake: FakeAws; latest: string }> {
  const random = randomFrom(seed);
  const fake = region(settings, "eu-west-1", { pageSize: 3 + Math.floor(random() * 12) });
  applyWorkerStack(fake, settings, "lt-second");
  const contents = ["a", "b", "c", "d", "e", "f"].slice(0, 4 + Math.floor(random() * 3));
  for (const content of contents) {
    build(fake, settings, content);
    fake.now += 6 * MINUTE;
    await run(fake, settings);
    fake.now += 13 * HOUR;
  }
  for (let hour = 0; hour < 4; hour++, fake.now += HOUR) await run(fake, settings);
  fake.now += 25 * HOUR;
  const latest = build(fake, settings, random() < 0.3 ? "a" : "new") ?? "";
  fake.now += 3 * HOUR;
  return { fake, latest };
}

interface World {
  readonly settings: RotationSettings;
  readonly fake: FakeAws;
  readonly latest: string;
  /** State that undisturbed runs make of it: after one, and when nothing is left to do. */
  readonly afterOne: FakeAws;
  readonly expected: FakeAws;
  /** Ends of schedules from which rest was reached; most schedules end alike. */
  readonly seen: Set<string>;
}

/** Runs until nothing is left to do. */
async function rest(fake: FakeAws, settings: RotationSettings): Promise<FakeAws> {
  for (let round = 0; round < 6; round++) if ((await run(fake, settings)).plan.actions.length === 0) return fake;
  throw new Error("never comes to rest");
}

const served = (fake: FakeAws, settings: RotationSettings) => [
  pointer(fake, settings),
  ...["lt-worker", "lt-second"].flatMap((id) => [
    templateSnapshot(fake, "latest", id),
    templateSnapshot(fake, "default", id),
  ]),
];

async function worldOf(seed: number): Promise<World> {
  const settings = seed % 2 ? SETTINGS : ZONES;
  const { fake, latest } = await busyRegion(settings, seed);
  const afterOne = fork(fake);
  await run(afterOne, settings);
  return { settings, fake, latest, afterOne, expected: await rest(fork(afterOne), settings), seen: new Set() };
}

const versionsOf = (fake: FakeAws) => [...fake.templates.values()].map((one) => one.versions.length);

describe("R4 the same event 1 to 5 times, shuffled, two handlers at once", () => {
  test(`${SCHEDULES} schedules serve what one quiet run serves and come to rest alike, without a second snapshot or template version`, async () => {
    const worlds = await Promise.all(Array.from({ length: 20 }, (_, seed) => worldOf(seed)));
    for (const { fake, afterOne, settings } of worlds)
      expect(served(fake, settings)).not.toEqual(served(afterOne, settings));
    for (let schedule = 0; schedule < SCHEDULES; schedule++) {
      const { settings, fake, latest, afterOne, expected, seen } = worlds[schedule % 20] as World;
      const random = randomFrom(schedule);
      const actual = fork(fake);
      const times = 1 + Math.floor(random() * 5);
      const other = snapshotEvent(fake, "createSnapshot", [...fake.snapshots.keys()][0]);
      const events = [
        other,
        ...Array.from({ length: times }, () => snapshotEvent(fake, "createSnapshot", latest)),
      ].sort(() => random() - 0.5);
      const handlers = [0, 1].map((hand) => events.filter((_, index) => index % 2 === hand));
      await interleave(
        random,
        handlers.map((mine) => async (around: Around) => {
          for (const event of mine) await handle(actual, settings, event, around);
        }),
      );
      if (served(actual, settings).join() !== served(afterOne, settings).join())
        expect([schedule, served(actual, settings)]).toEqual([schedule, served(afterOne, settings)]);
      const end = JSON.stringify([essence(actual), versionsOf(actual), actual.now]);
      if (seen.has(end)) continue;
      seen.add(end);
      await rest(actual, settings);
      if (!isSame(actual, expected)) expect([schedule, essence(actual)]).toEqual([schedule, essence(expected)]);
      if (versionsOf(actual).join() !== versionsOf(expected).join())
        expect([schedule, versionsOf(actual)]).toEqual([schedule, versionsOf(expected)]);
    }
  }, 600_000);
});

describe("R5 all events lost", () => {
  test("the next run by schedule promotes", async () => {
    const fake = region(SETTINGS);
    const id = build(fake, SETTINGS, "a");
    fake.now += SETTINGS.reconcileMinutes * MINUTE;
    await run(fake, SETTINGS);
    expect([pointer(fake, SETTINGS), templateSnapshot(fake), templateSnapshot(fake, "default")]).toEqual([id, id, id]);
  });
});

/** A pointer or a template names what does not exist: never the work of a crash, though what it was made for. */
function isBroken(fake: FakeAws, settings: RotationSettings): boolean {
  const named = [pointer(fake, settings), templateSnapshot(fake), templateSnapshot(fake, "default")];
  return named.some((id) => id !== undefined && id !== "none" && !fake.snapshots.has(id));
}

describe("R6 a crash after every single call", () => {
  const cases: readonly [
    name: string,
    settings: RotationSettings,
    prepare: (fake: FakeAws) => unknown,
    call: string,
  ][] = [
    ["of a promotion", SETTINGS, () => undefined, "CreateLaunchTemplateVersion"],
    ["of deletions", SETTINGS, (fake) => run(fake, SETTINGS), "DeleteSnapshot"],
    [
      "of a promotion with fast restore",
      ZONES,
      (fake) => Object.assign(fake, { now: fake.now + 3 * HOUR }),
      "DisableFastSnapshotRestores",
    ],
    ["of a withdrawal", SETTINGS, (fake) => fake.snapshots.clear(), "PutParameter"],
    [
      "of replacing what a person deleted",
      SETTINGS,
      (fake) =>
        [pointer(fake, SETTINGS) ?? "", [...fake.snapshots.keys()].at(-1) ?? ""].map((id) => fake.snapshots.delete(id)),
      "PutParameter",
    ],
    [
      "of sweeping a builder",
      SETTINGS,
      (fake) =>
        fake.instances.set("i-0ff", {
          id: "i-0ff",
          state: "running",
          launchedAt: fake.now - DAY,
          visibleAt: 0,
          tags: { [TAG.name]: "ci", [TAG.architecture]: "x86_64", [TAG.role]: "builder" },
        }),
      "TerminateInstances",
    ],
  ];

  test.each(cases)("%s: two more runs end where one without a crash does", async (_name, settings, prepare, call) => {
    const { fake } = await busyRegion(settings, 7);
    await prepare(fake);
    const expected = fork(fake);
    await run(expected, settings);
    const after = expected.calls.length;
    await rest(expected, settings);
    const calls = after - fake.calls.length;
    expect(expected.calls.slice(fake.calls.length, after)).toContain(`${call}Command`);
    for (let crash = 1; crash <= calls; crash++) {
      const actual = fork(fake);
      await run(actual, settings, dieAfter(crash)).catch(() => undefined);
      if (!isBroken(fake, settings)) expect([crash, isBroken(actual, settings)]).toEqual([crash, false]);
      await run(actual, settings);
      expect([crash, isBroken(actual, settings)]).toEqual([crash, false]);
      await run(actual, settings);
      expect([crash, essence(actual)]).toEqual([crash, essence(expected)]);
    }
  });
});
