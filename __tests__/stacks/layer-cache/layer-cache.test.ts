import { TAG } from "../../../lib/contract";
import { BLOB_DAYS } from "../../../lib/layer-cache";
import { KEY_ARN } from "../fixture";
import { type Json, synthesize } from "../synthesized";
import { deploymentWith, type Sections, STACK } from "./fixture";

const stackOf = (sections: Sections) => synthesize(deploymentWith(sections))[STACK]!;
const ACCOUNT = "${data.aws_caller_identity.current.account_id}";
const REGION = "${data.aws_region.current.id}";
const DNS = "${data.aws_partition.current.dns_suffix}";
const BUCKET = `docker-cache-ci-${ACCOUNT}-${REGION}`;
/** ARN of an object or a bucket. */
const s3 = (path: string) => `arn:\${data.aws_partition.current.partition}:s3:::${path}`;
const ecr = (name: string) =>
  `arn:\${data.aws_partition.current.partition}:ecr:${REGION}:${ACCOUNT}:repository/${name}`;
const keyed = { region: { kms_key_arn: KEY_ARN } };

describe("the bucket", () => {
  const { resource, data } = stackOf({ layer_cache: { ci: { expire_after_days: 30 } }, tags: { team: "ci" } });
  const of = (type: string, stack = resource): Json => stack[`aws_s3_bucket${type}`]!.ci_layer_cache_layers;

  test("is called after entry, account and region, goes with its objects, and bears tags", () => {
    expect(of("")).toMatchObject({ bucket: BUCKET, force_destroy: true });
    expect(of("").tags).toEqual({ team: "ci", [TAG.companion]: "layer-cache", [TAG.name]: "ci" });
  });

  test("a blob outlives a manifest of its age by a week, and parts of uploads live a day", () => {
    expect(BLOB_DAYS).toBe(7);
    expect(of("_lifecycle_configuration").rule).toEqual([
      { id: "manifests", status: "Enabled", filter: [{ prefix: "ci/manifests/" }], expiration: [{ days: 30 }] },
      { id: "blobs", status: "Enabled", filter: [{ prefix: "ci/blobs/" }], expiration: [{ days: 37 }] },
      {
        id: "uploads",
        status: "Enabled",
        filter: [{ prefix: "" }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }],
      },
    ]);
  });

  test("has neither versions nor locks", () => {
    expect(Object.keys(resource).filter((type) => /version|lock_/.test(type))).toEqual([]);
    expect(of("").object_lock_enabled).toBeUndefined();
  });

  test("is nobody's but the account's", () => {
    expect(of("_public_access_block")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(of("_ownership_controls").rule).toEqual({ object_ownership: "BucketOwnerEnforced" });
  });

  test("answers nobody without TLS", () => {
    expect(data.aws_iam_policy_document!.ci_layer_cache_bucket.statement).toEqual([
      {
        sid: "OnlyTls",
        effect: "Deny",
        actions: ["s3:*"],
        resources: [s3(BUCKET), s3(`${BUCKET}/*`)],
        principals: [{ type: "*", identifiers: ["*"] }],
        condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
      },
    ]);
    expect(of("_policy").policy).toBe("${data.aws_iam_policy_document.ci_layer_cache_bucket.json}");
  });

  test.each([
    ["S3's own key", {}, { sse_algorithm: "AES256" }, false],
    [
      "the region's key, and one of the bucket's below it",
      keyed,
      { sse_algorithm: "aws:kms", kms_master_key_id: KEY_ARN },
      true,
    ],
  ])("is encrypted by %s", (_, sections, by, bucketKey) => {
    const { resource: made } = stackOf({ layer_cache: { ci: {} }, ...sections });
    expect(of("_server_side_encryption_configuration", made).rule).toEqual([
      { apply_server_side_encryption_by_default: by, bucket_key_enabled: bucketKey },
    ]);
  });

  test("of the user's gets nothing, and is what the policies name", () => {
    const { resource: made, data: documents, output } = stackOf({ layer_cache: { ci: { bucket: "acme-layers" } } });
    expect(Object.keys(made).sort()).toEqual(["aws_iam_policy", "terraform_data"]);
    expect(output.ci_layer_cache_bucket.value).toBe("acme-layers");
    expect(documents.aws_iam_policy_document!.ci_layer_cache_writer.statement[1].resources).toEqual([
      s3("acme-layers"),
    ]);
  });
});

describe("repositories", () => {
  const { resource, output } = stackOf({ layer_cache: { ci: { backend: "ecr", expire_after_days: 3 } } });
  const repositories = resource.aws_ecr_repository!;

  test("are one of protected branches, and one of all others", () => {
    expect(Object.values(repositories).map(({ name }) => name)).toEqual([
      "docker-cache-layer-cache/ci/branches",
      "docker-cache-layer-cache/ci/default",
    ]);
    for (const repository of Object.values(repositories)) {
      expect(repository).toMatchObject({ image_tag_mutability: "MUTABLE", force_delete: true });
      expect(repository.encryption_configuration).toBeUndefined();
    }
  });

  test("are encrypted by the region's key", () => {
    const { resource: made } = stackOf({ layer_cache: { ci: { backend: "ecr" } }, ...keyed });
    for (const { encryption_configuration: by } of Object.values(made.aws_ecr_repository!))
      expect(by).toEqual([{ encryption_type: "KMS", kms_key: KEY_ARN }]);
  });

  test("lose what another has replaced after a week, and the rest by its age; the rule on any is last", () => {
    for (const { policy } of Object.values(resource.aws_ecr_lifecycle_policy!)) {
      expect(policy).toMatch(
        /rulePriority = 1, .*tagStatus = "untagged", .*countNumber = 7 .*rulePriority = 2, .*tagStatus = "any", .*countNumber = 3 /,
      );
      expect(policy).not.toContain("rulePriority = 3");
    }
  });

  test("make no bucket", () => {
    expect(Object.keys(resource).filter((type) => type.startsWith("aws_s3"))).toEqual([]);
    expect(output.ci_layer_cache_bucket.value).toBe("${null}");
    expect(output.ci_layer_cache_repository_url.value).toBe(
      `${ACCOUNT}.dkr.ecr.${REGION}.${DNS}/docker-cache-layer-cache/ci`,
    );
  });
});

describe("R23: policies of S3", () => {
  const statements = (name: string, sections: object = {}): Json[] =>
    stackOf({ layer_cache: { ci: {} }, ...sections }).data.aws_iam_policy_document![`ci_layer_cache_${name}`].statement;
  const object = (key: string) => s3(`${BUCKET}/ci/${key}`);
  const READ = [
    { sid: "ReadLayers", actions: ["s3:GetObject"], resources: [object("manifests/*"), object("blobs/*")] },
    { sid: "TellWhatIsMissing", actions: ["s3:ListBucket"], resources: [s3(BUCKET)] },
  ];
  const WRITE = ["s3:AbortMultipartUpload", "s3:PutObject"];
  const useKey = (...actions: string[]) => ({
    sid: "UseKey",
    actions,
    resources: [KEY_ARN],
    condition: [{ test: "StringEquals", variable: "kms:ViaService", values: [`s3.${REGION}.${DNS}`] }],
  });

  test("the reader's is to read the entry's objects, and to be told what is missing", () => {
    expect(statements("reader")).toEqual(READ);
  });

  test("the branch writer's is that, and to write blobs and the manifests of branches", () => {
    const resources = [object("manifests/branches/*"), object("blobs/*")];
    expect(statements("branch_writer")).toEqual([...READ, { sid: "WriteBranches", actions: WRITE, resources }]);
  });

  test("the writer's is to write all of the entry, and to delete blobs", () => {
    expect(statements("writer")).toEqual([
      ...READ,
      { sid: "WriteLayers", actions: WRITE, resources: [object("manifests/*"), object("blobs/*")] },
      { sid: "DeleteBlobs", actions: ["s3:DeleteObject"], resources: [object("blobs/*")] },
    ]);
  });

  test("with a key each has what S3 takes in its name, through S3 alone", () => {
    expect(statements("reader", keyed)).toEqual([...READ, useKey("kms:Decrypt")]);
    for (const name of ["branch_writer", "writer"])
      expect(statements(name, keyed)).toContainEqual(useKey("kms:Decrypt", "kms:GenerateDataKey"));
  });
});

describe("R23: policies of ECR", () => {
  const { data } = stackOf({ layer_cache: { ci: { backend: "ecr" } }, ...keyed });
  const statements = (name: string): Json[] => data.aws_iam_policy_document![`ci_layer_cache_${name}`].statement;
  const both = ["branches", "default"].map((part) => ecr(`docker-cache-layer-cache/ci/${part}`));
  const PULL = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"].map((one) => `ecr:${one}`);
  const PUSH = ["CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart"].map((one) => `ecr:${one}`);
  const READ = [
    { sid: "PullLayers", actions: PULL, resources: both },
    { sid: "LogIn", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  ];

  test("all pull, a branch writer pushes to the branches' repository, and the writer to both; ECR needs no key of theirs", () => {
    expect(statements("reader")).toEqual(READ);
    expect(statements("branch_writer")).toEqual([...READ, { sid: "PushLayers", actions: PUSH, resources: [both[0]] }]);
    expect(statements("writer")).toEqual([...READ, { sid: "PushLayers", actions: PUSH, resources: both }]);
  });
});

test("policies have a name for each entry and region, and the path of roles", () => {
  const { resource } = stackOf({ layer_cache: { ci: { role_path: "/ci/" } } });
  expect(Object.values(resource.aws_iam_policy!).map(({ name, path }) => [name, path])).toEqual(
    ["branch-writer", "reader", "writer"].map((who) => [`docker-cache-layer-cache-${who}-ci-${REGION}`, "/ci/"]),
  );
});

test("entries have a construct and outputs each", () => {
  const { output, resource } = stackOf({ layer_cache: { app: {}, "app-x": { backend: "ecr" } } });
  expect(Object.keys(resource.aws_s3_bucket!)).toEqual(["app_layer_cache_layers"]);
  expect(Object.keys(resource.aws_ecr_repository!)).toEqual([
    "app_x_layer_cache_branches",
    "app_x_layer_cache_default",
  ]);
  expect(Object.keys(output)).toHaveLength(10);
});

test("what jobs alone read changes nothing that is deployed", () => {
  const jobs = {
    protected_branches: ["main", "release/*"],
    builder: { name: "big", image: "moby/buildkit:v0.34.2", keep_gib: 100 },
  };
  expect(stackOf({ layer_cache: { ci: jobs } })).toEqual(stackOf({ layer_cache: { ci: {} } }));
});
