/**
 * The proof on a real Docker. Which images it takes, whatever Docker's configuration says; what becomes of those that do not run. And that nothing that is
 * damaged becomes ready: a build finds the data-root of a good one with a fault in it, and a list that has changed, so that it does build. Either it fails
 * and leaves a mark, with which the next one succeeds, or what it leaves is whole. The gate tries a few faults, `scripts/test all` every one.
 */
import { stopLab } from "../../../lab/machine/lab";
import type { Snapshot } from "../../../lab/volume/snapshot";
import { createVolume, deleteVolume, snapshotVolume, type Volume } from "../../../lab/volume/volume";
import { ALL, cases, type Generation, isBooted, onlyInAll } from "../../level";
import { newId } from "../lab-harness";
import { editVolume } from "../volume/edit";
import { type Built, buildOn, openWorkshop, type Store, type Task, type Workshop } from "./builder-steps";
import { MINUTES } from "./cache-lab";
import { PLANTED_FAULTS, planting } from "./planted-faults";

jest.setTimeout(5 * MINUTES);

/** A configuration with which no container starts, none says anything, and none may open a file, unless it is told otherwise. */
const HOSTILE = {
  "default-runtime": "nvidia",
  runtimes: { nvidia: { path: "/usr/bin/nvidia-container-runtime" } },
  "log-driver": "fluentd",
  "log-opts": { "fluentd-address": "127.0.0.1:9" },
  "default-ulimits": { nofile: { Name: "nofile", Hard: 3, Soft: 3 } },
};

const OVERLAY2: readonly Store[] = ["overlay2"];
const BOTH: readonly Store[] = ["overlay2", "containerd"];
const GENERATIONS: readonly { generation: Generation; stores: readonly Store[] }[] = [
  { generation: "bookworm", stores: OVERLAY2 },
  { generation: "trixie", stores: BOTH },
  { generation: "forky", stores: BOTH },
];

describe.each(cases(GENERATIONS, ({ generation }) => isBooted(generation)))(
  "Docker of $generation",
  ({ generation, stores }) => {
    let workshop: Workshop;
    /** Volumes as good builds left them. */
    const good = new Map<Store, Snapshot>();
    beforeAll(async () => {
      workshop = await openWorkshop(generation);
    }, 2 * MINUTES);
    afterAll(() => workshop && stopLab(workshop.lab), MINUTES);

    const newVolume = () => createVolume(workshop.lab.run, { id: newId("vol"), sizeGib: 2 });
    const buildNew = async (task: Task) => buildOn(workshop, await newVolume(), task);

    test.each(stores)(
      "%s: what runs and what is data is proven under any configuration; an optional image for another processor is left out",
      async (store) => {
        const images = ["small", "data", "foreign optional", "fails"];
        const volume = await newVolume();
        const { isReady, problems, references, text } = await buildOn(workshop, volume, {
          store,
          images,
          daemon: HOSTILE,
        });
        expect([isReady, problems, isReady || text]).toEqual([true, [], true]);
        expect(references).toEqual(["small", "data", "fails"].map((name) => `registry.lab/${name}:1`));
        expect(text).toContain("proven: registry.lab/small:1: exit 0");
        expect(text).toContain("proven: registry.lab/data:1: missing /bin/sh");
        expect(text).toContain(
          "left out, since it is optional: registry.lab/foreign:1: it does not run: foreign /program",
        );
        good.set(store, await snapshotVolume(workshop.lab.run, volume, newId("snap")));
      },
    );

    onlyInAll([{ "log-driver": "none" }, HOSTILE])(
      "an image for another processor fails the build: %j",
      async (daemon) => {
        const { isReady, text } = await buildNew({ store: "overlay2", images: ["small", "foreign"], daemon });
        expect(isReady).toBe(false);
        expect(text).toContain("FAILED: registry.lab/foreign:1: it does not run: foreign /program");
      },
    );

    onlyInAll(["nvidia"])("without a runtime nothing is proven: %s", async (runtime) => {
      const before = `create_container() { docker create --runtime ${runtime} "\${LOCAL_NAMES[$1]}" x; }`;
      const { isReady, text } = await buildNew({ store: "overlay2", images: ["data"], daemon: HOSTILE, before });
      expect(isReady).toBe(false);
      expect(text).toContain("FAILED: registry.lab/data:1: it does not run: failed: ");
    });

    /** The table, in `all` on one generation; else those that tell most. */
    const faults = PLANTED_FAULTS.filter(
      ({ store, isTelling }) => stores.includes(store) && (isTelling || (ALL && generation === "trixie")),
    );
    test.each(faults)("R11: $store: $what", async (fault) => {
      const { run } = workshop.lab;
      const volume = await createVolume(run, { id: newId("vol"), snapshot: good.get(fault.store) as Snapshot });
      await editVolume(run, volume, planting(fault));
      await expectNothingFalse(volume, { store: fault.store, images: ["small", "data", "moving", "fails"] });
      await deleteVolume(run, volume);
    });

    /** Builds, and once more after a failure. */
    async function expectNothingFalse(volume: Volume, task: Task): Promise<void> {
      const first = await buildOn(workshop, volume, task);
      expect(first.problems).toEqual([]);
      if (first.isReady) return;
      expect(first.text).toContain("damaged");
      await editVolume(workshop.lab.run, volume, "[[ -e .docker-cache/unfinished ]]");
      // That such a volume is formatted is a test of its own (R11: prepare_volume).
      if (ALL) expectReady(await buildOn(workshop, volume, task));
    }
  },
);

const expectReady = ({ isReady, problems, text }: Built) =>
  expect([isReady, problems, isReady || text]).toEqual([true, [], true]);
