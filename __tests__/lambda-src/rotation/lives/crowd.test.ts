/**
 * R27 J6: calls and memory do not grow with resources that are not ours. A run that removes nothing makes the same calls, and keeps the
 * same state, whatever else the region holds; one that removes something lists templates and groups once, and keeps what names ours.
 */
import fc from "fast-check";
import { fakePorts } from "../../../../lab/fake/aws";
import { HOUR, SETTINGS } from "../../../../lab/fake/example-state";
import type { FakeAws } from "../../../../lab/fake/region";
import { addVersion } from "../../../../lab/fake/templates";
import { build, region } from "../../../../lab/fake/world";
import { readState } from "../../../../lambda-src/rotation/read/read";
import { asItIs, expectCaught, type Fault, LIVES, make, runWith } from "./lives";

const OTHERS = { name: "other", architecture: "x86_64" } as typeof SETTINGS;

/** Somebody else's resources, one of each kind a time. */
function crowd(fake: FakeAws, count: number): void {
  for (let index = 0; index < count; index++) {
    const id = `lt-theirs-${index}`;
    fake.templates.set(id, { id, versions: [], defaultVersion: 1, lastNumber: 0, tags: {}, visibleAt: 0 });
    addVersion(fake, id, { UserData: "x".repeat(16_000) });
    addVersion(fake, id, {});
    fake.groups.push({ name: id, templateId: id, version: "1" });
    const snapshotId = make(fake, OTHERS, { volumeId: "vol-0f" });
    fake.images.set(`ami-${index}`, [snapshotId]);
    fake.locks.add(snapshotId);
    fake.restores.push({ snapshotId, zone: "a", enablingAt: 0, enabledAt: 0 });
    const other = { state: "creating", createdAt: 0, snapshotId, tags: {}, visibleAt: 0 };
    fake.volumes.set(`vol-ff${index}`, { id: `vol-ff${index}`, ...other });
    fake.instances.set(`i-ff${index}`, { id: `i-ff${index}`, state: "running", launchedAt: 0, tags: {}, visibleAt: 0 });
  }
}

/** Calls of a run in which nothing is removed, and the size of what it and a run that removes keep, in characters. */
async function cost(fault: Fault, builds: number, others: number) {
  const fake = region(SETTINGS);
  for (let index = 0; index < builds; index++) {
    build(fake, SETTINGS, `c${index}`);
    fake.now += HOUR;
    await runWith(fault, fake, SETTINGS);
  }
  crowd(fake, others);
  const from = fake.calls.length;
  const { applied } = await runWith(fault, fake, SETTINGS);
  const calls = fake.calls.slice(from).sort();
  const size = async (options: Parameters<typeof readState>[2]) =>
    JSON.stringify(await readState(fault(fakePorts(fake), fake), SETTINGS, options)).length;
  const named = others * (JSON.stringify({ templateId: "lt-theirs-00", version: 1 }).length + 1);
  return { removed: applied.length, calls, kept: await size({}), grown: (await size({ references: "all" })) - named };
}

function property(fault: Fault) {
  return fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 40 }), async (builds, others) => {
    const [alone, among] = [await cost(fault, builds, 0), await cost(fault, builds, others)];
    expect([among.calls, among.kept]).toEqual([alone.calls, alone.kept]);
    // Of what groups pin, the numbers are kept for the pruning, and nothing else.
    expect(among.grown).toBeLessThanOrEqual(alone.grown);
  });
}

test(`J6 holds in ${Math.ceil(LIVES / 4)} regions`, async () => {
  await fc.assert(property(asItIs), { numRuns: Math.ceil(LIVES / 4) });
}, 120_000);

test("J6 catches a rotation that lists what everybody has", () =>
  expectCaught(property((ports) => ({ ...ports, listFastRestores: () => ports.listFastRestores() }))));
