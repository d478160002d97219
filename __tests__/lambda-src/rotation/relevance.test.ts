import { fakePorts } from "../../../lab/fake/aws";
import { OURS, SETTINGS } from "../../../lab/fake/example-state";
import { build, region } from "../../../lab/fake/world";
import { concernsUs } from "../../../lambda-src/rotation/relevance";

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

test("the schedule, and a hint of the router, are worth a run without a look", async () => {
  const fake = region(SETTINGS);
  const ports = fakePorts(fake);
  await expect(concernsUs({ kind: "reconcile" }, ports, SETTINGS)).resolves.toBe(true);
  expect(fake.calls).toEqual([]);
});

test("an error that is not about a missing resource is one", async () => {
  const ports = fakePorts(region(SETTINGS), async () => {
    throw new Error("denied");
  });
  const wake = { kind: "snapshots", snapshotIds: ["snap-0a"], event: "createSnapshot" } as const;
  await expect(concernsUs(wake, ports, SETTINGS)).rejects.toThrow("denied");
});
