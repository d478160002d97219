/** What S3's operations take: by the copy's source, versions, tags, ACLs, and by whether the object is there. */
import { AwsError } from "../../../lab/aws/aws-error";
import type { Aws } from "../../../lab/aws/handler";
import { statementsFor } from "../../../lab/iam/resource-policy";
import { demandsFor } from "./samples";

interface World {
  /** Objects by `bucket/key`, with the number of their tags. */
  readonly objects?: Readonly<Record<string, number>>;
  /** Policy of the bucket `b-1`. */
  readonly policy?: object;
}

/** An AWS with these objects and no others; the only buckets are `b-1` and `c-1`. */
function awsWith({ objects = {}, policy }: World): Aws {
  const moto = async (
    { action }: { readonly action: string },
    { Bucket, Key }: { readonly Bucket: string; readonly Key?: string },
  ) => {
    if (Bucket !== "b-1" && Bucket !== "c-1") throw new AwsError("NoSuchBucket", "", 404);
    if (action === "GetBucketPolicy" && Bucket === "b-1" && policy) return { Policy: JSON.stringify(policy) };
    if (action === "GetBucketPolicy") throw new AwsError("NoSuchBucketPolicy", "", 404);
    if (action === "GetBucketEncryption") throw new AwsError("ServerSideEncryptionConfigurationNotFoundError", "", 404);
    const tags = objects[`${Bucket}/${Key}`];
    if (tags === undefined) throw new AwsError("NoSuchKey", "", 404);
    return { TagSet: Array.from({ length: tags }, () => ({ Key: "a", Value: "1" })) };
  };
  return { accountId: "123456789012", partition: "aws", moto } as unknown as Aws;
}

async function briefly(operation: string, input: object, world: World = {}): Promise<string[]> {
  const found = await demandsFor(`s3:${operation}`, { Bucket: "b-1", ...input }, awsWith(world));
  return found.map(({ action, resource }) => `${action} ${resource.replace("arn:aws:s3:::", "")}`);
}

const there: World = { objects: { "b-1/k": 0, "c-1/s": 0 } };
const from = { Key: "k", CopySource: "c-1/s" };

test.each<[string, object, World, string[]]>([
  ["GetObject", { Key: "k" }, there, ["s3:GetObject b-1/k"]],
  ["GetObject", { Key: "gone" }, there, ["s3:GetObject b-1/gone", "s3:ListBucket b-1"]],
  ["HeadObject", { Key: "gone" }, there, ["s3:GetObject b-1/gone", "s3:ListBucket b-1"]],
  ["HeadObject", { Bucket: "none", Key: "k" }, there, ["s3:GetObject none/k"]],
  ["GetObject", { Key: "k", VersionId: "v" }, there, ["s3:GetObjectVersion b-1/k"]],
  ["GetObjectAttributes", { Key: "k" }, there, ["s3:GetObject b-1/k", "s3:GetObjectAttributes b-1/k"]],
  ["PutObject", { Key: "a/../k" }, there, ["s3:PutObject b-1/a/../k"]],
  [
    "PutObject",
    { Key: "k", ACL: "private", Tagging: "a=b" },
    there,
    ["s3:PutObject b-1/k", "s3:PutObjectAcl b-1/k", "s3:PutObjectTagging b-1/k"],
  ],
  ["CreateMultipartUpload", { Key: "k", GrantRead: "id=1" }, there, ["s3:PutObject b-1/k", "s3:PutObjectAcl b-1/k"]],
  ["UploadPart", { Key: "k" }, there, ["s3:PutObject b-1/k"]],
  ["CompleteMultipartUpload", { Key: "k" }, there, ["s3:PutObject b-1/k"]],
  ["AbortMultipartUpload", { Key: "k" }, there, ["s3:AbortMultipartUpload b-1/k"]],
  ["ListParts", { Key: "k" }, there, ["s3:ListMultipartUploadParts b-1/k"]],
  ["CopyObject", from, there, ["s3:PutObject b-1/k", "s3:GetObject c-1/s"]],
  [
    "CopyObject",
    { Key: "k", CopySource: "/b-1/k?versionId=v" },
    there,
    ["s3:PutObject b-1/k", "s3:GetObjectVersion b-1/k"],
  ],
  [
    "CopyObject",
    { ...from, CopySource: "c-1/x%2Fy" },
    there,
    ["s3:PutObject b-1/k", "s3:GetObject c-1/x/y", "s3:ListBucket c-1"],
  ],
  [
    "CopyObject",
    from,
    { objects: { "c-1/s": 1 } },
    ["s3:PutObject b-1/k", "s3:GetObject c-1/s", "s3:GetObjectTagging c-1/s", "s3:PutObjectTagging b-1/k"],
  ],
  [
    "CopyObject",
    { ...from, TaggingDirective: "REPLACE" },
    { objects: { "c-1/s": 1 } },
    ["s3:PutObject b-1/k", "s3:GetObject c-1/s"],
  ],
  ["UploadPartCopy", from, { objects: { "c-1/s": 1 } }, ["s3:PutObject b-1/k", "s3:GetObject c-1/s"]],
  ["DeleteObject", { Key: "k", VersionId: "v" }, there, ["s3:DeleteObjectVersion b-1/k"]],
  [
    "DeleteObjects",
    { Delete: { Objects: [{ Key: "k" }, { Key: "l", VersionId: "v" }] } },
    there,
    ["s3:DeleteObject b-1/k", "s3:DeleteObjectVersion b-1/l"],
  ],
  ["ListBuckets", { Bucket: undefined }, there, ["s3:ListAllMyBuckets *"]],
  ["HeadBucket", {}, there, ["s3:ListBucket b-1"]],
  ["ListMultipartUploads", {}, there, ["s3:ListBucketMultipartUploads b-1"]],
  ["DeleteBucketLifecycle", {}, there, ["s3:PutLifecycleConfiguration b-1"]],
  ["CreateBucket", {}, there, ["s3:CreateBucket b-1"]],
  ["CreateBucket", { ACL: "private" }, there, ["s3:CreateBucket b-1"]],
  ["CreateBucket", { ACL: "public-read" }, there, ["s3:CreateBucket b-1", "s3:PutBucketAcl b-1"]],
])("%s with %j in %j", async (operation, input, world, expected) => {
  expect(await briefly(operation, input, world)).toEqual(expected);
});

test.each(["SelectObjectContent", "S3Control", "RenameObject"])(
  "%s is not known, which is an error",
  async (operation) => {
    await expect(briefly(operation, { Key: "k" })).rejects.toThrow(`${operation} of S3 is not known here`);
  },
);

test("conditions see what a call says, and what it does not say as missing", async () => {
  const [list] = await demandsFor("s3:ListObjectsV2", { Bucket: "b-1", Prefix: "", MaxKeys: "5" }, awsWith({}));
  expect(list?.keys).toMatchObject({ "s3:prefix": "", "s3:max-keys": "5", "s3:delimiter": undefined });
  expect(list?.keys).toMatchObject({ "aws:SecureTransport": "true", "aws:ResourceAccount": "123456789012" });
  const written = { Bucket: "b-1", Key: "k", ServerSideEncryption: "AES256", StorageClass: "STANDARD", Prefix: "p" };
  const [put] = await demandsFor("s3:PutObject", written, awsWith({}));
  expect(put?.keys).toMatchObject({
    ...{ "s3:x-amz-server-side-encryption": "AES256", "s3:x-amz-storage-class": "STANDARD", "s3:x-amz-acl": undefined },
    ...{ "s3:prefix": undefined, "s3:ObjectCreationOperation": "true" },
  });
  const [part] = await demandsFor("s3:UploadPart", { Bucket: "b-1", Key: "k" }, awsWith({}));
  expect(part?.keys).toMatchObject({ "s3:ObjectCreationOperation": "false", "s3:if-none-match": undefined });
});

test("a bucket's policy goes with each demand on it, and with none on another bucket", async () => {
  const policy = { Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: "*" }] };
  const found = await demandsFor("s3:CopyObject", { Bucket: "b-1", ...from }, awsWith({ ...there, policy }));
  expect(found.map(({ resourcePolicy }) => resourcePolicy?.Statement)).toEqual([policy.Statement, undefined]);
});

const ROLE = "arn:aws:iam::123456789012:role/ci/x";
test.each<[object | string, string, boolean]>([
  ["*", "Allow", true],
  [{ AWS: "*" }, "Allow", true],
  [{ AWS: ROLE }, "Allow", true],
  [{ AWS: ["arn:aws:iam::123456789012:role/y", ROLE] }, "Deny", true],
  [{ AWS: "arn:aws:iam::123456789012:role/x" }, "Allow", false],
  [{ AWS: "arn:aws:iam::123456789012:user/x" }, "Deny", false],
  [{ Service: "logging.s3.amazonaws.com" }, "Allow", false],
  [{ AWS: "arn:aws:iam::123456789012:root" }, "Allow", false],
  [{ AWS: "arn:aws:iam::123456789012:root" }, "Deny", true],
  [{ AWS: "123456789012" }, "Deny", true],
  [{ AWS: "999999999999" }, "Deny", false],
])("the principal %j of a statement that says %s concerns the role: %p", (Principal, Effect, expected) => {
  const statement = { Principal, Effect, Action: "s3:*", Resource: "*" } as never;
  expect(statementsFor({ Statement: [statement] }, ROLE).Statement).toEqual(expected ? [statement] : []);
});

test.each([
  undefined,
  {},
  { Federated: "x" },
  { CanonicalUser: "0123" },
  { AWS: "arn:aws:iam::123456789012:role/*" },
  { AWS: "arn:aws:sts::123456789012:assumed-role/x/s" },
  { AWS: "AIDAEXAMPLE" },
])("the principal %j is not known, which is an error", (Principal) => {
  const statement = { Principal, Effect: "Deny", Action: "s3:*", Resource: "*" } as never;
  expect(() => statementsFor({ Statement: [statement] }, ROLE)).toThrow("is not known here");
});
