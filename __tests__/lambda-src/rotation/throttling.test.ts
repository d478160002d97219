/** R7: a third of the calls throttled and new ids unknown for a minute, through the SDK's own retries, on a simulated clock. */

import { carryOut } from "../../../lab/fake/aws";
import { DAY, HOUR, PATHS, SETTINGS } from "../../../lab/fake/example-state";
import { awsError, type FakeAws } from "../../../lab/fake/region";
import { randomFrom } from "../../../lab/fake/schedule";
import { addVersion, CREATED_BY } from "../../../lab/fake/templates";
import { build, MINUTE, pointer, region, run, templateSnapshot } from "../../../lab/fake/world";
import { type Clients, createClients } from "../../../lambda-src/rotation/aws/clients";
import { awsPorts } from "../../../lambda-src/rotation/aws/ports";
import { reconcile } from "../../../lambda-src/rotation/reconcile";
import type { RotationSettings } from "../../../lib/contract";

/** Time-out of the function, in seconds; the stack sets it. */
const TIMEOUT_SECONDS = 300;
const SEEDS = 40;

interface Answering {
  readonly middlewareStack: { add(middleware: unknown, options: object): void };
}

/** Real clients whose network is the fake, and throttles: below the SDK's retries, above its parsing. */
function throttledClients(fake: FakeAws, share: number, random: () => number): Clients {
  const clients = createClients("eu-west-1");
  const answer = (_next: unknown, context: { commandName: string }) => async (args: { input: object }) => {
    if (random() < share)
      throw Object.assign(awsError("RequestLimitExceeded"), { $fault: "client", $metadata: { httpStatusCode: 503 } });
    return { output: { ...(carryOut(fake, context.commandName, args.input) as object), $metadata: {} }, response: {} };
  };
  for (const client of Object.values(clients) as Answering[])
    client.middlewareStack.add(answer, { step: "deserialize", priority: "high", name: "fake" });
  return clients;
}

/** Lets simulated time pass until the work is done; returns the seconds that it took. */
async function simulated(work: Promise<unknown>): Promise<number> {
  const start = Date.now();
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  watched.catch(() => undefined);
  while (!done) await jest.advanceTimersByTimeAsync(250);
  await watched;
  return (Date.now() - start) / 1000;
}

async function prepared(settings: RotationSettings): Promise<{ fake: FakeAws; latest: string }> {
  const fake = region(settings, "eu-west-1", { pageSize: 1000 });
  for (const content of ["a", "b", "c", "d", "e", "f"]) {
    build(fake, settings, content);
    fake.now += 13 * HOUR;
    await run(fake, settings);
  }
  fake.now += 25 * HOUR;
  const latest = build(fake, settings, "new") ?? "";
  fake.now += 6 * MINUTE;
  return { fake, latest };
}

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID = "test";
  process.env.AWS_SECRET_ACCESS_KEY = "test";
});
afterEach(() => jest.useRealTimers());

test("30 % throttled: every run succeeds inside the time-out", async () => {
  const seconds: number[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const { fake, latest } = await prepared(SETTINGS);
    jest.useFakeTimers({ now: fake.now });
    const clients = throttledClients(fake, 0.3, randomFrom(seed));
    const clock = {
      now: () => Date.now(),
      sleep: (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds),
    };
    seconds.push(await simulated(reconcile(awsPorts("eu-west-1", clients, clock as never), SETTINGS)));
    jest.useRealTimers();
    expect([pointer(fake, SETTINGS), templateSnapshot(fake, "default")]).toEqual([latest, latest]);
  }
  expect(Math.max(...seconds)).toBeLessThan(TIMEOUT_SECONDS);
}, 120_000);

test("ids unknown for a minute: the template's version is made the default once EC2 knows it, and no run fails", async () => {
  const { fake, latest } = await prepared(SETTINGS);
  fake.staleMilliseconds = MINUTE;
  const { applied } = await run(fake, SETTINGS);
  expect(applied.filter((one) => one.failure)).toEqual([]);
  expect([pointer(fake, SETTINGS), templateSnapshot(fake, "default")]).toEqual([latest, latest]);
});

test("a snapshot that was just promoted and is not listed yet is not taken for lost", async () => {
  const { fake, latest } = await prepared(SETTINGS);
  await run(fake, SETTINGS);
  const made = fake.snapshots.get(latest);
  if (made) made.visibleAt = fake.now + MINUTE;
  await run(fake, SETTINGS);
  expect(pointer(fake, SETTINGS)).toBe(latest);
});

/** A region with as much behind it as a run has to read: a long history, many versions of the template, so many snapshots. */
async function crowded(snapshots: number): Promise<FakeAws> {
  const { fake } = await prepared(SETTINGS);
  const [sample] = fake.snapshots.values();
  for (let index = 0; index < snapshots && sample; index++) {
    const id = `snap-f${index.toString(16)}`;
    fake.snapshots.set(id, { ...sample, id, tags: { ...sample.tags } });
  }
  const pointerWrites = fake.parameters.get(PATHS.pointer);
  for (let write = 0; write < 60; write++) pointerWrites?.splice(1, 0, { value: "none", writtenAt: fake.now - DAY });
  for (let version = 0; version < 25; version++) addVersion(fake, "lt-worker", {}, undefined, CREATED_BY);
  return fake;
}

const did = (fake: FakeAws, from: number, call: string) => fake.calls.slice(from).includes(`${call}Command`);

test.each([3, 900, 3_500])(
  "R7 calls of runs over %i snapshots: at most 20 and 4 for each page of them",
  async (snapshots) => {
    const fake = await crowded(snapshots);
    const most = 20 + 4 * Math.ceil((snapshots + 7) / fake.pageSize);
    const done = new Set<string>();
    for (let run_ = 0; run_ < 12; run_++) {
      const from = fake.calls.length;
      await run(fake, SETTINGS);
      expect(fake.calls.length - from).toBeLessThanOrEqual(most);
      for (const call of ["PutParameter", "CreateLaunchTemplateVersion", "CreateTags", "DeleteSnapshot"])
        if (did(fake, from, call)) done.add(call);
      fake.now += 5 * HOUR;
    }
    // The runs promoted, dated and deleted, some of them two of these at once.
    expect([...done].sort()).toEqual(["CreateLaunchTemplateVersion", "CreateTags", "DeleteSnapshot", "PutParameter"]);
  },
  60_000,
);
