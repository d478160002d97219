/**
 * A cache's life in one region over planner and a stateful EC2: what happens, and what the workers' templates say. Nothing rings on a healthy day,
 * and nobody is needed to recover.
 */

import { fakePorts } from "../../../lab/fake/aws";
import { DAY, HOUR, SETTINGS } from "../../../lab/fake/example-state";
import type { FakeAws } from "../../../lab/fake/region";
import { addVersion } from "../../../lab/fake/templates";
import {
  applyBuilderStack,
  applyRotationStack,
  applyWorkerStack,
  build,
  destroyStacks,
  MINUTE,
  pointer,
  region,
  replicate,
  run,
  templateSnapshot,
  volumeOf,
} from "../../../lab/fake/world";
import { applyActions } from "../../../lambda-src/rotation/apply/apply";
import { planPromote, planUnpin } from "../../../lambda-src/rotation/asked/pin";
import { planPurge } from "../../../lambda-src/rotation/asked/purge";
import { readState } from "../../../lambda-src/rotation/read/read";
import { type RotationSettings, TAG } from "../../../lib/contract";
import { ask, expectNothingServed, expectServed, pass, promoted, rollback } from "./example-life";

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
    expect((await rollback(fake, SETTINGS)).refused).toMatch(/no other healthy snapshot/);
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
    await ask(fake, SETTINGS, (state) => planPromote(state, SETTINGS, { snapshotId: first }));
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
    await ask(fake, SETTINGS, (state) => planPromote(state, SETTINGS, { snapshotId: bad }));
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

  describe("an architecture", () => {
    const ARM: RotationSettings = { ...SETTINGS, architecture: "arm64" };
    const armServed = (fake: FakeAws) => [
      pointer(fake, ARM),
      templateSnapshot(fake, "latest", "lt-arm"),
      templateSnapshot(fake, "default", "lt-arm"),
    ];

    /** Days of both: the first builds nothing new. */
    async function days(fake: FakeAws, number: number): Promise<void> {
      for (let day = 0; day < number; day++) {
        build(fake, SETTINGS, "a", { outcome: "checked" });
        for (let hours = 0; hours < 24; hours += 4)
          for (const one of pointer(fake, ARM) ? [SETTINGS, ARM] : [SETTINGS]) await pass(fake, one, 2 * HOUR);
      }
    }

    function add(fake: FakeAws): void {
      applyRotationStack(fake, ARM);
      applyBuilderStack(fake, ARM);
      applyWorkerStack(fake, ARM, "lt-arm");
    }

    test("added, removed with a purge, and added again: the other one never hears of it", async () => {
      const { fake, first } = await promoted();
      for (let round = 0; round < 2; round++) {
        add(fake);
        await days(fake, 1);
        const built = build(fake, ARM, "a");
        await days(fake, 1);
        expect(armServed(fake)).toEqual([built, built, built]);
        const { actions } = planPurge(await readState(fakePorts(fake), ARM), ARM);
        await applyActions(actions, fakePorts(fake), ARM);
        destroyStacks(fake, ARM, "lt-arm");
        await days(fake, 1);
        expect([...fake.snapshots.keys()]).toEqual([first]);
        expectServed(fake, SETTINGS, first);
      }
    });

    test("removed without a purge and added again: nothing says any more whose what was left is, so it is refused, told and kept", async () => {
      const { fake, first } = await promoted();
      add(fake);
      const left = build(fake, ARM, "a") ?? "";
      await days(fake, 1);
      destroyStacks(fake, ARM, "lt-arm");
      await days(fake, 2);
      expectServed(fake, SETTINGS, first);
      add(fake);
      const foreign = async () => (await run(fake, ARM)).plan.figures.foreign;
      expect(await foreign()).toBe(1);
      expect(armServed(fake)).toEqual(["none", undefined, undefined]);
      let newest = "";
      for (const content of ["b", "c", "d"]) {
        newest = build(fake, ARM, content) ?? "";
        for (let hour = 0; hour < 24; hour++, fake.now += HOUR) await run(fake, ARM);
      }
      expect([...armServed(fake), fake.snapshots.has(left), await foreign()]).toEqual([
        newest,
        newest,
        newest,
        true,
        1,
      ]);
    });
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
