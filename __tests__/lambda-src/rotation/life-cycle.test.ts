/**
 * A cache's life over planner and a stateful EC2: what happens, what the workers' templates say, that nothing rings on a healthy day and
 * that nobody is needed to recover.
 */

import { applyActions } from "../../../lambda-src/rotation/apply";
import type { Answer } from "../../../lambda-src/rotation/plan-answer";
import { planPromote, planUnpin } from "../../../lambda-src/rotation/plan-pin";
import { planPurge } from "../../../lambda-src/rotation/plan-purge";
import { planRollback } from "../../../lambda-src/rotation/plan-rollback";
import { readState } from "../../../lambda-src/rotation/read";
import type { Run } from "../../../lambda-src/rotation/reconcile";
import type { State } from "../../../lambda-src/rotation/types";
import { type RotationSettings, TAG } from "../../../lib/contract";
import { COPYING, DAY, HOUR, SETTINGS } from "./example-state";
import { fakePorts } from "./fake-aws";
import type { FakeAws } from "./fake-region";
import { addVersion } from "./fake-templates";
import {
  applyBuilderStack,
  applyRotationStack,
  applyWorkerStack,
  build,
  expire,
  MINUTE,
  pointer,
  region,
  replicate,
  run,
  templateSnapshot,
  volumeOf,
} from "./fake-world";

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

/** Reconciles by schedule for as long; each run has to be quiet. */
async function pass(fake: FakeAws, settings: RotationSettings, milliseconds: number): Promise<void> {
  const end = fake.now + milliseconds;
  for (; fake.now < end; fake.now += 30 * MINUTE) expectQuiet(await run(fake, settings), settings);
}

/** Pointer, `$Latest` and `$Default` agree. */
function expectServed(fake: FakeAws, settings: RotationSettings, id: string | undefined): void {
  expect([pointer(fake, settings), templateSnapshot(fake), templateSnapshot(fake, "default")]).toEqual([id, id, id]);
}

function expectNothingServed(fake: FakeAws, settings: RotationSettings): void {
  const served = [pointer(fake, settings), templateSnapshot(fake), templateSnapshot(fake, "default")];
  expect(served).toEqual(["none", undefined, undefined]);
}

/** What the command line does. */
async function ask(fake: FakeAws, settings: RotationSettings, plan: (state: State) => Answer): Promise<Answer> {
  const ports = fakePorts(fake);
  const answer = plan(await readState(ports, settings));
  if (answer.refused === null) await applyActions(answer.actions, ports, settings);
  return answer;
}
const rollback = (fake: FakeAws, settings: RotationSettings, toNone = false) =>
  ask(fake, settings, (state) => planRollback(state, settings, { toNone }));

/** A region with one build promoted. */
async function promoted(
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

describe("a region that builds", () => {
  test("first apply, first build, unchanged builds: quiet, and one snapshot", async () => {
    const fake = region(SETTINGS);
    await pass(fake, SETTINGS, 8 * HOUR);
    expect([pointer(fake, SETTINGS), templateSnapshot(fake)]).toEqual(["none", undefined]);
    const first = build(fake, SETTINGS, "a");
    await pass(fake, SETTINGS, DAY);
    for (let day = 0; day < 5; day++) {
      build(fake, SETTINGS, "a", { outcome: "checked" });
      await pass(fake, SETTINGS, DAY);
    }
    expectServed(fake, SETTINGS, first);
    expect(fake.snapshots.size).toBe(1);
  });

  test("the rotation stack alone waits for the builder stack without a sound", async () => {
    const fake = region({ ...SETTINGS, copyFrom: "elsewhere" });
    await pass(fake, SETTINGS, 5 * DAY);
    applyBuilderStack(fake, SETTINGS);
    const first = build(fake, SETTINGS, "a");
    fake.now += 10 * MINUTE;
    await run(fake, SETTINGS);
    expectServed(fake, SETTINGS, first);
  });

  test.each(["failed", "none"] as const)(
    "a build that ends with %s is told, changes nothing, and the next one mends it",
    async (outcome) => {
      const { fake, first } = await promoted();
      build(fake, SETTINGS, "b", { outcome });
      const { plan } = await run(fake, SETTINGS);
      expect(plan.figures.failedBuilds).toBe(1);
      expectServed(fake, SETTINGS, first);
      fake.now += 2 * HOUR;
      const next = build(fake, SETTINGS, "b");
      await pass(fake, SETTINGS, HOUR);
      expectServed(fake, SETTINGS, next);
    },
  );

  test("a list changed and changed back", async () => {
    const { fake } = await promoted();
    for (const content of ["b", "a"]) {
      const id = build(fake, SETTINGS, content);
      await pass(fake, SETTINGS, DAY);
      expectServed(fake, SETTINGS, id);
    }
  });

  test("builds that stop are told after two cadences", async () => {
    const { fake } = await promoted();
    fake.now += 2 * DAY;
    const { plan } = await run(fake, SETTINGS);
    expect(plan.figures.promotedAgeHours).toBeGreaterThan(48);
  });

  test("rollback and the nights after it: the builder keeps finding the rejected content, and the next other one is promoted", async () => {
    const { fake, first } = await promoted();
    const bad = build(fake, SETTINGS, "b");
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, bad);
    await rollback(fake, SETTINGS);
    expectServed(fake, SETTINGS, first);
    for (let night = 0; night < 6; night++) {
      build(fake, SETTINGS, "b", { outcome: "checked" });
      await pass(fake, SETTINGS, DAY);
      expectServed(fake, SETTINGS, first);
    }
    expect(fake.snapshots.has(bad ?? "")).toBe(false);
    const good = build(fake, SETTINGS, "c");
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, good);
  });

  test("rollback to nothing stays there until another content is built", async () => {
    const { fake } = await promoted();
    expect((await rollback(fake, SETTINGS)).refused).toMatch(/--to-none/);
    await rollback(fake, SETTINGS, true);
    for (let hour = 0; hour < 10; hour++, fake.now += HOUR) {
      expect((await run(fake, SETTINGS)).plan.figures.withdrawn).toBe(1);
      expectNothingServed(fake, SETTINGS);
    }
    const next = build(fake, SETTINGS, "b");
    fake.now += HOUR;
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, next);
  });

  test("a new generation of the volume: what was promoted stays and can be rolled back to, what is new is promoted", async () => {
    const { fake, first } = await promoted();
    applyBuilderStack(fake, SETTINGS);
    await pass(fake, SETTINGS, 4 * HOUR);
    expectServed(fake, SETTINGS, first);
    const next = build(fake, SETTINGS, "b");
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, next);
    await rollback(fake, SETTINGS);
    expectServed(fake, SETTINGS, first);
    await pass(fake, SETTINGS, 5 * HOUR);
    expectServed(fake, SETTINGS, first);
  });

  test("many builds: the last ones stay, the others go a day after they are dated, and nothing is ever overdue", async () => {
    const { fake } = await promoted();
    for (let day = 0; day < 12; day++) {
      build(fake, SETTINGS, `content-${day}`);
      await pass(fake, SETTINGS, DAY);
    }
    await pass(fake, SETTINGS, DAY);
    expect(fake.snapshots.size).toBe(SETTINGS.keepLast);
  });

  test("promote pins an older one against builds; unpin lets go", async () => {
    const { fake, first } = await promoted();
    const second = build(fake, SETTINGS, "b");
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, second);
    await ask(fake, SETTINGS, (state) => planPromote(state, SETTINGS, first));
    build(fake, SETTINGS, "c");
    await pass(fake, SETTINGS, 12 * HOUR);
    expectServed(fake, SETTINGS, first);
    await ask(fake, SETTINGS, (state) => planUnpin(state, SETTINGS));
    const newest = build(fake, SETTINGS, "d");
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, newest);
  });

  test("promote takes a rejected content back", async () => {
    const { fake } = await promoted();
    const bad = build(fake, SETTINGS, "b") ?? "";
    await pass(fake, SETTINGS, HOUR);
    await rollback(fake, SETTINGS);
    await ask(fake, SETTINGS, (state) => planPromote(state, SETTINGS, bad));
    await pass(fake, SETTINGS, DAY);
    await ask(fake, SETTINGS, (state) => planUnpin(state, SETTINGS));
    build(fake, SETTINGS, "b", { outcome: "checked" });
    await pass(fake, SETTINGS, DAY);
    expectServed(fake, SETTINGS, bad);
  });

  test("a change by Terraform of the root disk and of the mapping tag: both versions carry it and the snapshot", async () => {
    const { fake, first } = await promoted();
    const before = fake.templates.get("lt-worker")?.versions.at(-1)?.data;
    const [, cache] = before?.BlockDeviceMappings ?? [];
    const root = { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 80, Encrypted: true } };
    const number = addVersion(fake, "lt-worker", { ...before, BlockDeviceMappings: [root, cache ?? {}] }, "eighty");
    Object.assign(fake.templates.get("lt-worker") ?? {}, { defaultVersion: number });
    Object.assign(fake.templates.get("lt-worker")?.tags ?? {}, { [TAG.mapping]: "size=200 iops=4000 throughput=500" });
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, first);
    const { data, description } = fake.templates.get("lt-worker")?.versions.at(-1) ?? {};
    const ebs = {
      SnapshotId: first,
      VolumeSize: 200,
      VolumeType: "gp3",
      Iops: 4000,
      Throughput: 500,
      DeleteOnTermination: true,
    };
    expect(data?.BlockDeviceMappings).toEqual([root, { DeviceName: "/dev/sdf", Ebs: ebs }]);
    expect(description).toBe("eighty");
  });

  test("a template that asks after the promotion gets the snapshot at the next run", async () => {
    const { fake, first } = await promoted();
    applyWorkerStack(fake, SETTINGS, "lt-later");
    await pass(fake, SETTINGS, HOUR);
    expect([templateSnapshot(fake, "latest", "lt-later"), templateSnapshot(fake, "default", "lt-later")]).toEqual([
      first,
      first,
    ]);
  });

  test("template versions do not pile up", async () => {
    const { fake } = await promoted();
    for (let build_ = 0; build_ < 40; build_++) {
      build(fake, SETTINGS, `content-${build_}`);
      await pass(fake, SETTINGS, 6 * HOUR);
    }
    const versions = fake.templates.get("lt-worker")?.versions ?? [];
    expect(versions.length).toBeLessThanOrEqual(1 + 21);
    expect(versions[0]?.createdBy).toBe("terraform");
  });
});

describe("fast snapshot restore", () => {
  const settings: RotationSettings = { ...SETTINGS, fastRestoreZones: ["eu-west-1a", "eu-west-1b"] };

  test("a candidate waits until it is ready; then the predecessor's is off", async () => {
    const { fake, first } = await promoted(settings);
    expect(fake.restores.map((one) => one.snapshotId)).toEqual([first, first]);
    const next = build(fake, settings, "b");
    await pass(fake, settings, HOUR);
    expectServed(fake, settings, first);
    await pass(fake, settings, HOUR);
    expectServed(fake, settings, next);
    expect(fake.restores.map((one) => one.snapshotId)).toEqual([next, next]);
  });

  test("R13 one that never gets ready is promoted after two hours, and another build meanwhile does not displace it", async () => {
    const { fake, first } = await promoted(settings);
    fake.restoreMilliseconds = 10 * DAY;
    const next = build(fake, settings, "b");
    await pass(fake, settings, HOUR);
    build(fake, settings, "c");
    await pass(fake, settings, HOUR);
    expectServed(fake, settings, first);
    const on = new Set(fake.restores.map((one) => one.snapshotId));
    expect([...on].sort()).toEqual([first, next].sort());
    await pass(fake, settings, HOUR);
    expectServed(fake, settings, next);
  });

  test("no zones any more: off everywhere", async () => {
    const { fake } = await promoted(settings);
    await run(fake, SETTINGS);
    expect(fake.restores).toEqual([]);
  });
});

/** A building region, one that copies from it, and their nights. */
async function twoRegions() {
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

  test("R9 after a rollback, ten runs, a late event and a copy of the same content leave both pointers where they are", async () => {
    const { source, target, night } = await twoRegions();
    const goodCopy = await night("a");
    const good = pointer(source, SETTINGS);
    await night("b");
    await rollback(source, SETTINGS);
    await ask(target, COPYING, (state) => planRollback(state, COPYING, { contents: ["b"] }));
    for (let nights = 0; nights < 3; nights++) {
      await night("b", "checked");
      expectServed(source, SETTINGS, good);
      expectServed(target, COPYING, goodCopy);
    }
    const next = await night("c");
    expectServed(target, COPYING, next);
  });
});

describe("what people and DLM do to the promoted snapshot", () => {
  test("R9 a person deletes it: the next run serves the one before", async () => {
    const { fake, first } = await promoted();
    const second = build(fake, SETTINGS, "b") ?? "";
    await pass(fake, SETTINGS, HOUR);
    fake.snapshots.delete(second);
    fake.now += 10 * MINUTE;
    await run(fake, SETTINGS);
    expectServed(fake, SETTINGS, first);
  });

  test("R9 the last one goes: templates name none, the pointer says so, and it is told; the next build mends it", async () => {
    const { fake, first } = await promoted();
    fake.snapshots.delete(first);
    expect((await run(fake, SETTINGS)).plan.figures.withdrawn).toBe(1);
    expectNothingServed(fake, SETTINGS);
    const next = build(fake, SETTINGS, "a");
    fake.now += HOUR;
    await pass(fake, SETTINGS, HOUR);
    expectServed(fake, SETTINGS, next);
  });

  test("R9 no other copy arrives: the last is taken out of the templates before DLM deletes it", async () => {
    const { target, night } = await twoRegions();
    const copied = await night("b");
    for (let day = 0; day < 11; day++, target.now += DAY) await run(target, COPYING);
    expectServed(target, COPYING, copied);
    target.now += DAY;
    const { plan } = await run(target, COPYING);
    expect([plan.figures.withdrawn, target.snapshots.has(copied ?? "")]).toEqual([1, true]);
    expectNothingServed(target, COPYING);
  });
});

describe("side by side", () => {
  test("two caches and two architectures in one region do not touch each other", async () => {
    const all = ["ci", "ml"].flatMap((name) =>
      (["x86_64", "arm64"] as const).map((architecture) => ({ ...SETTINGS, name, architecture })),
    );
    const fake = region(all[0] as RotationSettings);
    for (const settings of all.slice(1)) {
      applyRotationStack(fake, settings);
      applyBuilderStack(fake, settings);
      applyWorkerStack(fake, settings, `lt-${settings.name}-${settings.architecture}`);
    }
    for (let day = 0; day < 6; day++)
      for (const settings of all) {
        const id = build(fake, settings, `content-${day}`);
        for (const one of all) await pass(fake, one, HOUR);
        expect(pointer(fake, settings)).toBe(id);
      }
    expect(new Set(all.map((settings) => pointer(fake, settings))).size).toBe(4);
    expect([...fake.volumes.keys()].sort()).toEqual(all.map((settings) => volumeOf(fake, settings)).sort());
  });

  test("a region removed: purge leaves nothing there and no template behind", async () => {
    const { fake } = await promoted({ ...SETTINGS, fastRestoreZones: ["eu-west-1a"] });
    build(fake, SETTINGS, "b");
    replicate(fake, [], SETTINGS);
    const { actions, left } = planPurge(await readState(fakePorts(fake), SETTINGS), SETTINGS);
    await applyActions(actions, fakePorts(fake), SETTINGS);
    expect([left, fake.snapshots.size, fake.restores.length, pointer(fake, SETTINGS), templateSnapshot(fake)]).toEqual([
      [],
      0,
      0,
      "none",
      undefined,
    ]);
    const { plan } = await run(fake, SETTINGS);
    expect(plan.actions).toEqual([]);
  });

  test("a worker of any age, its volumes and a builder's root disk survive every sweep", async () => {
    const { fake } = await promoted();
    const own = { [TAG.name]: "ci", [TAG.architecture]: "x86_64" };
    const add = (id: string, role: string, launchedAt: number) =>
      fake.instances.set(id, { id, state: "running", launchedAt, visibleAt: 0, tags: { ...own, [TAG.role]: role } });
    add("i-01d", "worker", fake.now - 900 * DAY);
    add("i-0e1", "worker", fake.now);
    add("i-0b1", "builder", fake.now - 30 * MINUTE);
    for (const [id, role] of [
      ["vol-0a", "worker"],
      ["vol-0b", "builder"],
    ] as const)
      fake.volumes.set(id, {
        id,
        state: "in-use",
        createdAt: fake.now - 900 * DAY,
        visibleAt: 0,
        tags: { ...own, [TAG.role]: role },
      });
    await pass(fake, SETTINGS, HOUR);
    expect([...fake.instances.values()].map((one) => one.state)).toEqual(["running", "running", "running"]);
    fake.now += HOUR;
    await run(fake, SETTINGS);
    expect([...fake.instances.values()].map((one) => one.state)).toEqual(["running", "running", "terminated"]);
    expect(fake.calls).not.toContain("DeleteVolumeCommand");
    expect(fake.volumes.size).toBe(3);
  });
});
