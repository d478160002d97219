/** Operation and input of requests to S3, by the published model. */
import { ensureMoto, modelsFolder } from "../../../../lab/aws/moto/server";
import { readModels, type ServiceModel } from "../../../../lab/aws/wire/model";
import { scopeOf } from "../../../../lab/aws/wire/recognise";
import { readS3 } from "../../../../lab/aws/wire/s3-request";
import { authorization } from "../services/s3/send";

let model: ServiceModel;
beforeAll(async () => {
  model = readModels(await modelsFolder(await ensureMoto()))("s3");
}, 120_000);

/** Reads `METHOD /path`, at the host that takes buckets from paths. */
function read(line: string, headers: Record<string, string> = {}, body = "") {
  const [method = "", url = ""] = line.split(/ (.*)/s);
  const all = { host: "s3.eu-west-1.amazonaws.com", authorization: authorization(), ...headers };
  const request = { method, url, headers: all, body: Buffer.from(body) };
  return readS3(model, request, scopeOf(request) ?? { accessKeyId: "", region: "", service: "" });
}

const copy = { "x-amz-copy-source": "c-1/s" };
const key = { Bucket: "b-1", Key: "k" };
const upload = { ...key, UploadId: "u" };

test.each<[string, string, object, Record<string, string>?]>([
  ["GET /", "ListBuckets", {}],
  ["GET /?prefix=b&max-buckets=5", "ListBuckets", { Prefix: "b", MaxBuckets: "5" }],
  ["PUT /b-1", "CreateBucket", { Bucket: "b-1" }],
  ["DELETE /b-1/", "DeleteBucket", { Bucket: "b-1" }],
  ["HEAD /b-1", "HeadBucket", { Bucket: "b-1" }],
  ["GET /b-1", "ListObjects", { Bucket: "b-1" }],
  ["GET /b-1?prefix=", "ListObjects", { Bucket: "b-1", Prefix: "" }],
  [
    "GET /b-1?list-type=2&prefix=a%2Fb+c&delimiter=/",
    "ListObjectsV2",
    { Bucket: "b-1", Prefix: "a/b c", Delimiter: "/" },
  ],
  ["GET /b-1?prefix=a&max-keys=3&list-type=2", "ListObjectsV2", { Bucket: "b-1", Prefix: "a", MaxKeys: "3" }],
  ["GET /b-1?versions&prefix=a", "ListObjectVersions", { Bucket: "b-1", Prefix: "a" }],
  ["GET /b-1?uploads", "ListMultipartUploads", { Bucket: "b-1" }],
  ["GET /b-1?location", "GetBucketLocation", { Bucket: "b-1" }],
  ["GET /b-1?lifecycle", "GetBucketLifecycleConfiguration", { Bucket: "b-1" }],
  ["GET /b-1?notification", "GetBucketNotificationConfiguration", { Bucket: "b-1" }],
  ["GET /b-1?inventory", "ListBucketInventoryConfigurations", { Bucket: "b-1" }],
  ["GET /b-1?inventory&id=i", "GetBucketInventoryConfiguration", { Bucket: "b-1", Id: "i" }],
  ["GET /b-1?object-lock", "GetObjectLockConfiguration", { Bucket: "b-1" }],
  ["GET /b-1?publicAccessBlock", "GetPublicAccessBlock", { Bucket: "b-1" }],
  ["DELETE /b-1?lifecycle", "DeleteBucketLifecycle", { Bucket: "b-1" }],
  ["GET /b-1/k", "GetObject", key],
  ["GET /b-1/k?x-id=GetObject&x-anything=1", "GetObject", key],
  ["GET /b-1/k?versionId=v&partNumber=2", "GetObject", { ...key, VersionId: "v", PartNumber: "2" }],
  ["GET /b-1/k?acl", "GetObjectAcl", key],
  ["GET /b-1/k?tagging&versionId=v", "GetObjectTagging", { ...key, VersionId: "v" }],
  ["GET /b-1/k?uploadId=u", "ListParts", upload],
  [
    "GET /b-1/k?attributes",
    "GetObjectAttributes",
    { ...key, ObjectAttributes: "ETag" },
    { "x-amz-object-attributes": "ETag" },
  ],
  ["HEAD /b-1/k", "HeadObject", key],
  ["DELETE /b-1/k", "DeleteObject", key],
  ["DELETE /b-1/k?uploadId=u", "AbortMultipartUpload", upload],
  ["POST /b-1/k?uploads=", "CreateMultipartUpload", key],
  ["POST /b-1/k?uploadId=u", "CompleteMultipartUpload", upload],
  ["PUT /b-1/k?partNumber=1&uploadId=u", "UploadPart", { ...upload, PartNumber: "1" }],
  ["PUT /b-1/k?uploadId=u&partNumber=1", "UploadPartCopy", { ...upload, PartNumber: "1", CopySource: "c-1/s" }, copy],
  ["PUT /b-1/k", "CopyObject", { ...key, CopySource: "c-1/s" }, copy],
  ["PUT /b-1/k", "CopyObject", { ...key, CopySource: "c-1/s%2F..%2Ft" }, { "x-amz-copy-source": "/c-1/s/../t" }],
  ["PUT /b-1/k?acl", "PutObjectAcl", { ...key, ACL: "private" }, { "x-amz-acl": "private" }],
  [
    "PUT /b-1/k",
    "PutObject",
    {
      ...key,
      ServerSideEncryption: "AES256",
      StorageClass: "STANDARD_IA",
      ACL: "private",
      Tagging: "a=b",
      IfNoneMatch: "*",
    },
    {
      ...{ "x-amz-server-side-encryption": "AES256", "x-amz-storage-class": "STANDARD_IA", "x-amz-acl": "private" },
      ...{ "x-amz-tagging": "a=b", "if-none-match": "*", "x-amz-meta-own": "m" },
    },
  ],
])("%s is %s of %j", (line, name, input, ...[headers]) => {
  const found = read(line, headers);
  expect([found.operation.name, found.input]).toEqual([name, input]);
  expect(found.onward.headers["x-amz-copy-source"]).toBe(found.input.CopySource);
  // What is passed on is read as the same.
  const { method, url, headers: onward, body } = found.onward;
  const again = readS3(model, { method, url, headers: onward, body }, { accessKeyId: "", region: "", service: "s3" });
  expect([again.operation.name, again.input]).toEqual([name, input]);
});

const PRESIGNED =
  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20261121%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0";

test("a presigned request is read as the signed one, its headers in the query too", () => {
  const found = read(`PUT /b-1/k?${PRESIGNED}&x-amz-acl=public-read&X-Amz-Copy-Source=c-1%2Fs`, { authorization: "" });
  expect(found.operation.name).toBe("CopyObject");
  expect(found.input).toEqual({ ...key, ACL: "public-read", CopySource: "c-1/s" });
  expect(found.onward.url).toBe("/b-1/k");
  expect(found.onward.headers).toMatchObject({ "x-amz-acl": "public-read", "x-amz-copy-source": "c-1/s" });
  expect(found.onward.headers.authorization).toContain("Credential=k/");
});

test.each<[string, string, Record<string, string>?]>([
  ["GET /b-1?acl&policy", "InvalidArgument"],
  ["GET /b-1?list-type=1", "InvalidArgument"],
  ["GET /b-1/k?acl&tagging", "InvalidArgument"],
  ["GET /b-1/k?uploadId=u&acl", "InvalidArgument"],
  ["HEAD /b-1/k?acl", "InvalidArgument"],
  ["DELETE /b-1/k?acl", "InvalidArgument"],
  ["PUT /b-1/k?uploadId=u", "InvalidArgument"],
  ["PUT /b-1/k?uploadId=&partNumber=1", "InvalidArgument"],
  ["DELETE /b-1/k?uploadId", "InvalidArgument"],
  ["DELETE /b-1?acl", "InvalidArgument"],
  ["GET /b-1/k?versionId=1&versionId=2", "InvalidArgument"],
  ["PUT /b-1/k?x-amz-acl=private", "InvalidArgument", { "x-amz-acl": "public-read" }],
  ["PUT /b-1/k", "InvalidArgument", { "x-amz-copy-source": "k" }],
  ["GET /b-1/k?uploadid=u", "NotImplemented"],
  ["GET /b-1/k?colour=red", "NotImplemented"],
  ["POST /b-1", "NotImplemented"],
  ["POST /b-1/k", "NotImplemented"],
  ["OPTIONS /b-1/k", "NotImplemented"],
  ["PATCH /b-1/k", "NotImplemented"],
  ["DELETE /", "NotImplemented"],
])("%s is %s", (line, code, ...[headers]) => {
  expect(() => read(line, headers)).toThrow(expect.objectContaining({ code }));
});

test("keys in XML are read as every parser of XML reads them, and passed on so", () => {
  const xml =
    "<Delete xmlns='x'>\n<Object><Key>ma&#105;n</Key></Object><Object><Key><![CDATA[a&]]>&amp;b/<!-- c -->c</Key></Object></Delete>";
  const { input, onward } = read("POST /b-1?delete", {}, xml);
  expect(input.Delete).toEqual({ Objects: [{ Key: "main" }, { Key: "a&&b/c" }] });
  const keys = "<Object><Key>main</Key></Object><Object><Key>a&amp;&amp;b/c</Key></Object>";
  expect(onward.body.toString()).toBe(`<Delete>${keys}</Delete>`);
});

test.each([
  ["POST /b-1?delete", "<Delete><Object><Key>a</Kez></Object></Delete>"],
  ["POST /b-1?delete", "<Delete><Object><Key>a<b/></Key></Object></Delete>"],
  ["POST /b-1?delete", "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>"],
  ["POST /b-1?delete", "<Remove><Object><Key>a</Key></Object></Remove>"],
  ["POST /b-1?delete", "<Delete>x<Object><Key>a</Key></Object></Delete>"],
  ["POST /b-1?delete", "<Delete></Delete><Delete><Object><Key>a</Key></Object></Delete>"],
  ["POST /b-1?delete", ""],
  ["PUT /b-1?lifecycle", "<LifecycleConfiguration><Rule><Unknown/></Rule></LifecycleConfiguration>"],
  ["PUT /b-1?tagging", "<Tagging><TagSet><Label/></TagSet></Tagging>"],
])("%s with %s is MalformedXML", (line, body) => {
  expect(() => read(line, {}, body)).toThrow(expect.objectContaining({ code: "MalformedXML" }));
});
