/**
 * Nothing that is damaged becomes ready. A build finds the data-root of a good one with a fault in it, and a list that has changed, so that it does build.
 * Either it fails, and the next one succeeds with nobody's help, or what it leaves is whole. The gate tries a few, `scripts/test all` every one.
 */
import { stopLab } from "../../../lab/machine/lab";
import type { Snapshot } from "../../../lab/volume/snapshot";
import { createVolume, deleteVolume, snapshotVolume } from "../../../lab/volume/volume";
import { cases } from "../../level";
import { newId } from "../lab-harness";
import { editVolume } from "../volume/edit";
import { type Built, buildOn, openWorkshop, type Store, type Workshop } from "./builder-steps";
import { MINUTES } from "./cache-lab";
import { PLANTED_FAULTS, planting } from "./planted-faults";

const FAULTS = cases(PLANTED_FAULTS, ({ isTelling, store, what }) =>
  Boolean(isTelling && (store === "overlay2" || what.includes("bits"))),
);

let workshop: Workshop;
const good = new Map<Store, Snapshot>();

beforeAll(async () => {
  workshop = await openWorkshop("trixie");
}, 2 * MINUTES);
afterAll(() => workshop && stopLab(workshop.lab), MINUTES);

/** A volume as a good build left it. */
async function goodVolume(store: Store) {
  const { run } = workshop.lab;
  if (!good.has(store)) {
    const volume = await createVolume(run, { id: newId("vol"), sizeGib: 2 });
    const built = await buildOn(workshop, volume, { store, images: ["small", "data"] });
    if (!built.isReady || built.problems.length > 0) throw new Error(`${built.problems}\n${built.text}`);
    good.set(store, await snapshotVolume(run, volume, newId("snap")));
  }
  return createVolume(run, { id: newId("vol"), snapshot: good.get(store) as Snapshot });
}

/** What must not be: a build that says it is ready, with something missing. */
const falsely = ({ isReady, problems }: Built) => (isReady ? problems : []);

test.each(FAULTS)(
  "$store: $what",
  async (fault) => {
    const volume = await goodVolume(fault.store);
    await editVolume(workshop.lab.run, volume, planting(fault));
    const task = { store: fault.store, images: ["small", "data", "moving"] };
    const first = await buildOn(workshop, volume, task);
    expect(falsely(first)).toEqual([]);
    if (!first.isReady) {
      expect(first.text).toContain("damaged");
      const second = await buildOn(workshop, volume, task);
      expect([second.isReady, second.problems, second.isReady || second.text]).toEqual([true, [], true]);
    }
    await deleteVolume(workshop.lab.run, volume);
  },
  5 * MINUTES,
);
