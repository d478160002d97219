/** R27 J1: whatever due snapshots cannot be deleted, every other due one goes within (due / cap) + 1 runs. */
import fc from "fast-check";
import { DAY, HOUR, SETTINGS } from "../../../../lab/fake/example-state";
import type { FakeAws } from "../../../../lab/fake/region";
import { MINUTE, region } from "../../../../lab/fake/world";
import { TAG } from "../../../../lib/contract";
import { asItIs, expectCaught, type Fault, LIVES, make, runWith } from "./lives";

/** Reasons for which EC2 does not delete: some it can be asked about, of some only the refusal tells. */
const HINDRANCES: readonly ((fake: FakeAws, id: string) => unknown)[] = [
  (fake, id) => fake.holds.add(id),
  (fake, id) => fake.holds.add(id),
  (fake, id) => fake.locks.add(id),
  (fake, id) => fake.images.set(`ami-${id}`, [id]),
  (fake, id) => {
    fake.images.set(`ami-${id}`, [id]);
    fake.disabledImages.add(`ami-${id}`);
  },
  (fake, id) => fake.shares.add(id),
];

/** From the beginning: nothing is dated yet, and what is needed by others must not keep the rest from being dated. */
function fromUndated(fault: Fault) {
  const undated = fc.array(fc.option(fc.nat(HINDRANCES.length - 1), { freq: 2 }), { minLength: 1, maxLength: 12 });
  return fc.asyncProperty(undated, async (hindered) => {
    const fake = region(SETTINGS);
    const [volumeId = ""] = fake.volumes.keys();
    const free = hindered.flatMap((hindrance, index) => {
      const id = make(fake, SETTINGS, { content: `c${index}`, volumeId, startTime: fake.now - (30 - index) * DAY });
      if (hindrance === null) return [id];
      HINDRANCES[hindrance]?.(fake, id);
      return [];
    });
    for (let index = 0; index < SETTINGS.keepLast; index++)
      make(fake, SETTINGS, { content: `kept${index}`, volumeId, startTime: fake.now - index * HOUR });
    const runs = Math.ceil(hindered.length / 2) + 2;
    for (let run = 0; run < runs; run++, fake.now += 10 * MINUTE) await runWith(fault, fake, SETTINGS);
    fake.now += 25 * HOUR;
    for (let run = 0; run < runs; run++, fake.now += 10 * MINUTE) await runWith(fault, fake, SETTINGS);
    expect(free.filter((id) => fake.snapshots.has(id))).toEqual([]);
  });
}

function property(fault: Fault) {
  const due = fc.array(fc.option(fc.nat(HINDRANCES.length - 1), { freq: 2 }), { minLength: 1, maxLength: 14 });
  return fc.asyncProperty(due, fc.constantFrom(2, 3, 20), async (hindered, maxDeletionsPerRun) => {
    const settings = { ...SETTINGS, maxDeletionsPerRun };
    const fake = region(settings);
    const [volumeId = ""] = fake.volumes.keys();
    const passed = new Date(fake.now - HOUR).toISOString();
    const free = hindered.flatMap((hindrance, index) => {
      const startTime = fake.now - (30 - index) * DAY;
      const id = make(fake, settings, {
        content: `c${index}`,
        volumeId,
        startTime,
        tags: { [TAG.deleteAfter]: passed },
      });
      if (hindrance === null) return [id];
      HINDRANCES[hindrance]?.(fake, id);
      return [];
    });
    for (let index = 0; index < settings.keepLast; index++)
      make(fake, settings, { content: `kept${index}`, volumeId, startTime: fake.now - index * HOUR });
    // The first run promotes, and deletes nothing.
    await runWith(fault, fake, settings);
    for (let left = hindered.length, last = false; !last; fake.now += 10 * MINUTE) {
      last = left <= 0;
      // A run deletes a fifth of what is there: the fewer there are, the fewer go.
      left -= Math.min(maxDeletionsPerRun, Math.max(2, Math.floor((left + settings.keepLast) / 5)));
      await runWith(fault, fake, settings);
    }
    expect(free.filter((id) => fake.snapshots.has(id))).toEqual([]);
  });
}

test(`J1 holds in ${LIVES} lives`, async () => {
  await fc.assert(property(asItIs), { numRuns: LIVES });
}, 120_000);

test(`J1 holds from the first date on, in ${LIVES} lives`, async () => {
  await fc.assert(fromUndated(asItIs), { numRuns: LIVES });
}, 120_000);

test("J1 catches a rotation that looks no further than at the first two", () =>
  expectCaught(
    fromUndated((ports, fake) => ({
      ...ports,
      listImages: async (filters) => {
        const ids = filters?.["block-device-mapping.snapshot-id"] ?? [];
        // As if what it does not look at were needed.
        const others = ids.slice(2).map((id) => ({ imageId: "ami-x", snapshotIds: [id] }));
        return [...(await ports.listImages(filters)), ...(fake.images.size > 0 ? others : [])];
      },
    })),
  ));

test("J1 catches a rotation that forgets what was refused", () =>
  expectCaught(
    property((ports) => ({
      ...ports,
      tagResources: async (ids, key, value) => {
        if (key !== TAG.deletionRefused) await ports.tagResources(ids, key, value);
      },
    })),
  ));
