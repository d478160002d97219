/** Life cycles of repositories, carried out on the lab's clock, and the errors of the calls that a job makes about its repository. */
import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  ListTagsForResourceCommand,
  PutImageCommand,
  PutLifecyclePolicyCommand,
  TagResourceCommand,
} from "@aws-sdk/client-ecr";
import { runDueImageLifecycles } from "../../../../../lab/aws/services/ecr/lifecycle-run";
import { type Emulated, errorOf, startEmulated } from "../../emulated";

const DAY = 86_400;
let aws: Emulated;
let ecr: ECRClient;
beforeAll(async () => {
  aws = await startEmulated();
  ecr = new ECRClient(aws.config());
}, 120_000);
afterAll(() => aws?.stop());

const AFTER_A_WEEK = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: "Expire images older than 7 days",
      selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
      action: { type: "expire" },
    },
  ],
});
const putPolicy = (repositoryName: string, lifecyclePolicyText = AFTER_A_WEEK) =>
  ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));

const IMAGE = "application/vnd.oci.image.manifest.v1+json";
const manifest = (content: object, mediaType = IMAGE) => JSON.stringify({ schemaVersion: 2, mediaType, ...content });
const put = async (repositoryName: string, imageTag: string | undefined, imageManifest: string) =>
  (await ecr.send(new PutImageCommand({ repositoryName, imageTag, imageManifest }))).image?.imageId?.imageDigest ?? "";
const tags = async (repositoryName: string) => {
  const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
  return imageDetails.map(({ imageTags = [] }) => [...imageTags].sort().join()).sort();
};
/** Tags of the images of a repository that a round expires. */
const round = async (repositoryName: string) =>
  (await runDueImageLifecycles(aws.aws))
    .filter((one) => one.repositoryName === repositoryName)
    .map((one) => [...one.tags].sort().join());

test("an image expires when it is older than its days, whatever tags it was given since; without a policy none does", async () => {
  for (const repositoryName of ["kept", "weekly"]) await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  await putPolicy("weekly");
  const [first, second] = [manifest({ layers: [] }), manifest({ layers: [], annotations: { a: "b" } })];
  await put("kept", "1", first);
  await put("weekly", "1", first);
  await aws.pass(DAY);
  await put("weekly", "latest", first);
  await put("weekly", "2", second);
  // The first one loses a tag, and later its last one.
  await put("weekly", "latest", second);
  await put("weekly", "1", second);
  await aws.pass(6 * DAY);
  expect(await round("weekly")).toEqual([]);
  await aws.pass(1);
  expect(await round("weekly")).toEqual([""]);
  expect(await tags("weekly")).toEqual(["1,2,latest"]);
  await aws.pass(DAY);
  expect(await round("weekly")).toEqual(["1,2,latest"]);
  expect([await tags("weekly"), await tags("kept")]).toEqual([[], ["1"]]);
  // Pushed again it is as young as any.
  await put("weekly", "1", first);
  expect(await round("weekly")).toEqual([]);
});

test("what an index names goes in the round after it", async () => {
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "index" }));
  await putPolicy("index");
  const digest = await put("index", undefined, manifest({ layers: [] }));
  await put("index", "all", manifest({ manifests: [{ digest }] }, "application/vnd.oci.image.index.v1+json"));
  await aws.pass(7 * DAY + 1);
  expect(await round("index")).toEqual(["all"]);
  expect(await round("index")).toEqual([""]);
});

test("a policy that does not hold together is refused, and the former stays", async () => {
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "refused" }));
  await putPolicy("refused");
  for (const text of ["{", "{}", AFTER_A_WEEK.replace('"countUnit":"days",', ""), AFTER_A_WEEK.replace("7}", "0}")])
    expect(await errorOf(putPolicy("refused", text))).toBe("InvalidParameterException");
  const { lifecyclePolicyText } = await ecr.send(new GetLifecyclePolicyCommand({ repositoryName: "refused" }));
  expect(lifecyclePolicyText).toBe(AFTER_A_WEEK);
});

test("what is not there, or is there already, is answered by its own error", async () => {
  const repositoryName = "there";
  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  const arn = repository?.repositoryArn ?? "";
  const nowhere = arn.replace(/there$/, "nowhere");
  const nothing = { repositoryName: "nowhere" };
  const imageIds = [{ imageTag: "1" }];
  const Tags = [{ Key: "a", Value: "b" }];
  const errors = [
    ecr.send(new CreateRepositoryCommand({ repositoryName })),
    ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["nowhere"] })),
    ecr.send(new DescribeImagesCommand({ repositoryName, imageIds })),
    ecr.send(new DescribeImagesCommand({ ...nothing, imageIds })),
    ecr.send(new GetLifecyclePolicyCommand({ repositoryName })),
    ecr.send(new GetLifecyclePolicyCommand(nothing)),
    putPolicy("nowhere"),
    ecr.send(new ListTagsForResourceCommand({ resourceArn: nowhere })),
    ecr.send(new TagResourceCommand({ resourceArn: nowhere, tags: Tags })),
    ecr.send(new CreateRepositoryCommand({ repositoryName: "Upper" })),
  ].map(errorOf);
  expect(await Promise.all(errors)).toEqual([
    "RepositoryAlreadyExistsException",
    "RepositoryNotFoundException",
    "ImageNotFoundException",
    "RepositoryNotFoundException",
    "LifecyclePolicyNotFoundException",
    ...Array(4).fill("RepositoryNotFoundException"),
    "InvalidParameterException",
  ]);
  await ecr.send(new TagResourceCommand({ resourceArn: arn, tags: Tags }));
  expect((await ecr.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags).toEqual(Tags);
});
