/** Buckets and objects of the emulated S3, by every way to name them. */
import { type Emulated, startEmulated } from "../../emulated";
import { elements, type Received, S3_REGION, type Sent, send } from "./send";

let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
  const Location = `<CreateBucketConfiguration><LocationConstraint>${S3_REGION}</LocationConstraint></CreateBucketConfiguration>`;
  expect((await s3("PUT /cache.of.ours", { body: Location })).status).toBe(200);
}, 120_000);
afterAll(() => aws?.stop());

const s3 = (line: string, sent: Omit<Sent, "line"> = {}) => send(aws.endpointUrl, { line, ...sent });
const codes = (answer: Received) => [answer.status, ...elements(answer, "Code")];

/** Ways to write a key, and the key. */
const KEYS: readonly [string, string][] = [
  ["app/branches/../main", "app/branches/../main"],
  ["app/./main", "app/./main"],
  ["app//main", "app//main"],
  ["/app", "/app"],
  ["app/", "app/"],
  ["app%2Fmain", "app/main"],
  ["app%252Fmain", "app%2Fmain"],
  ["a+b", "a b"],
  ["a%2Bb", "a+b"],
  ["a%20b", "a b"],
  ["what%3Facl", "what?acl"],
  ["a;b=c", "a;b=c"],
  ["blobs/sha256:00ff", "blobs/sha256:00ff"],
  ["%C3%BC/%E2%9C%93", "ü/✓"],
  ["h%23sh&co='(1)*!", "h#sh&co='(1)*!"],
  ["moto-api/reset", "moto-api/reset"],
  ["latest/meta-data/x", "latest/meta-data/x"],
];

test.each(KEYS)("/%s is the key %s, whichever way the bucket is named", async (path, key) => {
  const ways: readonly [string, string | undefined][] = [
    ["/cache.of.ours/", undefined],
    ["/cache.of.ours/", "s3.eu-west-1.amazonaws.com"],
    ["/", "cache.of.ours.s3.eu-west-1.amazonaws.com"],
    ["/", "Cache.of.ours.s3.dualstack.eu-west-1.amazonaws.com:443"],
  ];
  for (const [index, [before, host]] of ways.entries()) {
    const [other, otherHost] = ways[(index + 1) % ways.length] ?? ways[0] ?? [];
    expect((await s3(`PUT ${before}${path}`, { host, body: `${key} ${index}` })).status).toBe(200);
    expect((await s3(`GET ${other}${path}`, { host: otherHost })).body).toBe(`${key} ${index}`);
  }
  expect(await keys()).toEqual([key]);
  const [before, host] = ways[2] ?? [];
  expect((await s3(`DELETE ${before}${path}`, { host })).status).toBe(204);
  expect(await keys()).toEqual([]);
});

async function keys(): Promise<string[]> {
  const target = { service: "s3", action: "ListObjectsV2", region: S3_REGION };
  const listed = await aws.aws.moto<{ Contents?: { Key: string }[] }>(target, { Bucket: "cache.of.ours" });
  return (listed.Contents ?? []).map(({ Key }) => Key);
}

test("an answer to HEAD has the length of the object, and an error no body", async () => {
  await s3("PUT /cache.of.ours/sized", { body: "twelve bytes" });
  const { status, headers, body } = await s3("HEAD /cache.of.ours/sized");
  expect([status, headers["content-length"], body]).toEqual([200, "12", ""]);
  const missing = await s3("HEAD /cache.of.ours/missing");
  expect([missing.status, missing.body]).toEqual([404, ""]);
});

test("who does not sign is refused, whatever the bucket is", async () => {
  await s3("PUT /cache.of.ours/open", { body: "x", headers: { "x-amz-acl": "public-read" } });
  const host = "cache.of.ours.s3.eu-west-1.amazonaws.com";
  for (const line of ["GET /open", "PUT /open", "DELETE /open", "GET /", "POST /?delete"]) {
    expect(codes(await s3(line, { host, key: null }))).toEqual([403, "AccessDenied"]);
  }
  expect(codes(await s3("GET /cache.of.ours/open", { key: null }))).toEqual([403, "AccessDenied"]);
  expect((await s3("HEAD /open", { host, key: null })).status).toBe(403);
});

test("a presigned request is carried out as the signed one", async () => {
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20261121%2F${S3_REGION}%2Fs3%2Faws4_request&X-Amz-Signature=0`;
  expect((await s3(`PUT /cache.of.ours/presigned?${query}`, { key: null, body: "p" })).status).toBe(200);
  expect((await s3(`GET /cache.of.ours/presigned?${query}`, { key: null })).body).toBe("p");
});

test.each<[string, Omit<Sent, "line">, number, string]>([
  ["GET /cache.of.ours/k?acl&tagging", {}, 400, "InvalidArgument"],
  ["GET /cache.of.ours/k?colour=red", {}, 501, "NotImplemented"],
  ["GET /k", { host: "cache.of.ours.s3-accelerate.amazonaws.com" }, 501, "NotImplemented"],
  [
    "GET /k",
    { host: "cache.of.ours.s3.eu-west-1.amazonaws.com", region: "us-east-1" },
    400,
    "AuthorizationHeaderMalformed",
  ],
  ["GET /k", { host: "cache.of.ours.s3.eu-west-1.amazonaws.com", service: "sqs" }, 400, "AuthorizationHeaderMalformed"],
  ["GET /cache.of.ours/k", { key: null, headers: { authorization: "AWS test:0" } }, 400, "InvalidRequest"],
  ["GET /none-such/k", {}, 404, "NoSuchBucket"],
])("%s with %j is answered with %p %s, in S3's words", async (line, sent, status, code) => {
  const answer = await s3(line, sent);
  expect(codes(answer)).toEqual([status, code]);
  expect(answer.body).toMatch(/<Error>.*<Message>[^<]+<\/Message>.*<\/Error>/s);
});

/** Begins an upload and returns its id. */
async function begin(key: string): Promise<string> {
  return elements(await s3(`POST /cache.of.ours/${key}?uploads`), "UploadId")[0] ?? "";
}

const part = (etag = "") =>
  `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;

test("an upload belongs to its key: with its id no other is written, completed, listed or aborted", async () => {
  const id = await begin("manifests/main");
  const etag = String(
    (await s3(`PUT /cache.of.ours/manifests/main?partNumber=1&uploadId=${id}`, { body: "mine" })).headers.etag,
  );
  const other = "/cache.of.ours/manifests/branch";
  for (const line of [
    `PUT ${other}?partNumber=1&uploadId=${id}`,
    `POST ${other}?uploadId=${id}`,
    `GET ${other}?uploadId=${id}`,
    `DELETE ${other}?uploadId=${id}`,
  ]) {
    expect(codes(await s3(line, { body: line.startsWith("POST") ? part(etag) : "" }))).toEqual([404, "NoSuchUpload"]);
  }
  expect(await keys()).not.toContain("manifests/main");
  expect((await s3(`POST /cache.of.ours/manifests/main?uploadId=${id}`, { body: part(etag) })).status).toBe(200);
  expect((await s3("GET /cache.of.ours/manifests/main")).body).toBe("mine");
  expect(codes(await s3(`DELETE /cache.of.ours/manifests/main?uploadId=${id}`))).toEqual([404, "NoSuchUpload"]);
});

/** The object's age in seconds. */
async function age(key: string): Promise<number> {
  const { headers } = await s3(`HEAD /cache.of.ours/${key}`);
  return (aws.aws.now().getTime() - new Date(String(headers["last-modified"])).getTime()) / 1000;
}

test("dates are of the lab's time, and a copy onto itself is new, in one piece or in parts", async () => {
  for (const key of ["whole", "parts", "left"])
    await s3(`PUT /cache.of.ours/${key}`, { body: "x", headers: { "x-amz-meta-own": "1" } });
  const pending = await begin("pending");
  await aws.pass(10 * 86_400);
  for (const key of ["whole", "parts", "left"]) expect(await age(key)).toBe(10 * 86_400);
  const source = (key: string) => ({ "x-amz-copy-source": `cache.of.ours/${key}` });
  const unchanged = await s3("PUT /cache.of.ours/whole", { headers: source("whole") });
  expect(codes(unchanged)).toEqual([400, "InvalidRequest"]);
  expect(await age("whole")).toBe(10 * 86_400);
  // As BuildKit touches what it uses again: with other metadata, or in parts if the object is large.
  const replace = { ...source("whole"), "x-amz-metadata-directive": "REPLACE", "x-amz-meta-updated-at": "now" };
  const copied = await s3("PUT /cache.of.ours/whole", { headers: replace });
  expect(copied.status).toBe(200);
  const id = await begin("parts");
  const copiedPart = await s3(`PUT /cache.of.ours/parts?partNumber=1&uploadId=${id}`, { headers: source("parts") });
  const etag = elements(copiedPart, "ETag")[0];
  expect((await s3(`POST /cache.of.ours/parts?uploadId=${id}`, { body: part(etag) })).status).toBe(200);
  expect([await age("whole"), await age("parts"), await age("left")]).toEqual([0, 0, 10 * 86_400]);
  expect((await s3("GET /cache.of.ours/parts")).body).toBe("x");
  const uploads = await s3("GET /cache.of.ours?uploads");
  expect([elements(uploads, "UploadId"), elements(uploads, "Initiated")]).toEqual([
    [pending],
    ["2026-11-21T00:00:00.000Z"],
  ]);
});

test("life-cycle rules are given back as they were put", async () => {
  const filter = "<And><Prefix>blobs/</Prefix><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And>";
  const rule = (id: string) =>
    `<Rule>${id}<Filter>${filter}</Filter><Status>Enabled</Status><Expiration><Days>14</Days></Expiration></Rule>`;
  const configuration = (rules: string) => `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`;
  const named = configuration(rule("<ID>old</ID>"));
  expect((await s3("PUT /cache.of.ours?lifecycle", { body: named })).status).toBe(200);
  expect((await s3("GET /cache.of.ours?lifecycle")).body).toBe(named);
  await s3("PUT /cache.of.ours?lifecycle", { body: configuration(rule("") + rule("<ID>old</ID>")) });
  const [made, old] = elements(await s3("GET /cache.of.ours?lifecycle"), "ID");
  expect([old, made]).toEqual(["old", expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  expect((await s3("DELETE /cache.of.ours?lifecycle")).status).toBe(204);
  expect(codes(await s3("GET /cache.of.ours?lifecycle"))).toEqual([404, "NoSuchLifecycleConfiguration"]);
});
