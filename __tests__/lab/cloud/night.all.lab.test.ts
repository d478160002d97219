/**
 * What a night asks of a registry: GETs of manifests, which Docker Hub counts as pulls. For a first build, a night without change, and one with a changed
 * image; for an image of one platform and one of several; on every generation of Docker and both image stores.
 */
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import type { RegistryRequest } from "../../../lab/registry/registry-faults";
import { writeSmallImage } from "../registry/small-image";
import { build, cacheLab, MINUTES, REGION } from "./cache-lab";

const GENERATIONS = [
  { generation: "bookworm", caches: ["bookworm-overlay2"] },
  { generation: "trixie", caches: ["trixie-overlay2", "trixie-containerd"] },
  { generation: "forky", caches: ["forky-overlay2", "forky-containerd"] },
] as const;
const KINDS = ["one", "list"] as const;

const cacheOf = (cache: string) => `
  ${cache}:
    image_store: ${cache.split("-")[1]}
    images: [${KINDS.map((kind) => `"registry.lab/${cache}-${kind}:1"`).join(", ")}]
    volume: { size_gib: 4 }`;
const config = `
regions: { ${REGION}: {} }
caches: ${GENERATIONS.flatMap(({ caches }) => caches)
  .map(cacheOf)
  .join("")}
`;

/** Each night: what changes before it, its outcome, and the GETs of manifests for each image. */
const NIGHTS = [
  { changed: KINDS, outcome: "ready", one: 2, list: 3 },
  { changed: [], outcome: "checked", one: 1, list: 1 },
  { changed: ["list"], outcome: "ready", one: 1, list: 3 },
  { changed: ["one"], outcome: "ready", one: 2, list: 1 },
] as const;

const requests: RegistryRequest[] = [];
let deployed: Deployed;
beforeAll(async () => {
  const faults = (request: RegistryRequest) => void requests.push(request);
  deployed = await deploy({ config, nouns: ["builder", "rotation"], faults });
}, 10 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

/** The nights of a cache, as they went. */
async function nightsOf(cache: string): Promise<object[]> {
  const lab = await cacheLab(deployed, cache);
  const storage = deployed.cloud.registry?.storage ?? "";
  const fetched = (kind: string) =>
    requests.filter(({ method, path }) => method === "GET" && path.startsWith(`/v2/${cache}-${kind}/manifests/`))
      .length;
  const nights = [];
  for (const { changed } of NIGHTS) {
    for (const kind of changed)
      await writeSmallImage(storage, {
        name: `${cache}-${kind}`,
        seed: `${nights.length}`,
        multiPlatform: kind === "list",
      });
    const [one, list] = [fetched("one"), fetched("list")];
    const { outcome } = await build(lab);
    nights.push({ changed, outcome, one: fetched("one") - one, list: fetched("list") - list });
  }
  return nights;
}

test.each(GENERATIONS)(
  "Docker of $generation fetches a manifest of each image to ask for its digest, and of those that changed to pull them",
  async ({ generation, caches }) => {
    deployed.cloud.image = generation;
    await expect(Promise.all(caches.map(nightsOf))).resolves.toEqual(caches.map(() => NIGHTS));
  },
  20 * MINUTES,
);
