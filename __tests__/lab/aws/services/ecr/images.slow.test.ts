/** ECR's images by its API alone: what `docker-cache` commands and others read, without a client of the registry. */
import { createHash } from "node:crypto";
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ListImagesCommand,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { type EmulatedAws, startEmulatedAws } from "../../../../../lab/aws/server/start";
import { isMovable } from "../../../../../lab/aws/services/ecr/images";
import { createClock } from "../../../../../lab/product/clock";
import { HOUR_MILLISECONDS } from "../../../../../lib/time";

jest.setTimeout(120_000);

const REGION = "eu-west-1";
const clock = createClock();
let aws: EmulatedAws;
let ecr: ECRClient;
beforeAll(async () => {
  aws = await startEmulatedAws({ now: clock.now });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  ecr = new ECRClient({ region: REGION, endpoint: aws.endpointUrl, credentials });
}, 180_000);
afterAll(() => aws?.stop());

const manifest = (...sizes: number[]) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { digest: `sha256:${"0".repeat(64)}`, size: 7 },
    layers: sizes.map((size, index) => ({ digest: `sha256:${String(index).repeat(64)}`, size })),
  });
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const put = (repositoryName: string, imageTag: string | undefined, imageManifest: string) =>
  ecr.send(new PutImageCommand({ repositoryName, imageTag, imageManifest }));

test("an image has its manifest's digest and its layers' size; one whose tag moves away stays, untagged, until it is deleted", async () => {
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "app" }));
  const [first, second] = [manifest(10, 20), manifest(5)];
  expect((await put("app", "1", first)).image?.imageId?.imageDigest).toBe(digestOf(first));
  await put("app", "1", second);
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: "app" }));
  const details = imageDetails?.map(({ imageDigest, imageTags, imageSizeInBytes }) => [
    imageDigest,
    imageTags,
    imageSizeInBytes,
  ]);
  expect(details).toHaveLength(2);
  expect(details).toEqual(
    expect.arrayContaining([
      [digestOf(first), undefined, 30],
      [digestOf(second), ["1"], 5],
    ]),
  );
  const imageIds = [{ imageDigest: digestOf(first) }];
  const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName: "app", imageIds }));
  expect(images?.[0]?.imageManifest).toBe(first);
});

test("an index has the size of its largest image, none if it names none, and a digest that is not the manifest's is refused", async () => {
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "index" }));
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] });
  const wrong = { repositoryName: "index", imageManifest: index, imageDigest: digestOf("other") };
  await expect(ecr.send(new PutImageCommand(wrong))).rejects.toMatchObject({
    name: "ImageDigestDoesNotMatchException",
  });
  await put("index", "1", index);
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: "index" }));
  expect(imageDetails?.map(({ imageSizeInBytes }) => imageSizeInBytes)).toEqual([undefined]);
  const image = (size: number) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      layers: [{ digest: digestOf(String(size)), size }],
    });
  const images = [image(300), image(200)];
  for (const one of images) await put("index", undefined, one);
  await put(
    "index",
    "2",
    JSON.stringify({ schemaVersion: 2, mediaType, manifests: images.map((one) => ({ digest: digestOf(one) })) }),
  );
  const all = await ecr.send(new DescribeImagesCommand({ repositoryName: "index" }));
  expect(all.imageDetails?.map(({ imageTags, imageSizeInBytes }) => [imageTags?.[0], imageSizeInBytes])).toEqual(
    expect.arrayContaining([
      ["2", 300],
      [undefined, 200],
    ]),
  );
});

test.each<[string, string[], string, boolean]>([
  ["MUTABLE", [], "latest", true],
  ["IMMUTABLE", [], "latest", false],
  ["IMMUTABLE_WITH_EXCLUSION", ["latest"], "latest", true],
  ["IMMUTABLE_WITH_EXCLUSION", ["latest"], "latest-1", false],
  ["IMMUTABLE_WITH_EXCLUSION", ["latest*"], "latest-1", true],
  // A wildcard, and no regular expression.
  ["IMMUTABLE_WITH_EXCLUSION", ["latest*"], "lates", false],
  ["IMMUTABLE_WITH_EXCLUSION", ["v1.2*"], "v1-2", false],
  ["IMMUTABLE_WITH_EXCLUSION", ["*-dev", "cache-*"], "a-dev", true],
  ["MUTABLE_WITH_EXCLUSION", ["release-*"], "release-1", false],
  ["MUTABLE_WITH_EXCLUSION", ["release-*"], "main", true],
])("of a repository that is %s except %j the tag %s may move: %p", (imageTagMutability, filters, tag, movable) => {
  const imageTagMutabilityExclusionFilters = filters.map((filter) => ({ filter }));
  expect(isMovable({ imageTagMutability, imageTagMutabilityExclusionFilters }, tag)).toBe(movable);
});

test("an immutable tag is not put again; one that is excluded moves, and its former image stays", async () => {
  const imageTagMutabilityExclusionFilters = [{ filterType: "WILDCARD" as const, filter: "*latest*" }];
  const imageTagMutability = "IMMUTABLE_WITH_EXCLUSION";
  const repositoryName = "fixed";
  await ecr.send(
    new CreateRepositoryCommand({ repositoryName, imageTagMutability, imageTagMutabilityExclusionFilters }),
  );
  for (const tag of ["1", "latest"]) await put(repositoryName, tag, manifest(1));
  for (const size of [1, 2])
    await expect(put(repositoryName, "1", manifest(size))).rejects.toMatchObject({
      name: "ImageTagAlreadyExistsException",
    });
  await expect(put(repositoryName, "latest", manifest(1))).rejects.toMatchObject({
    name: "ImageAlreadyExistsException",
  });
  for (const size of [2, 3]) await put(repositoryName, "latest", manifest(size));
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
  expect(imageDetails?.map(({ imageSizeInBytes, imageTags }) => [imageSizeInBytes, imageTags]).sort()).toEqual([
    [1, ["1"]],
    [2, undefined],
    [3, ["latest"]],
  ]);
});

test("an image that an index names is not deleted before the index, and loses all tags but its last", async () => {
  const repositoryName = "referenced";
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  const child = manifest(4);
  const imageDigest = digestOf(child);
  for (const tag of ["a", "b"]) await put(repositoryName, tag, child);
  const mediaType = "application/vnd.oci.image.index.v1+json";
  await put(
    repositoryName,
    "all",
    JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ digest: imageDigest }] }),
  );
  const remove = async (...imageIds: object[]) => {
    const answer = await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
    return [answer.imageIds?.length, answer.failures?.map(({ failureCode }) => failureCode)];
  };
  expect(await remove({ imageDigest })).toEqual([0, ["ImageReferencedByManifestList"]]);
  expect(await remove({ imageTag: "a" }, { imageTag: "none" })).toEqual([1, ["ImageNotFound"]]);
  expect(await remove({ imageTag: "b" })).toEqual([0, ["ImageReferencedByManifestList"]]);
  expect(await remove({ imageDigest }, { imageTag: "all" })).toEqual([1, ["ImageReferencedByManifestList"]]);
  expect(await remove({ imageDigest })).toEqual([1, []]);
});

test("lists pass their filter and come in pages; an answer names the tag or digest that was asked for", async () => {
  // A name as ECR takes it.
  const repositoryName = "asked--for/by__name";
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  const [one, two, three] = [manifest(1), manifest(2), manifest(3)];
  for (const tag of ["a", "b"]) await put(repositoryName, tag, one);
  for (const text of [two, three]) await put(repositoryName, "c", text);
  const untagged = { imageDigest: digestOf(two) };
  const list = (more: object) => ecr.send(new ListImagesCommand({ repositoryName, ...more }));
  expect((await list({ filter: { tagStatus: "UNTAGGED" } })).imageIds).toEqual([untagged]);
  expect((await list({ filter: { tagStatus: "TAGGED" } })).imageIds).toHaveLength(3);
  const first = await list({ maxResults: 3 });
  expect([first.imageIds?.length, (await list({ nextToken: first.nextToken })).imageIds?.length]).toEqual([3, 1]);
  const filter = { tagStatus: "UNTAGGED" as const };
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName, filter }));
  expect(imageDetails).toMatchObject([untagged]);
  const absent = digestOf("absent");
  const imageIds = [{ imageTag: "a" }, { imageTag: "b" }, { imageDigest: absent }, { imageTag: "a", ...untagged }];
  const { images, failures } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
  expect(images?.map(({ imageId }) => imageId)).toEqual(
    ["a", "b"].map((imageTag) => ({ imageTag, imageDigest: digestOf(one) })),
  );
  expect(failures).toMatchObject([
    { imageId: { imageDigest: absent }, failureCode: "ImageNotFound" },
    { imageId: { imageTag: "a", ...untagged }, failureCode: "ImageTagDoesNotMatchDigest" },
  ]);
  await expect(put("nowhere", "1", one)).rejects.toMatchObject({ name: "RepositoryNotFoundException" });
  await expect(put(repositoryName, "1", "{")).rejects.toMatchObject({ name: "InvalidParameterException" });
});

test("was pushed when the lab's clock says so", async () => {
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "dated" }));
  clock.advanceTo(new Date(clock.now().getTime() + 1000 * HOUR_MILLISECONDS));
  await put("dated", "1", manifest(1));
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: "dated" }));
  const pushed = imageDetails?.[0]?.imagePushedAt?.getTime() ?? 0;
  expect(Math.abs(pushed - clock.now().getTime())).toBeLessThan(60_000);
});

test("a token is each caller's own, and lasts twelve hours", async () => {
  const tokens = [];
  for (let time = 0; time < 2; time++) tokens.push(await ecr.send(new GetAuthorizationTokenCommand({})));
  const data = tokens.flatMap(({ authorizationData = [] }) => authorizationData);
  expect(new Set(data.map(({ authorizationToken }) => authorizationToken)).size).toBe(2);
  expect(Buffer.from(data[0]?.authorizationToken ?? "", "base64").toString()).toMatch(/^AWS:.{1000,}$/);
  const hours = ((data[0]?.expiresAt?.getTime() ?? 0) - clock.now().getTime()) / HOUR_MILLISECONDS;
  expect(hours).toBeGreaterThan(11.9);
  expect(hours).toBeLessThanOrEqual(12);
});
