/** A purge over a region in memory: what it cannot delete is told, and whatever happens meanwhile is found. */

import { hasFailed } from "../../cli/output";
import { purgeTarget } from "../../cli/purge-target";
import { fakePorts } from "../../lab/fake/aws";
import { HOUR, SETTINGS } from "../../lab/fake/example-state";
import type { FakeAws } from "../../lab/fake/region";
import { build, pointer, region, run } from "../../lab/fake/world";
import type { Ports } from "../../lambda-src/rotation/ports";

const TARGET = { region: "eu-west-1", settings: SETTINGS };
const quiet = () => {};

/** Two builds, the second promoted. */
async function served(): Promise<{ fake: FakeAws; ids: string[] }> {
  const fake = region(SETTINGS);
  const ids: string[] = [];
  for (const content of ["a", "b"]) {
    ids.push(build(fake, SETTINGS, content) ?? "");
    fake.now += HOUR;
    await run(fake, SETTINGS);
  }
  return { fake, ids };
}

test("nothing is left, and nothing is wrong", async () => {
  const { fake } = await served();
  const report = await purgeTarget(TARGET, fakePorts(fake), quiet);
  expect([report.problems, fake.snapshots.size, pointer(fake, SETTINGS)]).toEqual([[], 0, "none"]);
  expect(hasFailed(report)).toBe(false);
});

test("what EC2 goes on to refuse is named, and the purge has failed", async () => {
  const { fake, ids } = await served();
  const ports = fakePorts(fake);
  const refusing: Ports = {
    ...ports,
    deleteSnapshot: async (id) => (id === ids[0] ? false : ports.deleteSnapshot(id)),
  };
  const report = await purgeTarget(TARGET, refusing, quiet);
  expect(report.problems).toEqual([`${ids[0]} stays: EC2 did not delete it, however often asked`]);
  expect([hasFailed(report), [...fake.snapshots.keys()]]).toEqual([true, [ids[0]]]);
});

test("while a template cannot be written, nothing is deleted that it may name, and both are told", async () => {
  const { fake, ids } = await served();
  const failing: Ports = {
    ...fakePorts(fake),
    createVersion: async () => {
      throw Object.assign(new Error("no"), { name: "UnauthorizedOperation" });
    },
  };
  const { problems } = await purgeTarget(TARGET, failing, quiet);
  expect(problems).toEqual([
    expect.stringMatching(/^not done after 3 rounds: write \/dev\/sdf of launch template/),
    ...ids.map((id) => `${id} stays: EC2 did not delete it, however often asked`),
  ]);
  expect(fake.snapshots.size).toBe(2);
});

test("what an AMI needs stays, is named, and is no reason for another round", async () => {
  const { fake, ids } = await served();
  fake.images.set("ami-1", [ids[0] ?? ""]);
  const rounds: string[] = [];
  const { problems } = await purgeTarget(TARGET, fakePorts(fake), (text) => rounds.push(text));
  expect(problems).toEqual([`${ids[0]} stays: referred to by AMI ami-1`]);
  expect([rounds.length, [...fake.snapshots.keys()]]).toEqual([1, [ids[0]]]);
});

test("a snapshot that appears during the purge is found by the next look", async () => {
  const { fake } = await served();
  const ports = fakePorts(fake);
  let built = false;
  const busy: Ports = {
    ...ports,
    sleep: async (milliseconds) => {
      if (!built) build(fake, SETTINGS, "late");
      built = true;
      fake.now += HOUR + milliseconds;
    },
  };
  const { problems } = await purgeTarget(TARGET, busy, quiet);
  expect([problems, fake.snapshots.size]).toEqual([[], 0]);
});
