/**
 * Builds never lie: a builder is killed or its power is cut in every step, and at random moments. Nothing incomplete is promoted. One sweep after the
 * watchdog removes the instance, and the next build succeeds with nobody's help. Two caches take turns, so that both stores and file systems are hit.
 *
 * The gate takes a power cut in each step that writes to the volume, and one at a moment of the first seed.
 *
 * DOCKER_CACHE_LAB_CRASHES says at how many random moments (default 2), DOCKER_CACHE_LAB_SEED which ones (default 1). If the number is given,
 * builders are killed in every step too, and not at random moments only. A kill leaves at worst what a power cut leaves.
 */
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { ALL } from "../../level";
import { generator } from "../random";
import { writeSmallImage } from "../registry/small-image";
import { cacheLab, MINUTES, REGION } from "./cache-lab";
import { type Aftermath, type Crash, crash, type Lane, openLane, STEPS } from "./crash";

const config = `
regions: { ${REGION}: {} }
caches:
  one:
    images: [ registry.lab/steady:1, registry.lab/one-moving:1 ]
    volume: { size_gib: 4 }
    build: { watchdog_minutes: 60 }
  two:
    image_store: containerd
    images: [ registry.lab/steady:1, registry.lab/two-moving:1 ]
    volume: { size_gib: 4, file_system: ext4 }
    build: { watchdog_minutes: 60 }
`;

const MOMENTS = Number(process.env.DOCKER_CACHE_LAB_CRASHES ?? 2);
const SEED = Number(process.env.DOCKER_CACHE_LAB_SEED ?? 1);

const inSteps: readonly Crash[] = STEPS.map((step) => ({
  name: `power cut in the middle of ${step}`,
  how: "power cut",
  when: { step, part: 0.5 },
}));
const killed: readonly Crash[] = (process.env.DOCKER_CACHE_LAB_CRASHES ? STEPS : []).map((step) => ({
  name: `kill in the middle of ${step}`,
  how: "kill",
  when: { step, part: 0.5 },
}));
const random = generator(SEED);
const atRandom: readonly Crash[] = Array.from({ length: MOMENTS }, (_, index) => {
  const part = random();
  const how = random() < 0.5 ? "power cut" : "kill";
  return { name: `${how} ${index + 1} at ${(100 * part).toFixed(1)} % of a build`, how, when: { part } };
});
const everyCrash = [...inSteps, ...killed, ...atRandom];
/** Nothing is on the volume before this step. */
const FIRST_IN_GATE = STEPS.indexOf("preparing the volume");
if (FIRST_IN_GATE < 0) throw new Error(`expected a step "preparing the volume", found ${STEPS.join(", ")}`);
const sample = [...inSteps.slice(FIRST_IN_GATE), ...atRandom.slice(0, 1)];
/** Anyone who says how many moments means all of them. */
const crashes = ALL || process.env.DOCKER_CACHE_LAB_CRASHES ? everyCrash : sample;

let deployed: Deployed;
const aftermaths = new Map<string, Promise<Aftermath>>();

/** The same promise, whose failure may wait until a test asks for it. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

beforeAll(async () => {
  deployed = await deploy({ config, nouns: ["builder", "rotation"] });
  await writeSmallImage(deployed.cloud.registry?.storage ?? "", { name: "steady", seed: "steady" });
  const opening = ["one", "two"].map((cache) => settled(cacheLab(deployed, cache).then(openLane)));
  const lanes = await Promise.all(opening);
  let previous: Promise<unknown>[] = lanes.map(() => Promise.resolve());
  // Every crash in turn on either cache; the tests below wait for them.
  for (const [index, one] of crashes.entries()) {
    const turn = index % lanes.length;
    const aftermath = (previous[turn] as Promise<unknown>).then(() => crash(lanes[turn] as Lane, one));
    aftermaths.set(one.name, aftermath);
    previous = previous.with(
      turn,
      aftermath.catch(() => undefined),
    );
  }
}, 30 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

test.each(crashes)(
  "R11: $name",
  async ({ name }) => {
    const { next, ...rest } = (await aftermaths.get(name)) as Aftermath;
    expect(rest).toEqual({ problems: [], instance: "terminated", promoted: true });
    expect(["ready", "checked"]).toContain(next);
  },
  30 * MINUTES,
);

test("nothing went wrong behind the API", () => {
  expect(deployed.cloud.faults).toEqual([]);
});
