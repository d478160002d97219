/** Life of CI images in a region, by real Terraform: made with a builder that holds some, changed while there are images, and gone with them. */
import { changesIn, failureOf } from "../pull-through/fixture";
import { openWorkbench, type Workbench } from "../terraform";
import { ACCOUNT, BUILDER_STACK, deploymentWith, push, REGION, REGISTRY, STACK } from "./fixture";

jest.setTimeout(300_000);

const CI_IMAGES = { app: { repository: "build-cache/acme/app" }, web: { max_age_days: 30 } };
const CACHE = { images_from: ["web", "app"] };

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench?.close());

const ask = <T>(service: string, action: string, input: object) =>
  bench.aws.aws.call<T>({ service, action, region: REGION }, input);

async function plan(ci_images: object, cache: object = CACHE, name = STACK): Promise<string | undefined> {
  await bench.synthesize(deploymentWith({ ci_images, cache }));
  return bench.plan(name);
}

it("all is made at once, beside a builder that holds images, and second plans are empty", async () => {
  await bench.synthesize(deploymentWith({ ci_images: CI_IMAGES, cache: CACHE }));
  await bench.apply(STACK);
  await bench.apply(BUILDER_STACK);
  expect(await bench.planAll(STACK)).toEqual({});
  expect(await bench.planAll(BUILDER_STACK)).toEqual({});
});

interface Repository {
  readonly repositoryName: string;
  readonly repositoryUri: string;
}

it("each entry has its repository, which expires images by their age", async () => {
  const { repositories } = await ask<{ repositories: Repository[] }>("ecr", "DescribeRepositories", {});
  expect(repositories.map(({ repositoryName }) => repositoryName).sort()).toEqual([
    "build-cache/acme/app",
    "build-cache/web",
  ]);
  const { lifecyclePolicyText } = await ask<{ lifecyclePolicyText: string }>("ecr", "GetLifecyclePolicy", {
    repositoryName: "build-cache/web",
  });
  expect(JSON.parse(lifecyclePolicyText).rules).toEqual([
    {
      rulePriority: 1,
      description: "Expire images older than 30 days",
      selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 },
      action: { type: "expire" },
    },
  ]);
});

it("the builder's list has the newest of each, optional, in its parameters' groups", async () => {
  const { Parameters } = await ask<{ Parameters: { Value: string }[] }>("ssm", "GetParametersByPath", {
    Path: "/docker-cache/ci/x86_64/images",
  });
  const lines = Parameters.flatMap(({ Value }) => Value.split("\n"));
  expect(lines.sort()).toEqual([
    `${REGISTRY}/build-cache/acme/app:latest-x86_64 optional`,
    `${REGISTRY}/build-cache/web:latest-x86_64 optional`,
    "python:3.12-slim",
  ]);
});

it("the builder may pull from these repositories, and from no other", async () => {
  const role = `docker-cache-ci-x86_64-builder-${REGION}`;
  const { PolicyDocument } = await ask<{ PolicyDocument: string }>("iam", "GetRolePolicy", {
    RoleName: role,
    PolicyName: "builder",
  });
  const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as {
    Statement: { Sid: string; Resource: string[] }[];
  };
  expect(Statement.find(({ Sid }) => Sid === "PullFromEcr")?.Resource.sort()).toEqual(
    ["acme/app", "web"].map((name) => `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/build-cache/${name}`),
  );
});

it("an image of images_from that images has too is refused, and named", async () => {
  const image = { reference: `${REGISTRY}/build-cache/web:latest-x86_64`, warm: "whole" };
  const message = await failureOf(plan(CI_IMAGES, { ...CACHE, images: [image] }, BUILDER_STACK));
  expect(message).toContain(
    `caches.ci.images: found ${REGISTRY}/build-cache/web:latest-x86_64, which images_from has too, expected each image once.`,
  );
});

it("the age changes the life cycle alone, which the provider makes anew, and images stay", async () => {
  for (const name of ["build-cache/acme/app", "build-cache/web"]) await push(bench.aws, name, "latest-x86_64");
  const changed = { ...CI_IMAGES, web: { max_age_days: 60 } };
  expect(changesIn(await plan(changed))).toEqual(["replaced aws_ecr_lifecycle_policy.web_ci_images_images"]);
  await bench.apply(STACK);
  expect(await bench.plan(STACK)).toBeUndefined();
  const { imageDetails } = await ask<{ imageDetails: object[] }>("ecr", "DescribeImages", {
    repositoryName: "build-cache/web",
  });
  expect(imageDetails).toHaveLength(1);
});

it("an entry that goes takes its own, with images in it, and leaves the other as it was", async () => {
  const planned = changesIn(await plan({ app: CI_IMAGES.app }, { images_from: ["app"] }));
  expect(planned).toEqual(
    [
      "aws_ecr_lifecycle_policy.web_ci_images_images",
      "aws_ecr_repository.web_ci_images_images",
      "aws_iam_policy.web_ci_images_puller",
      "aws_iam_policy.web_ci_images_pusher",
      "terraform_data.web_ci_images_identity",
    ].map((address) => `destroyed ${address}`),
  );
  await bench.apply(STACK);
  expect(await bench.plan(STACK)).toBeUndefined();
});

it("R22: destroyed with images in it, it leaves nothing", async () => {
  const names = async () => {
    const { repositories } = await ask<{ repositories: Repository[] }>("ecr", "DescribeRepositories", {});
    const { Policies = [] } = await ask<{ Policies?: { PolicyName: string }[] }>("iam", "ListPolicies", {
      Scope: "Local",
    });
    return [...repositories.map(({ repositoryName }) => repositoryName), ...Policies.map((one) => one.PolicyName)];
  };
  expect(await names()).toEqual([
    "build-cache/acme/app",
    `docker-cache-ci-images-app-puller-${REGION}`,
    `docker-cache-ci-images-app-pusher-${REGION}`,
  ]);
  await bench.destroy(STACK);
  expect(await names()).toEqual([]);
});
