/**
 * The proof on a real Docker: which images it takes, whatever Docker's configuration says of the machine's other containers, and what becomes of optional
 * images that do not run.
 */
import { stopLab } from "../../../lab/machine/lab";
import { createVolume } from "../../../lab/volume/volume";
import { cases, isBooted } from "../../level";
import { newId } from "../lab-harness";
import { type Built, buildOn, openWorkshop, type Store, type Task, type Workshop } from "./builder-steps";
import { MINUTES } from "./cache-lab";

/** A configuration with which no container starts, none says anything, and none may open a file, unless it is told otherwise. */
const HOSTILE = {
  "default-runtime": "nvidia",
  runtimes: { nvidia: { path: "/usr/bin/nvidia-container-runtime" } },
  "log-driver": "fluentd",
  "log-opts": { "fluentd-address": "127.0.0.1:9" },
  "default-ulimits": { nofile: { Name: "nofile", Hard: 3, Soft: 3 } },
};

const GENERATIONS = [
  { generation: "bookworm", stores: ["overlay2"] },
  { generation: "trixie", stores: ["overlay2", "containerd"] },
  { generation: "forky", stores: ["overlay2", "containerd"] },
] as const;

describe.each(cases(GENERATIONS, ({ generation }) => isBooted(generation)))(
  "Docker of $generation",
  ({ generation, stores }) => {
    let workshop: Workshop;
    beforeAll(async () => {
      workshop = await openWorkshop(generation);
    }, 2 * MINUTES);
    afterAll(() => workshop && stopLab(workshop.lab), MINUTES);

    async function buildNew(task: Task): Promise<Built> {
      const volume = await createVolume(workshop.lab.run, { id: newId("vol"), sizeGib: 2 });
      return buildOn(workshop, volume, task);
    }

    test.each(stores as readonly Store[])(
      "%s: what runs and what is data is proven under any configuration; an optional image for another processor is left out",
      async (store) => {
        const images = ["small", "data", "foreign optional", "fails"];
        const { isReady, problems, references, text } = await buildNew({ store, images, daemon: HOSTILE });
        expect([isReady, problems, isReady || text]).toEqual([true, [], true]);
        expect(references).toEqual(["small", "data", "fails"].map((name) => `registry.lab/${name}:1`));
        expect(text).toContain("proven: registry.lab/small:1: exit 0");
        expect(text).toContain("proven: registry.lab/data:1: missing /bin/sh");
        expect(text).toContain(
          "left out, since it is optional: registry.lab/foreign:1: it does not run: foreign /program",
        );
      },
      2 * MINUTES,
    );

    test(
      "an image for another processor fails the build, also if no container says anything",
      async () => {
        const daemon = { "log-driver": "none" };
        const { isReady, text } = await buildNew({ store: "overlay2", images: ["small", "foreign"], daemon });
        expect(isReady).toBe(false);
        expect(text).toContain("FAILED: registry.lab/foreign:1: it does not run: foreign /program");
      },
      2 * MINUTES,
    );

    test(
      "without a runtime nothing is proven",
      async () => {
        const before = 'create_container() { docker create --runtime nvidia "${LOCAL_NAMES[$1]}" x; }';
        const { isReady, text } = await buildNew({ store: "overlay2", images: ["data"], daemon: HOSTILE, before });
        expect(isReady).toBe(false);
        expect(text).toContain("FAILED: registry.lab/data:1: it does not run: ");
      },
      2 * MINUTES,
    );
  },
);
