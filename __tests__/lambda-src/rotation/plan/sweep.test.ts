import { DAY, HOUR, NOW, OURS, SETTINGS, state, VOLUME } from "../../../../lab/fake/example-state";
import { planSweep } from "../../../../lambda-src/rotation/plan/sweep";
import type { Instance, Volume } from "../../../../lambda-src/rotation/types";
import { ROLES, TAG } from "../../../../lib/contract";

const instance = (id: string, hours: number, is: string, role: string, outcome?: string): Instance => ({
  id,
  state: is,
  launchedAt: NOW - hours * HOUR,
  tags: { ...OURS, [TAG.role]: role, ...(outcome && { [TAG.outcome]: outcome }) },
});
const volume = (id: string, role: string, is = "available", age = DAY): Volume => ({
  id,
  state: is,
  createdAt: NOW - age,
  snapshotId: "",
  tags: { ...OURS, [TAG.role]: role },
});

test("R12: builders past their watchdog go, in any state but ended; workers of any age stay", () => {
  const instances = [
    instance("i-1", 3, "running", ROLES.builder),
    instance("i-2", 3, "stopped", ROLES.builder),
    instance("i-3", 2, "running", ROLES.builder),
    instance("i-4", 3, "shutting-down", ROLES.builder, "ready"),
    instance("i-5", 9000, "running", ROLES.worker),
    { ...instance("i-6", 9000, "running", ROLES.builder), tags: { [TAG.role]: ROLES.builder, [TAG.name]: "ci" } },
  ];
  const { actions, orphans } = planSweep(state({ instances }), SETTINGS);
  expect(actions.map((one) => one.kind === "terminate-builder" && one.instanceId)).toEqual(["i-1", "i-2"]);
  expect(actions[0]?.reason).toBe("builder older than its watchdog of 120 minutes");
  expect(orphans).toBe(2);
});

test.each([
  ["300", [], "a watchdog longer than rotation's own"],
  ["60", ["i-1"], "a shorter one"],
  ["9", ["i-1"], "one below the least"],
  ["721", ["i-1"], "one beyond the most"],
  ["3e2", ["i-1"], "what is no number"],
  ["", ["i-1"], "nothing"],
])("R12: a builder's tag tells its watchdog: %j", (told, swept, _) => {
  const builder = instance("i-1", 3, "running", ROLES.builder);
  const instances = [{ ...builder, tags: { ...builder.tags, [TAG.watchdogMinutes]: told } }];
  const { actions } = planSweep(state({ instances }), SETTINGS);
  expect(actions.map((one) => one.kind === "terminate-builder" && one.instanceId)).toEqual(swept);
  if (told === "60") expect(actions[0]?.reason).toBe("builder older than its watchdog of 60 minutes");
});

test("a builder that ended as failed, or without a word, is a failed build", () => {
  const ended = (outcome?: string) =>
    instance(`i-${outcome}`, 1, outcome ? "terminated" : "shutting-down", ROLES.builder, outcome);
  const instances = [
    ended("failed"),
    ended(),
    ended("ready"),
    ended("checked"),
    ended("yielded"),
    instance("i-9", 1, "running", ROLES.builder),
  ];
  expect(planSweep(state({ instances }), SETTINGS).failedBuilds).toBe(2);
});

describe("rivals of the cache volume", () => {
  const claims = [volume(VOLUME, ROLES.cacheVolume), volume("vol-2", ROLES.cacheVolume)];

  test("are told, unless they are new, or the cache's own volume is", () => {
    expect(planSweep(state({ volumes: claims }), SETTINGS).rivals).toEqual(["vol-2"]);
    expect(
      planSweep(state({ volumes: [volume("vol-2", ROLES.cacheVolume, "available", HOUR / 2)] }), SETTINGS).rivals,
    ).toEqual([]);
    expect(planSweep(state({ volumes: [volume("vol-2", ROLES.cacheVolume, "deleting")] }), SETTINGS).rivals).toEqual(
      [],
    );
    const volumeId = { value: VOLUME, writtenAt: NOW - HOUR / 2, accountId: "x" };
    expect(planSweep(state({ volumes: claims, volumeId }), SETTINGS).rivals).toEqual([]);
  });

  test("where nothing says which is the cache, two are one too many", () => {
    expect(planSweep(state({ volumes: claims, volumeId: null }), SETTINGS).rivals).toEqual(["vol-2"]);
    expect(planSweep(state({ volumes: claims.slice(1), volumeId: null }), SETTINGS).rivals).toEqual([]);
  });
});

test("volumes that an instance left behind are orphans after an hour", () => {
  const volumes = [
    volume("vol-1", ROLES.worker),
    volume("vol-2", ROLES.builder),
    volume("vol-3", ROLES.worker, "in-use"),
    volume("vol-4", ROLES.worker, "available", HOUR / 2),
    volume(VOLUME, ROLES.cacheVolume),
  ];
  expect(planSweep(state({ volumes }), SETTINGS)).toMatchObject({ orphans: 2, actions: [] });
});
