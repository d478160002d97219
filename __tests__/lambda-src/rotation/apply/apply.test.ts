import { setImmediate } from "node:timers/promises";
import { fakePorts } from "../../../../lab/fake/aws";
import { HOUR, PATHS, SETTINGS } from "../../../../lab/fake/example-state";
import { awsError, type FakeAws } from "../../../../lab/fake/region";
import { addVersion } from "../../../../lab/fake/templates";
import { applyWorkerStack, build, region, templateSnapshot, volumeOf } from "../../../../lab/fake/world";
import { applyActions, servesWell, throwFailures } from "../../../../lambda-src/rotation/apply/apply";
import { planTemplates } from "../../../../lambda-src/rotation/plan/templates";
import type { Ports } from "../../../../lambda-src/rotation/ports";
import { readState } from "../../../../lambda-src/rotation/read/read";
import type { Action } from "../../../../lambda-src/rotation/types";
import { TAG } from "../../../../lib/contract";

const reason = "because";
function setUp() {
  const fake = region(SETTINGS);
  const id = build(fake, SETTINGS, "a") ?? "";
  fake.now += HOUR;
  return { fake, id, tags: fake.snapshots.get(id)?.tags ?? {} };
}
const apply = (fake: FakeAws, ...actions: Action[]) => applyActions(actions, fakePorts(fake), SETTINGS);

test("every kind of action does what it says", async () => {
  const { fake, id, tags } = setUp();
  const last = (name: string) => fake.parameters.get(name)?.at(-1)?.value;
  await apply(
    fake,
    { kind: "write-rejected", contents: ["b", "a"], reason },
    { kind: "write-pointer", value: id, reason },
  );
  expect([last(PATHS.rejected), last(PATHS.pointer)]).toEqual(["b\na", id]);
  await apply(fake, { kind: "write-rejected", contents: [], reason });
  expect(last(PATHS.rejected)).toBe("none");
  const volume = volumeOf(fake, SETTINGS);
  await apply(
    fake,
    { kind: "tag-rejected", resourceIds: [id, volume], reason },
    { kind: "pin", snapshotId: id, reason },
  );
  expect([tags[TAG.state], fake.volumes.get(volume)?.tags[TAG.state], tags[TAG.pin]]).toEqual([
    "rejected",
    "rejected",
    "promoted",
  ]);
  await apply(fake, { kind: "tag-ready", snapshotId: id, reason }, { kind: "unpin", snapshotId: id, reason });
  expect([tags[TAG.state], tags[TAG.pin]]).toEqual(["ready", undefined]);
  await apply(fake, { kind: "tag-delete-after", snapshotIds: [id], deleteAfter: "2026-01-01T00:00:00Z", reason });
  expect(tags[TAG.deleteAfter]).toBe("2026-01-01T00:00:00Z");
  await apply(fake, { kind: "tag-deletion-refused", snapshotIds: [id], refusedAt: "2026-01-02T00:00:00Z", reason });
  expect(tags[TAG.deletionRefused]).toBe("2026-01-02T00:00:00Z");
  await apply(fake, { kind: "untag-delete-after", snapshotIds: [id], reason });
  expect([tags[TAG.deleteAfter], tags[TAG.deletionRefused]]).toEqual([undefined, undefined]);
  await apply(fake, { kind: "enable-fast-restore", snapshotId: id, zones: ["a", "b"], reason });
  await apply(fake, { kind: "disable-fast-restore", snapshotId: id, zones: ["a"], reason });
  expect(fake.restores.map((one) => one.zone)).toEqual(["b"]);
  fake.instances.set("i-0f", { id: "i-0f", state: "running", launchedAt: 0, tags: {}, visibleAt: 0 });
  await apply(fake, { kind: "terminate-builder", instanceId: "i-0f", reason });
  expect(fake.instances.get("i-0f")?.state).toBe("terminated");
  addVersion(fake, "lt-worker", {});
  await apply(fake, { kind: "set-default-version", templateId: "lt-worker", version: 2, reason });
  await apply(fake, { kind: "prune-versions", templateId: "lt-worker", versions: [1], reason });
  expect(fake.templates.get("lt-worker")).toMatchObject({ defaultVersion: 2, versions: [{ number: 2 }] });
  await apply(fake, { kind: "delete-snapshot", snapshotId: id, reason });
  expect(fake.snapshots.size).toBe(0);
});

test("a failure does not stop the others; the end names all of them", async () => {
  const { fake, id } = setUp();
  const applied = await apply(
    fake,
    { kind: "set-default-version", templateId: "lt-worker", version: 9, reason },
    { kind: "write-pointer", value: id, reason },
  );
  expect(applied.map((one) => one.failure instanceof Error)).toEqual([true, false]);
  expect(() => throwFailures(applied)).toThrow(/^set-default-version: InvalidLaunchTemplateId.VersionNotFound$/);
  expect(() => throwFailures(applied.slice(1))).not.toThrow();
});

test("a snapshot that cannot be deleted fails no run; only what workers get is about the heartbeat", () => {
  const failed = (action: Action) => [{ action, failure: new Error("denied") }];
  const deletion = failed({ kind: "delete-snapshot", snapshotId: "snap-1", reason });
  expect(() => throwFailures(deletion)).not.toThrow();
  const date = failed({ kind: "tag-delete-after", snapshotIds: ["snap-1"], deleteAfter: "x", reason });
  expect(() => throwFailures(date)).toThrow("tag-delete-after: denied");
  const pointer = failed({ kind: "write-pointer", value: "snap-1", reason });
  expect([deletion, date, pointer, []].map(servesWell)).toEqual([true, true, false, true]);
});

test("tags that fail together are written one by one", async () => {
  const { fake, id, tags } = setUp();
  const ports = fakePorts(fake);
  const tagResources: typeof ports.tagResources = async (ids, key, value) => {
    if (ids.length > 1) throw awsError("RequestLimitExceeded");
    await ports.tagResources(ids, key, value);
  };
  const action: Action = { kind: "tag-delete-after", snapshotIds: [id, id], deleteAfter: "x", reason };
  const [applied] = await applyActions([action], { ...ports, tagResources }, SETTINGS);
  expect([applied?.failure, tags[TAG.deleteAfter]]).toEqual([undefined, "x"]);
});

test("nothing is done after a rejection that could not be written", async () => {
  const { fake, id } = setUp();
  const ports = { ...fakePorts(fake), putParameter: () => Promise.reject(awsError("TooManyUpdates")) };
  const applied = await applyActions(
    [
      { kind: "write-rejected", contents: ["a"], reason },
      { kind: "pin", snapshotId: id, reason },
    ],
    ports,
    SETTINGS,
  );
  expect(applied.map(({ action }) => action.kind)).toEqual(["write-rejected"]);
});

test("what is thrown and is no error is told too", async () => {
  const ports = { ...fakePorts(setUp().fake), putParameter: () => Promise.reject("text") };
  const [applied] = await applyActions([{ kind: "write-pointer", value: "x", reason }], ports, SETTINGS);
  expect(applied?.failure).toEqual(new Error("text"));
});

describe("what EC2 refuses for now, or somebody did already, fails nothing", () => {
  test("a snapshot in use or locked is held; one that is gone is deleted", async () => {
    const { fake, id } = setUp();
    const remove: Action = { kind: "delete-snapshot", snapshotId: id, reason };
    fake.images.set("ami-1", [id]);
    expect((await apply(fake, remove))[0]?.failure).toBe("held");
    fake.images.clear();
    fake.locks.add(id);
    expect((await apply(fake, remove))[0]?.failure).toBe("held");
    fake.locks.clear();
    expect((await apply(fake, remove, remove)).map((one) => one.failure)).toEqual([undefined, undefined]);
  });

  test.each<Action>([
    { kind: "tag-delete-after", snapshotIds: ["snap-0"], deleteAfter: "x", reason },
    { kind: "untag-delete-after", snapshotIds: ["snap-0"], reason },
    { kind: "enable-fast-restore", snapshotId: "snap-0", zones: ["a"], reason },
    { kind: "terminate-builder", instanceId: "i-0", reason },
    { kind: "prune-versions", templateId: "lt-0", versions: [1], reason },
  ])("$kind of what is gone", async (action) => {
    expect((await apply(setUp().fake, action))[0]?.failure).toBe("held");
  });

  test("but a refusal of another kind is a failure", async () => {
    const { fake, id } = setUp();
    const denied = fakePorts(fake, async () => {
      throw awsError("UnauthorizedOperation");
    });
    const [applied] = await applyActions([{ kind: "delete-snapshot", snapshotId: id, reason }], denied, SETTINGS);
    expect(applied?.failure).toMatchObject({ name: "UnauthorizedOperation" });
  });
});

describe("500 launch templates", () => {
  const ids = Array.from({ length: 500 }, (_, index) => `lt-${String(index).padStart(3, "0")}`);

  /** Applies a promotion, or the way back, over calls that take their time; returns the calls in the order of their ends. */
  async function applied(order: (templates: Action[], pointer: Action) => Action[], failing = "") {
    const { fake, id } = setUp();
    for (const one of ids) applyWorkerStack(fake, SETTINGS, one);
    const ended: string[] = [];
    let [inFlight, most] = [0, 0];
    const ports = fakePorts(fake, async (name, carry) => {
      most = Math.max(most, ++inFlight);
      await setImmediate();
      inFlight--;
      ended.push(name);
      return carry();
    });
    const refusing: Ports = {
      ...ports,
      createVersion: async (templateId, ...rest) => {
        if (templateId === failing) throw new Error("denied");
        return ports.createVersion(templateId, ...rest);
      },
    };
    const state = await readState(ports, SETTINGS);
    const templates = planTemplates(
      { ...state, launchTemplates: state.launchTemplates.filter((one) => one.id !== "lt-worker") },
      state.snapshots.find((one) => one.id === id),
      [],
    );
    const actions = order(templates, { kind: "write-pointer", value: id, reason });
    ended.length = 0;
    most = 0;
    return { fake, id, actions, done: await applyActions(actions, refusing, SETTINGS), ended, most };
  }

  test("are written eight at a time, after the pointer, and told in their order", async () => {
    const { fake, id, actions, done, ended, most } = await applied((templates, pointer) => [pointer, ...templates]);
    expect([most, ended[0], ended.length]).toEqual([8, "PutParameterCommand", 1001]);
    expect(done.map(({ action }) => action)).toEqual(actions);
    for (const one of ids) expect(templateSnapshot(fake, "default", one)).toBe(id);
  });

  test("before the pointer where it loses a snapshot, and one that fails keeps none from being written", async () => {
    const { fake, id, done, ended } = await applied((templates, pointer) => [...templates, pointer], "lt-007");
    expect(ended.at(-1)).toBe("PutParameterCommand");
    expect(done.flatMap(({ failure }, index) => (failure ? [index] : []))).toEqual([7]);
    expect(ids.filter((one) => templateSnapshot(fake, "default", one) !== id)).toEqual(["lt-007"]);
  });
});
