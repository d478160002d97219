/**
 * R27 J5: some days after the last human act, with builds and copies going on, all regions serve the same content, or an alarm rings.
 */
import fc from "fast-check";
import { COPYING, DAY, HOUR, PATHS, SETTINGS } from "../../../../lab/fake/example-state";
import type { FakeAws } from "../../../../lab/fake/region";
import { build, expire, pointer, region, replicate, volumeOf } from "../../../../lab/fake/world";
import { planPromote, planUnpin } from "../../../../lambda-src/rotation/asked/pin";
import type { Figures } from "../../../../lambda-src/rotation/types";
import { type RotationSettings, TAG } from "../../../../lib/contract";
import { ask, planOneRollback } from "../example-life";
import { asItIs, expectCaught, LIVES, runWith } from "./lives";

/** Days after which they agree, or somebody is told. */
const QUIET_DAYS = 11;

interface Place {
  readonly fake: FakeAws;
  readonly settings: RotationSettings;
}

/** What rings, by figures alone; which alarms look at them is the stacks' business, and tested there. */
type Rings = (figures: Figures, settings: RotationSettings) => boolean;
const rings: Rings = (figures, settings) =>
  figures.withdrawn > 0 ||
  (figures.promotedAgeHours ?? 0) > 2 * settings.cadenceHours ||
  (figures.servedLifeHours ?? Number.POSITIVE_INFINITY) < 8 * settings.copyRetentionDays;

/** What a builder does that resolves its list to a content. */
function buildNightly(source: FakeAws, content: string): void {
  const volume = source.volumes.get(volumeOf(source, SETTINGS));
  const rejected = (source.parameters.get(PATHS.rejected)?.at(-1)?.value ?? "").split("\n").includes(content);
  const unchanged = volume?.tags[TAG.state] === "ready" && volume.tags[TAG.content] === content;
  build(source, SETTINGS, content, { outcome: rejected || unchanged ? "checked" : "ready" });
}

const contentAt = ({ fake, settings }: Place) => fake.snapshots.get(pointer(fake, settings) ?? "")?.tags[TAG.content];

/** A day: a build, DLM's night, and runs in both regions. True if an alarm was on at its end. */
async function day(places: readonly Place[], content: string, alarmed: Rings): Promise<boolean> {
  const [source, ...targets] = places.map(({ fake }) => fake);
  if (!source) return false;
  buildNightly(source, content);
  source.now += HOUR;
  for (const one of targets) one.now = source.now;
  replicate(source, targets, SETTINGS);
  let on = false;
  for (let hours = 0; hours < 23; hours += 4) {
    on = false;
    for (const { fake, settings } of places) {
      fake.now += 4 * HOUR;
      expire(fake);
      const { plan } = await runWith(asItIs, fake, settings);
      on ||= alarmed(plan.figures, settings);
    }
  }
  return on;
}

/** Things that people do, in one region or in all. */
const ACTS: readonly ((place: Place, seed: number) => Promise<unknown>)[] = [
  ({ fake, settings }) => ask(fake, settings, (state) => planOneRollback(state, settings)),
  ({ fake, settings }, seed) => {
    const ids = [...fake.snapshots.keys()];
    const snapshotId = ids[seed % Math.max(1, ids.length)] ?? "snap-0";
    return ask(fake, settings, (state) => planPromote(state, settings, { snapshotId }));
  },
  ({ fake, settings }) => ask(fake, settings, (state) => planUnpin(state, settings)),
];

function property(alarmed: Rings) {
  const step = fc.tuple(
    fc.nat(2),
    fc.constantFrom("change", "quiet", "act here", "act there", "act in both"),
    fc.nat(99),
  );
  return fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
    const source = { fake: region(SETTINGS), settings: SETTINGS };
    const target = { fake: region(COPYING, "us-east-1"), settings: COPYING };
    const places = [source, target];
    let content = "c0";
    for (const [act, where, seed] of steps) {
      if (where === "change") content = `c${seed}`;
      if (where === "act here" || where === "act in both") await ACTS[act]?.(source, seed);
      if (where === "act there" || where === "act in both") await ACTS[act]?.(target, seed);
      await day(places, content, alarmed);
    }
    let told = false;
    for (let days = 0; days < QUIET_DAYS; days++) told = await day(places, content, alarmed);
    if (!told) expect(contentAt(target)).toBe(contentAt(source));
    expect(source.fake.now - target.fake.now).toBeLessThan(DAY);
  });
}

test(`J5 holds in ${LIVES} lives`, async () => {
  await fc.assert(property(rings), { numRuns: LIVES });
}, 300_000);

test(
  "J5 catches alarms that do not know how long what is served lives",
  () => expectCaught(property((figures, settings) => rings({ ...figures, servedLifeHours: null }, settings))),
  300_000,
);
