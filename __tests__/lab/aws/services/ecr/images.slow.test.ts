/** ECR's images by its API alone: what `docker-cache` commands and others read, without a client of the registry. */
import { createHash } from "node:crypto";
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { type EmulatedAws, startEmulatedAws } from "../../../../../lab/aws/server/start";
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
const put = (repositoryName: string, imageTag: string, imageManifest: string) =>
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

test("an index has no size of its own, and a digest that is not the manifest's is refused", async () => {
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
