/**
 * R27 J3: foreign is for ever. A snapshot of a volume that was never the cache's is neither promoted, nor counted as healthy, nor deleted,
 * and crowds out nothing, however often `volume-id` is written again, and whenever it was taken.
 */
import fc from "fast-check";
import { COPYING, DAY, HOUR, PATHS, SETTINGS } from "../../../../lab/fake/example-state";
import { applyBuilderStack, build, pointer, region } from "../../../../lab/fake/world";
import { TAG } from "../../../../lib/contract";
import { asItIs, dlmTags, expectCaught, type Fault, LIVES, make, runWith } from "./lives";

const STEPS = [
  "build",
  "foreign",
  "dlm's of a foreign volume",
  "generation",
  "written again",
  "remade",
  "day",
] as const;

function property(fault: Fault) {
  const steps = fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 25 });
  return fc.asyncProperty(steps, fc.constantFrom(SETTINGS, COPYING), async (list, settings) => {
    const building = settings.copyFrom === null;
    const fake = region(SETTINGS);
    const foreign: string[] = [];
    const step = (one: (typeof STEPS)[number], index: number) => {
      const known = fake.parameters.get(PATHS.volumeId) ?? [];
      const present = known.at(-1)?.value ?? "";
      if (one === "build") build(fake, SETTINGS, `c${index}`);
      if (one === "foreign") foreign.push(make(fake, settings, { volumeId: "vol-0bad", content: `f${index}` }));
      if (one === "dlm's of a foreign volume" && building)
        foreign.push(make(fake, settings, { volumeId: "vol-0bad", tags: dlmTags(fake.now + DAY) }));
      if (one === "generation") applyBuilderStack(fake, SETTINGS);
      if (one === "written again") known.push({ value: present, writtenAt: fake.now });
      if (one === "remade") fake.parameters.set(PATHS.volumeId, [{ value: present, writtenAt: fake.now }]);
      if (one === "day") fake.now += DAY;
    };
    for (const [index, one] of list.entries()) {
      step(one, index);
      for (let runs = 0; runs < 3; runs++, fake.now += HOUR) {
        const ours = fake.snapshots.size - foreign.length;
        const { plan } = await runWith(fault, fake, settings);
        const tags = foreign.map((id) => fake.snapshots.get(id)?.tags);
        expect(tags.every((one) => one !== undefined && one[TAG.deleteAfter] === undefined)).toBe(true);
        expect(foreign).not.toContain(pointer(fake, settings));
        expect(plan.figures.healthySnapshots).toBeLessThanOrEqual(ours);
      }
    }
  });
}

test(`J3 holds in ${LIVES} lives`, async () => {
  await fc.assert(property(asItIs), { numRuns: LIVES });
}, 120_000);

test("J3 catches a rotation that takes every volume for one of its own", () =>
  expectCaught(
    property((ports, fake) => ({
      ...ports,
      getParameterHistory: async (name) => {
        const found = await ports.getParameterHistory(name);
        if (name !== PATHS.volumeId) return found;
        const all = [...fake.snapshots.values()].map(({ volumeId }) => ({ value: volumeId, writtenAt: 0 }));
        return { ...found, entries: [...all, ...found.entries] };
      },
    })),
  ));
