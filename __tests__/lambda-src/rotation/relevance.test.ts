import { fakePorts } from "../../../lab/fake/aws";
import { NOW, OURS, SETTINGS } from "../../../lab/fake/example-state";
import type { FakeAws } from "../../../lab/fake/region";
import { build, region } from "../../../lab/fake/world";
import { concernsUs } from "../../../lambda-src/rotation/relevance";
import { ROLES, TAG } from "../../../lib/contract";

function withInstance(tags: Record<string, string>): FakeAws {
  const fake = region(SETTINGS);
  fake.instances.set("i-0a", { id: "i-0a", state: "terminated", launchedAt: NOW, visibleAt: 0, tags });
  return fake;
}
const instance = { kind: "instance", instanceId: "i-0a", state: "terminated" } as const;

test.each([
  ["our builder", { ...OURS, [TAG.role]: ROLES.builder }, true],
  ["our worker, which may come and go by thousands", { ...OURS, [TAG.role]: ROLES.worker }, false],
  ["another architecture's builder", { ...OURS, [TAG.architecture]: "arm64", [TAG.role]: ROLES.builder }, false],
  ["somebody else's instance", {}, false],
])("%s", async (_name, tags, expected) => {
  const fake = withInstance(tags);
  await expect(concernsUs(instance, fakePorts(fake), SETTINGS)).resolves.toBe(expected);
  expect(fake.calls).toEqual(["DescribeInstancesCommand"]);
});

test("our snapshot, somebody else's, one that is not to be seen yet, several", async () => {
  const fake = region(SETTINGS);
  const ours = build(fake, SETTINGS, "a") ?? "";
  const theirs = build(fake, SETTINGS, "b") ?? "";
  for (const key of Object.keys(OURS)) delete fake.snapshots.get(theirs)?.tags[key];
  const asked = (...snapshotIds: string[]) =>
    concernsUs({ kind: "snapshots", snapshotIds, event: "createSnapshot" }, fakePorts(fake), SETTINGS);
  await expect(asked(ours)).resolves.toBe(true);
  await expect(asked(theirs)).resolves.toBe(false);
  await expect(asked(theirs, ours)).resolves.toBe(true);
  await expect(asked("snap-0ddd")).resolves.toBe(true);
});

test("an instance that is not to be seen, and the schedule, are worth a run", async () => {
  const ports = fakePorts(region(SETTINGS));
  await expect(concernsUs(instance, ports, SETTINGS)).resolves.toBe(true);
  await expect(concernsUs({ kind: "reconcile" }, ports, SETTINGS)).resolves.toBe(true);
});

test("an error that is not about a missing resource is one", async () => {
  const ports = fakePorts(region(SETTINGS), async () => {
    throw new Error("denied");
  });
  await expect(concernsUs(instance, ports, SETTINGS)).rejects.toThrow("denied");
});
