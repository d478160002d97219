/** ECR's registry while several clients do the same at once: none of them fails, and nothing is lost. */
import { writeSmallImage } from "../registry/small-image";
import { type Client, digestOf, type EcrLab, ecrApi, logIn, manifestOf, startEcrLab, stopEcrLab } from "./ecr-lab";

jest.setTimeout(120_000);

let lab: EcrLab;
let client: Client;
beforeAll(async () => {
  lab = await startEcrLab();
  client = await logIn(lab);
}, 180_000);
afterAll(() => lab && stopEcrLab(lab));

/** Puts manifests under one tag, all at once. Returns their statuses, and those of a HEAD by digest afterwards. */
async function putAtOnce(repository: string, manifests: readonly string[]): Promise<number[]> {
  const put = (body: string) => client.send("PUT", `/v2/${repository}/manifests/1`, { body });
  const puts = await Promise.all(manifests.map(put));
  const heads = manifests.map((body) => client.send("HEAD", `/v2/${repository}/manifests/${digestOf(body)}`));
  return [...puts, ...(await Promise.all(heads))].map(({ status }) => status);
}

async function manifestsIn(repository: string, ...contents: string[]): Promise<string[]> {
  await ecrApi(lab, "CreateRepository", { repositoryName: repository });
  const config = { digest: await client.pushLayer(repository, "{}"), size: 2 };
  const layers = await Promise.all(contents.map((content) => client.pushLayer(repository, content)));
  return layers.map((layer) => manifestOf(config, [layer]));
}

test("images that are pushed under one tag at once are all there; the tag has one", async () => {
  for (const round of ["a", "b", "c"]) {
    const manifests = await manifestsIn(`tag-${round}`, "one", "two", "three");
    await client.pushImage(`tag-${round}`, "1", "former");
    expect(await putAtOnce(`tag-${round}`, manifests)).toEqual([201, 201, 201, 200, 200, 200]);
    type Listed = { imageIds: { imageTag?: string }[] };
    const { imageIds } = await ecrApi<Listed>(lab, "ListImages", { repositoryName: `tag-${round}` });
    expect(imageIds.map(({ imageTag }) => imageTag).sort()).toEqual(["1", undefined, undefined, undefined]);
  }
});

test("one image that several push under one tag at once is one image, and no push fails", async () => {
  const [manifest = ""] = await manifestsIn("same", "one");
  expect(await putAtOnce("same", [manifest, manifest, manifest])).toEqual([201, 201, 201, 200, 200, 200]);
});

test("two tags of a repository that pull-through has still to make, at once", async () => {
  await ecrApi(lab, "CreatePullThroughCacheRule", { ecrRepositoryPrefix: "quay", upstreamRegistryUrl: "quay.io" });
  for (const tag of ["1", "2"])
    await writeSmallImage(lab.registry.storage, { name: "org/two", seed: tag, tag, payloadBytes: 1 << 12 });
  const pulls = ["1", "2"].map((tag) => client.send("GET", `/v2/quay/org/two/manifests/${tag}`));
  expect((await Promise.all(pulls)).map(({ status, body }) => [status, body.slice(0, 9)])).toEqual([
    [200, expect.not.stringContaining("errors")],
    [200, expect.not.stringContaining("errors")],
  ]);
});
