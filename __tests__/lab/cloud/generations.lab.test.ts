/**
 * The whole loop on every generation of Docker and both image stores: first build, a build with one image changed, an unchanged build. After each
 * promotion a worker of the same generation, without the AWS client, runs every image while the registry is switched off. Each snapshot is looked
 * into. The gate boots one generation, `scripts/test all` every one.
 */
import { createHash } from "node:crypto";
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { bootWorker, dockerRun, terminate } from "../../../lab/product/machine-loop";
import { startRegistry } from "../../../lab/registry/lab-registry";
import { cacheId } from "../../../lib/contract";
import { cases, isBooted, testOn } from "../../level";
import { writeSmallImage } from "../registry/small-image";
import {
  type Build,
  blankVolume,
  build,
  type CacheLab,
  cacheLab,
  MINUTES,
  pointerOf,
  problemsOf,
  publishedManifests,
  REGION,
  rotate,
  snapshotsOf,
  summaryOf,
} from "./cache-lab";

const STORES = ["overlay2", "containerd"] as const;
const cacheOf = (store: string) => `
  ${store}:
    image_store: ${store}
    images: [ { reference: registry.lab/steady:1, warm: whole }, "registry.lab/${store}-moving:1" ]
    volume: { size_gib: 4, file_system: ${store === "overlay2" ? "xfs" : "ext4"} }
    worker: { min_free_gib: 1, volume: { size_gib: 4 } }`;
const config = `
regions: { ${REGION}: {} }
caches: ${STORES.map(cacheOf).join("")}
`;

let deployed: Deployed;
beforeAll(async () => {
  deployed = await deploy({ config });
  await writeSmallImage(storage(), { name: "steady", seed: "steady", payloadBytes: 16 << 20 });
}, 10 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

const storage = () => deployed.cloud.registry?.storage ?? "";
const move = (store: string, seed: string) => writeSmallImage(storage(), { name: `${store}-moving`, seed });

/** Boots a worker of the generation and runs every image of the cache on it. Returns what they said. */
async function runAll(lab: CacheLab): Promise<string[]> {
  const { machine, status } = await bootWorker(deployed.loop, deployed.cloud, REGION, cacheId(lab.cache, "x86_64"));
  const said = [`${status.state}${status.reason}`];
  for (const image of ["steady", `${lab.cache}-moving`])
    said.push((await dockerRun(machine, `registry.lab/${image}:1`, "--pull", "never")).output.trim());
  await terminate(deployed.loop, REGION, machine);
  return said;
}

const GENERATIONS = [
  { generation: "bookworm", engine: 20, stores: ["overlay2"] },
  { generation: "trixie", engine: 26, stores: ["overlay2", "containerd"] },
  { generation: "forky", engine: 28, stores: ["overlay2", "containerd"] },
] as const;

describe.each(cases(GENERATIONS, ({ generation }) => isBooted(generation)))(
  "Docker $engine of $generation, $stores",
  ({ generation, engine, stores }) => {
    let labs: CacheLab[];
    let builds: Build[];

    beforeAll(async () => {
      labs = await Promise.all(stores.map((store) => cacheLab(deployed, store)));
      for (const lab of labs) blankVolume(lab);
    });

    /** A build of each store, at once. */
    async function buildAll(): Promise<void> {
      // Neither has the AWS CLI, nor any other client of AWS.
      deployed.cloud.image = generation;
      builds = await Promise.all(labs.map(build));
    }

    /** Returns what each store's newest snapshot is lacking, once rotation has promoted it. */
    async function promoteAll(): Promise<string[]> {
      const problems: string[] = [];
      for (const lab of labs) {
        const newest = (await snapshotsOf(lab)).at(-1);
        problems.push(...(await problemsOf(lab, newest?.SnapshotId)));
        const hashes = (await publishedManifests(lab, newest?.tags ?? {})).map((text) =>
          createHash("sha256").update(text).digest("hex"),
        );
        expect(hashes).toEqual([newest?.tags["docker-cache:manifest"]]);
        await rotate(lab);
        if ((await pointerOf(lab)) !== newest?.SnapshotId) problems.push(`${newest?.SnapshotId} is not promoted`);
      }
      return problems;
    }

    /** Returns what the images of each store say on a worker, which is without AWS client and registry. */
    async function runEverywhere(): Promise<string[][]> {
      deployed.cloud.image = generation;
      await deployed.cloud.registry?.stop();
      try {
        return await Promise.all(labs.map(runAll));
      } finally {
        deployed.cloud.registry = await startRegistry(deployed.cloud.lab.run);
      }
    }

    const expected = (seed: string) =>
      stores.map((store) => ["warm", "hello from steady steady", `hello from ${store}-moving ${seed}`]);

    test(
      "R11: a first build is complete and promoted, and a worker runs every image of it",
      async () => {
        for (const store of stores) await move(store, `${generation} first`);
        await buildAll();
        expect(builds.map(({ outcome }) => outcome)).toEqual(stores.map(() => "ready"));
        for (const { text } of builds) expect(text).toContain("it is blank");
        for (const [index, lab] of labs.entries())
          expect(await summaryOf(lab, builds[index]!)).toEqual({
            outcome: "ready",
            seconds: expect.objectContaining({
              pulling: expect.any(Number),
              "creating the snapshot": expect.any(Number),
            }),
            images: 2,
            bytes: expect.any(Number),
            snapshot: (await snapshotsOf(lab)).at(-1)?.SnapshotId,
            failure: null,
          });
        await expect(promoteAll()).resolves.toEqual([]);
        for (const lab of labs) {
          const store = (await snapshotsOf(lab)).at(-1)?.tags["docker-cache:store"];
          expect(store).toMatch(new RegExp(`^${lab.cache}/${engine === 28 ? "(2[89]|[3-9]\\d)" : engine}$`));
        }
        await expect(runEverywhere()).resolves.toEqual(expected(`${generation} first`));
      },
      8 * MINUTES,
    );

    test(
      "with one image changed only that one travels, and a worker runs the new one",
      async () => {
        for (const store of stores) await move(store, `${generation} second`);
        await buildAll();
        expect(builds.map(({ outcome }) => outcome)).toEqual(stores.map(() => "ready"));
        for (const { text } of builds) expect(text).not.toContain("formatting");
        await expect(promoteAll()).resolves.toEqual([]);
        for (const lab of labs) {
          const [before, after] = (await snapshotsOf(lab)).slice(-2).map(({ SnapshotId = "" }) => SnapshotId);
          const { fullBytes = 0 } = deployed.cloud.snapshots.get(before ?? "") ?? {};
          expect(deployed.cloud.snapshots.get(after ?? "")?.incrementBytes).toBeLessThan(fullBytes);
        }
        await expect(runEverywhere()).resolves.toEqual(expected(`${generation} second`));
      },
      8 * MINUTES,
    );

    test(
      "with nothing changed there is nothing to do: no snapshot, the pointer stays",
      async () => {
        const before = await Promise.all(labs.map(pointerOf));
        const count = deployed.cloud.snapshots.size;
        await buildAll();
        expect(builds.map(({ outcome }) => outcome)).toEqual(stores.map(() => "checked"));
        expect(deployed.cloud.snapshots.size).toBe(count);
        for (const lab of labs) await rotate(lab);
        await expect(Promise.all(labs.map(pointerOf))).resolves.toEqual(before);
      },
      5 * MINUTES,
    );
  },
);

testOn("bookworm")(
  "Docker 20.10 refuses containerd's image store, says so, and touches no volume",
  async () => {
    const lab = await cacheLab(deployed, "containerd");
    const count = deployed.cloud.snapshots.size;
    deployed.cloud.image = "bookworm-aws";
    const { outcome, text } = await build(lab);
    expect(outcome).toBe("failed");
    expect(text).toContain("containerd's image store needs Docker 24 or later, this image has 20");
    expect(text).not.toContain("attaching the cache volume: done");
    expect(deployed.cloud.snapshots.size).toBe(count);
  },
  5 * MINUTES,
);

test("nothing went wrong behind the API", () => {
  expect(deployed.cloud.faults).toEqual([]);
});
