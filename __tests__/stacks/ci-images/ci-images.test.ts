import { latestTag } from "../../../lib/ci-images";
import { ARCHITECTURES, TAG } from "../../../lib/contract";
import { KEY_ARN } from "../fixture";
import { type Json, synthesize } from "../synthesized";
import { BUILDER_STACK, deploymentWith, type Sections, STACK } from "./fixture";

const stacksOf = (sections: Sections) => synthesize(deploymentWith(sections));
const APP = { app: { repository: "build-cache/acme/app", max_age_days: 30 } };

describe("the repository", () => {
  const { resource } = stacksOf({ ci_images: APP, tags: { team: "ci" } })[STACK]!;
  const repository = resource.aws_ecr_repository!.app_ci_images_images;

  test("takes a tag again, and goes with its images", () => {
    expect(repository).toMatchObject({ image_tag_mutability: "MUTABLE", force_delete: true });
    expect(repository.encryption_configuration).toBeUndefined();
  });

  test("bears tags by which jobs know whose it is", () => {
    expect(repository.tags).toEqual({ team: "ci", [TAG.companion]: "ci-images", [TAG.name]: "app" });
  });

  test("is encrypted by the region's key", () => {
    const { resource: keyed } = stacksOf({ ci_images: APP, region: { kms_key_arn: KEY_ARN } })[STACK]!;
    expect(keyed.aws_ecr_repository!.app_ci_images_images.encryption_configuration).toEqual([
      { encryption_type: "KMS", kms_key: KEY_ARN },
    ]);
  });
});

describe("policies", () => {
  const { data, resource } = stacksOf({ ci_images: { app: { role_path: "/ci/" } } })[STACK]!;
  const statements = (name: string): Json[] => data.aws_iam_policy_document![`app_ci_images_${name}`].statement;
  const USE = [
    ...["BatchCheckLayerAvailability", "BatchGetImage", "DescribeImages", "DescribeRepositories"],
    ...["GetDownloadUrlForLayer", "ListTagsForResource"],
  ].map((action) => `ecr:${action}`);
  const PUSH = ["CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart"].map(
    (action) => `ecr:${action}`,
  );
  const arn = expect.stringMatching(/^arn:[^:]+:ecr:[^:]+:[^:]+:repository\/build-cache\/app$/);

  test("R23: the puller's is to use images of this repository, and nothing else", () => {
    expect(statements("puller")).toEqual([
      { sid: "UseImages", actions: USE, resources: [arn] },
      { sid: "LogIn", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    ]);
  });

  test("the pusher's is that, and to push", () => {
    expect(statements("pusher")).toEqual([
      ...statements("puller"),
      { sid: "PushImages", actions: PUSH, resources: [arn] },
    ]);
  });

  test("have a name for each entry and region, and the path of roles", () => {
    const policies = Object.values(resource.aws_iam_policy!);
    expect(policies.map(({ name, path }) => [name, path])).toEqual([
      ["docker-cache-ci-images-app-puller-${data.aws_region.current.id}", "/ci/"],
      ["docker-cache-ci-images-app-pusher-${data.aws_region.current.id}", "/ci/"],
    ]);
  });
});

test("entries have a construct and outputs each", () => {
  const { output, resource } = stacksOf({ ci_images: { app: {}, "app-images": {} } })[STACK]!;
  expect(Object.keys(resource.aws_ecr_repository!)).toEqual(["app_ci_images_images", "app_images_ci_images_images"]);
  expect(Object.keys(output)).toHaveLength(8);
  expect(output.app_images_ci_images_repository_name.value).toBe("build-cache/app-images");
});

describe("images_from", () => {
  const listOf = (sections: Sections, architecture: string): string =>
    stacksOf(sections)[BUILDER_STACK]!.locals[`ci_${architecture}_images`];
  const both = { images_from: ["app"], architectures: { x86_64: {}, arm64: {} } };

  test.each(ARCHITECTURES)("is an optional line of the %s list, by the tag of its machines", (architecture) => {
    const lines = listOf({ ci_images: APP, cache: both }, architecture);
    const registry =
      "${data.aws_caller_identity.current.account_id}.dkr.ecr.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}";
    expect(lines).toContain(`"${registry}/build-cache/acme/app:${latestTag(architecture)} optional"`);
    for (const other of ARCHITECTURES.filter((one) => one !== architecture))
      expect(lines).not.toContain(latestTag(other));
  });

  test("lets the builder pull that repository, and the same list says which", () => {
    const { locals } = stacksOf({ ci_images: APP, cache: { images_from: ["app"] } })[BUILDER_STACK]!;
    expect(locals.ci_x86_64_ecr_repositories).toContain("build-cache/acme/app:latest-x86_64 optional");
  });

  test("is nothing without a name in it", () => {
    const of = (sections: Sections) => JSON.stringify(stacksOf(sections)[BUILDER_STACK]);
    expect(of({ ci_images: APP })).toBe(of({}));
  });
});
