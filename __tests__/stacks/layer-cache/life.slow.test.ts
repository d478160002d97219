/** Life of layer caches in a region, by real Terraform: a bucket of ours, one of the user's, and repositories are made, changed, and gone with what is in them. */

import { manifest } from "../ci-images/fixture";
import { changesIn } from "../pull-through/fixture";
import { openWorkbench, type Workbench } from "../terraform";
import { ACCOUNT, asking, deploymentWith, REGION, STACK } from "./fixture";

jest.setTimeout(400_000);

const OURS = `docker-cache-ci-${ACCOUNT}-${REGION}`;
const THEIRS = "acme-layers";
const ENTRIES = { ci: {}, shared: { bucket: THEIRS }, images: { backend: "ecr" } };

let bench: Workbench;
let ask: ReturnType<typeof asking>;
beforeAll(async () => {
  bench = await openWorkbench();
  ask = asking(bench.aws);
  await ask("s3", "CreateBucket", { Bucket: THEIRS, CreateBucketConfiguration: { LocationConstraint: REGION } });
});
afterAll(() => bench?.close());

async function plan(layer_cache: object): Promise<string | undefined> {
  await bench.synthesize(deploymentWith({ layer_cache }));
  return bench.plan(STACK);
}

const buckets = async () =>
  (await ask<{ Buckets: { Name: string }[] }>("s3", "ListBuckets", {})).Buckets.map(({ Name }) => Name).sort();

it("all is made at once, and the second plan is empty", async () => {
  await bench.synthesize(deploymentWith({ layer_cache: ENTRIES }));
  await bench.apply(STACK);
  expect(await bench.planAll(STACK)).toEqual({});
  expect(await buckets()).toEqual([THEIRS, OURS]);
});

it("manifests expire in our bucket, blobs a week later, and nothing does in the user's", async () => {
  const { Rules } = await ask<{ Rules: object[] }>("s3", "GetBucketLifecycleConfiguration", { Bucket: OURS });
  expect(Rules).toMatchObject([
    { ID: "manifests", Status: "Enabled", Filter: { Prefix: "ci/manifests/" }, Expiration: { Days: 14 } },
    { ID: "blobs", Status: "Enabled", Filter: { Prefix: "ci/blobs/" }, Expiration: { Days: 21 } },
    { ID: "uploads", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
  ]);
  await expect(ask("s3", "GetBucketLifecycleConfiguration", { Bucket: THEIRS })).rejects.toMatchObject({
    code: "NoSuchLifecycleConfiguration",
  });
});

it("each repository expires what another has replaced, and the rest by its age", async () => {
  for (const part of ["default", "branches"]) {
    const { lifecyclePolicyText } = await ask<{ lifecyclePolicyText: string }>("ecr", "GetLifecyclePolicy", {
      repositoryName: `docker-cache-layer-cache/images/${part}`,
    });
    const rules = JSON.parse(lifecyclePolicyText).rules as { selection: object }[];
    expect(rules.map(({ selection }) => selection)).toEqual([
      { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
      { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
    ]);
  }
});

it("what jobs alone read is in no plan, and the age changes life cycles alone", async () => {
  const jobs = { protected_branches: ["trunk"], builder: { name: "big", keep_gib: 100 } };
  expect(await plan({ ...ENTRIES, ci: jobs })).toBeUndefined();
  const aged = await plan({
    ...ENTRIES,
    ci: { expire_after_days: 30 },
    images: { backend: "ecr", expire_after_days: 30 },
  });
  expect(changesIn(aged)).toEqual([
    "replaced aws_ecr_lifecycle_policy.images_layer_cache_branches",
    "replaced aws_ecr_lifecycle_policy.images_layer_cache_default",
    "updated aws_s3_bucket_lifecycle_configuration.ci_layer_cache_layers",
  ]);
});

it("R22: destroyed with layers in it, it leaves nothing but the user's bucket, as it was", async () => {
  for (const [Bucket, Key] of [
    [OURS, "ci/manifests/default/shop/main-0"],
    [OURS, "ci/blobs/sha256:0"],
    [THEIRS, "shared/blobs/sha256:0"],
  ])
    await ask("s3", "PutObject", { Bucket, Key, Body: "x" });
  for (const part of ["default", "branches"]) {
    const repositoryName = `docker-cache-layer-cache/images/${part}`;
    await ask("ecr", "PutImage", { repositoryName, imageTag: "shop-main-0", imageManifest: manifest("1") });
  }
  await bench.synthesize(deploymentWith({ layer_cache: ENTRIES }));
  await bench.destroy(STACK);
  expect(await buckets()).toEqual([THEIRS]);
  const { Contents } = await ask<{ Contents: { Key: string }[] }>("s3", "ListObjectsV2", { Bucket: THEIRS });
  expect(Contents.map(({ Key }) => Key)).toEqual(["shared/blobs/sha256:0"]);
  expect(await ask("ecr", "DescribeRepositories", {})).toMatchObject({ repositories: [] });
  const { Policies = [] } = await ask<{ Policies?: object[] }>("iam", "ListPolicies", { Scope: "Local" });
  expect(Policies).toEqual([]);
});
