/**
 * The whole loop over a store that was damaged after its promotion, on both image stores: the next build that has something to do fails and says what is
 * damaged, workers keep the promoted snapshot, and the build after it makes a whole one, with nobody's help. The faults are a table's (planted-faults.ts),
 * which ./proof.lab.test.ts goes through.
 */
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { writeSmallImage } from "../registry/small-image";
import { editVolume } from "../volume/edit";
import type { Store } from "./builder-steps";
import {
  build,
  type CacheLab,
  cacheLab,
  MINUTES,
  pointerOf,
  problemsOf,
  REGION,
  rotate,
  snapshotsOf,
} from "./cache-lab";
import { PLANTED_FAULTS, planting } from "./planted-faults";

const STORES = ["overlay2", "containerd"] as const satisfies readonly Store[];
const cacheOf = (store: Store) => `
  ${store}:
    image_store: ${store}
    images: [ "registry.lab/steady:1", "registry.lab/${store}-moving:1" ]
    volume: { size_gib: 4, file_system: ${store === "overlay2" ? "xfs" : "ext4"} }`;
const config = `
regions: { ${REGION}: {} }
caches: ${STORES.map(cacheOf).join("")}
`;

let deployed: Deployed;
const write = (name: string, seed: string) => writeSmallImage(deployed.cloud.registry?.storage ?? "", { name, seed });

beforeAll(async () => {
  deployed = await deploy({ config, nouns: ["builder", "rotation"] });
  for (const name of ["steady", ...STORES.map((store) => `${store}-moving`)]) await write(name, "one");
}, 10 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

/** Rotates, and returns what the newest snapshot lacks, and if it is the promoted one. */
async function promoteNewest(lab: CacheLab) {
  await rotate(lab);
  const newest = (await snapshotsOf(lab)).at(-1)?.SnapshotId;
  return { problems: await problemsOf(lab, newest), isPromoted: (await pointerOf(lab)) === newest };
}

test.each(STORES)(
  "R11: %s: a damaged store is never promoted, and is made anew by the build after next",
  async (store) => {
    const lab = await cacheLab(deployed, store);
    expect((await build(lab)).text).toContain("outcome: ready");
    await expect(promoteNewest(lab)).resolves.toEqual({ problems: [], isPromoted: true });
    const promoted = await pointerOf(lab);

    const volume = deployed.cloud.volumes.get(lab.volumeId);
    const fault = PLANTED_FAULTS.find((one) => one.store === store && one.what === "some bits of a file are others");
    if (!volume || !fault) throw new Error("no volume, or no such fault");
    await editVolume(deployed.cloud.lab.run, volume, planting(fault));
    expect((await build(lab)).text).toContain("outcome: checked");
    await write(`${store}-moving`, "two");
    const failed = await build(lab);
    expect(failed.text).toContain("outcome: failed");
    expect(failed.text).toMatch(
      /damaged: registry\.lab\/.*: layer .*\nFAILED: the image store on the cache volume is damaged/,
    );
    await rotate(lab);
    await expect(pointerOf(lab)).resolves.toBe(promoted);

    const healed = await build(lab);
    expect(healed.text).toContain("the last build on it was cut off");
    expect(healed.text).toContain("outcome: ready");
    await expect(promoteNewest(lab)).resolves.toEqual({ problems: [], isPromoted: true });
  },
  10 * MINUTES,
);

test("nothing went wrong behind the API", () => {
  expect(deployed.cloud.faults).toEqual([]);
});
