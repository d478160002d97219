/** A role that may write one branch's manifest writes no other's, by no way that S3 has; it may read all. Its bucket's policy has its say, too. */
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/server/start";
import { assumeRole } from "../../../lab/aws/services/assume-role";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";
import { elements, type Received, S3_REGION, type Sent, send } from "../aws/services/s3/send";

jest.setTimeout(120_000);

const BUCKET = "layer.cache";
const MAIN = "manifests/app/main";
const BRANCH = "manifests/app/branches/x";
let aws: EmulatedAws;
let permissions: Permissions;

beforeAll(async () => {
  aws = await startEmulatedAws();
  permissions = enforcePermissions(aws);
  for (const bucket of [BUCKET, "ruled", "other"]) await done(`PUT /${bucket}`, { region: "us-east-1" });
}, 180_000);
afterAll(() => aws?.stop());
beforeEach(() => done(`PUT /${BUCKET}/${MAIN}`, { body: "of main" }));

const s3 = (line: string, sent: Omit<Sent, "line"> = {}) => send(aws.endpointUrl, { line, ...sent });
const codes = (answer: Received) => [answer.status, ...elements(answer, "Code")];
const DENIED = [403, "AccessDenied"];

async function done(line: string, sent: Omit<Sent, "line"> = {}): Promise<Received> {
  const answer = await s3(line, sent);
  if (answer.status >= 300) throw new Error(`${line}: ${answer.status} ${answer.body}`);
  return answer;
}

const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (Action: string | string[], ...resources: string[]) => ({
  Effect: "Allow",
  Action,
  Resource: resources.map((one) => `arn:aws:s3:::${one}`),
});
const iam = (action: string, input: object) => aws.aws.call({ service: "iam", action, region: S3_REGION }, input);

/** Makes a role and returns the key that calls in its name are signed with. */
async function role(RoleName: string, statements: object[], PermissionsBoundary?: string): Promise<string> {
  const Principal = { Service: "lambda.amazonaws.com" };
  const AssumeRolePolicyDocument = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
  await iam("CreateRole", { RoleName, AssumeRolePolicyDocument, PermissionsBoundary });
  await iam("PutRolePolicy", { RoleName, PolicyName: "own", PolicyDocument: document(...statements) });
  const roleArn = `arn:aws:iam::123456789012:role/${RoleName}`;
  return (await assumeRole(aws.aws, S3_REGION, { roleArn, service: "lambda" })).AccessKeyId;
}

const part = (etag: unknown) =>
  `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;

let branch: string;
beforeAll(async () => {
  branch = await role("branch", [
    allow(["s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"], `${BUCKET}/${BRANCH}`),
    allow("s3:GetObject", `${BUCKET}/manifests/*`),
    allow("s3:ListBucket", BUCKET),
  ]);
});

/** Ways to write the path of a key that is `MAIN`. */
const PATHS = [
  `/${BUCKET}/${MAIN}`,
  `/${BUCKET}/manifests%2Fapp%2Fmain`,
  `/${BUCKET}/manifests/app/m%61in`,
  `/layer%2Ecache/${MAIN}`,
];
const WAYS: readonly [string, string | undefined][] = [
  ...PATHS.map((path): [string, undefined] => [path, undefined]),
  [`/${BUCKET}/${MAIN}`, "s3.eu-west-1.amazonaws.com"],
  [`/${BUCKET}/${MAIN}`, "s3.amazonaws.com"],
  [`/${MAIN}`, `${BUCKET}.s3.eu-west-1.amazonaws.com`],
  [`/${MAIN}`, `${BUCKET.toUpperCase()}.S3.AMAZONAWS.COM:443`],
  ["/manifests%2fapp/mai%6E", `${BUCKET}.s3.dualstack.eu-west-1.amazonaws.com`],
];

test.each(WAYS)(
  "main's manifest at %s of %s is read, and neither written, copied onto, uploaded in parts nor deleted",
  async (path, host) => {
    const by = { host, key: branch };
    expect((await s3(`GET ${path}`, by)).body).toBe("of main");
    const source = { "x-amz-copy-source": `${BUCKET}/${BRANCH}`, "x-amz-metadata-directive": "REPLACE" };
    await done(`PUT /${BUCKET}/${BRANCH}`, { key: branch, body: "of the branch" });
    const upload = elements(await done(`POST ${path}?uploads`, { host }), "UploadId")[0];
    const refused: [string, Omit<Sent, "line">?][] = [
      [`PUT ${path}`, { body: "bad" }],
      [`PUT ${path}`, { headers: source }],
      [`POST ${path}?uploads`],
      [`PUT ${path}?partNumber=1&uploadId=${upload}`, { body: "bad" }],
      [`PUT ${path}?partNumber=1&uploadId=${upload}`, { headers: source }],
      [`POST ${path}?uploadId=${upload}`, { body: part("x") }],
      [`DELETE ${path}?uploadId=${upload}`],
      [`PUT ${path}?tagging`, { body: "<Tagging><TagSet></TagSet></Tagging>" }],
      [`PUT ${path}?acl`, { headers: { "x-amz-acl": "public-read" } }],
      [`DELETE ${path}`],
    ];
    for (const [line, sent] of refused)
      expect([line, ...codes(await s3(line, { ...by, ...sent }))]).toEqual([line, ...DENIED]);
    expect((await s3(`GET ${path}`, { host })).body).toBe("of main");
    await done(`DELETE ${path}?uploadId=${upload}`, { host });
  },
);

test.each<[string, Omit<Sent, "line">]>([
  ["a kin of S3", { service: "s3express" }],
  ["a kin of S3 at its host", { service: "s3express", host: "x.s3express-euw1-az1.eu-west-1.amazonaws.com" }],
  ["S3, otherwise written", { service: "S3" }],
  ["another service", { service: "ec2" }],
  ["no service that is known", { service: "nonsense" }],
  ["S3 at no host of AWS's", { host: "cache.example" }],
  ["nobody", { key: null, host: "cache.example" }],
  ["nobody, as if for another service", { key: null, headers: { "x-amz-target": "x.y" } }],
  ["an old signature", { key: null, host: "cache.example", headers: { authorization: "AWS test:signature" } }],
])("what is signed for %s writes and reads nothing", async (_, by) => {
  const path = `/${BUCKET}/${MAIN}`;
  await done(`PUT ${path}?acl`, { headers: { "x-amz-acl": "public-read-write" } });
  // At a host of moto's own taste the bucket is the first label.
  for (const host of [by.host, by.host?.replace("cache", BUCKET)]) {
    for (const line of [
      `PUT ${path}`,
      `GET ${path}`,
      `GET ${path}?Action=AssumeRoleWithSAML`,
      `PUT /${MAIN}`,
      `GET /${MAIN}`,
    ]) {
      const answer = await s3(line, { key: branch, body: line.startsWith("PUT") ? "bad" : "", ...by, host });
      expect([line, answer.status, answer.body]).toEqual([
        line,
        expect.any(Number),
        expect.not.stringMatching("^of main$"),
      ]);
      expect([line, answer.status >= 400]).toEqual([line, true]);
    }
  }
  expect((await s3(`GET ${path}`)).body).toBe("of main");
});

test("its own manifest is written in every way", async () => {
  const path = `/${BUCKET}/${BRANCH}`;
  const by = { key: branch };
  await done(`PUT ${path}`, { ...by, body: "one" });
  await done(`PUT ${path}`, { ...by, headers: { "x-amz-copy-source": `${BUCKET}/${MAIN}` } });
  expect((await s3(`GET ${path}`, by)).body).toBe("of main");
  const upload = elements(await done(`POST ${path}?uploads`, by), "UploadId")[0];
  const { headers } = await done(`PUT ${path}?partNumber=1&uploadId=${upload}`, { ...by, body: "in parts" });
  await done(`POST ${path}?uploadId=${upload}`, { ...by, body: part(headers.etag) });
  expect((await s3(`GET ${path}`, by)).body).toBe("in parts");
  await done(`DELETE ${path}`, by);
});

test("keys that only look like main's or the branch's are other keys", async () => {
  for (const path of [
    `${BRANCH}/../../main`,
    `/${BRANCH}`,
    `${BRANCH}/`,
    `manifests//app/branches/x`,
    `${BRANCH}%00`,
    "manifests/app/branches+x",
  ]) {
    expect(codes(await s3(`PUT /${BUCKET}/${path}`, { key: branch, body: "bad" }))).toEqual(DENIED);
  }
  const own = await role("dots", [allow("s3:PutObject", `${BUCKET}/${BRANCH}/*`)]);
  await done(`PUT /${BUCKET}/${BRANCH}/../../main`, { key: own, body: "elsewhere" });
  expect((await s3(`GET /${BUCKET}/${MAIN}`)).body).toBe("of main");
});

test("with the id of main's upload, the branch's path opens nothing", async () => {
  const upload = elements(await done(`POST /${BUCKET}/${MAIN}?uploads`), "UploadId")[0];
  const { headers } = await done(`PUT /${BUCKET}/${MAIN}?partNumber=1&uploadId=${upload}`, { body: "half" });
  const own = `/${BUCKET}/${BRANCH}`;
  for (const [line, body] of [
    [`PUT ${own}?partNumber=1&uploadId=${upload}`, "bad"],
    [`POST ${own}?uploadId=${upload}`, part(headers.etag)],
    [`DELETE ${own}?uploadId=${upload}`, ""],
  ]) {
    expect(codes(await s3(String(line), { key: branch, body }))).toEqual([404, "NoSuchUpload"]);
  }
});

test.each([`<Key>${MAIN}</Key>`, "<Key>manifests/app/ma&#105;n</Key>", "<Key>manifests/app/<![CDATA[main]]></Key>"])(
  "a deletion of several with %s deletes the others, and says so",
  async (key) => {
    const remove = (...keys: string[]) => {
      const body = `<Delete>${keys.map((one) => `<Object>${one}</Object>`).join("")}</Delete>`;
      return done(`POST /${BUCKET}?delete`, { key: branch, body });
    };
    await done(`PUT /${BUCKET}/${BRANCH}`, { key: branch, body: "x" });
    const answer = await remove(`<Key>${BRANCH}</Key>`, key);
    const [deleted = "", failed = ""] = answer.body.split("<Error>");
    const keysIn = (body: string) => elements({ ...answer, body }, "Key");
    expect([keysIn(deleted), keysIn(failed), elements(answer, "Code")]).toEqual([[BRANCH], [MAIN], ["AccessDenied"]]);
    const alone = await remove(key);
    expect([elements(alone, "Key"), elements(alone, "Code")]).toEqual([[MAIN], ["AccessDenied"]]);
    expect((await s3(`GET /${BUCKET}/${MAIN}`)).body).toBe("of main");
    expect((await s3(`GET /${BUCKET}/${BRANCH}`)).status).toBe(404);
  },
);

test("a presigned request is judged by whose key signed it, headers in its query too", async () => {
  const scope = encodeURIComponent(`${branch}/20261121/${S3_REGION}/s3/aws4_request`);
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${scope}&X-Amz-Signature=0`;
  expect(codes(await s3(`PUT /${BUCKET}/${MAIN}?${query}`, { key: null, body: "bad" }))).toEqual(DENIED);
  await done(`PUT /${BUCKET}/${BRANCH}?${query}`, { key: null, body: "x" });
  const secret = "other/secret";
  await done(`PUT /${secret}`, { body: "secret" });
  const copied = await s3(`PUT /${BUCKET}/${BRANCH}?${query}&x-amz-copy-source=${secret}`, { key: null });
  expect(codes(copied)).toEqual(DENIED);
});

test("a missing object is 404 to who may list the bucket, and 403 to all others", async () => {
  const [blind, narrow] = [
    await role("blind", [allow("s3:GetObject", `${BUCKET}/*`)]),
    await role("narrow", [
      allow("s3:GetObject", `${BUCKET}/*`),
      { ...allow("s3:ListBucket", BUCKET), Condition: { StringLike: { "s3:prefix": "manifests/*" } } },
    ]),
  ];
  const missing = `/${BUCKET}/manifests/none`;
  expect(codes(await s3(`GET ${missing}`, { key: branch }))).toEqual([404, "NoSuchKey"]);
  for (const key of [blind, narrow]) {
    expect(codes(await s3(`GET ${missing}`, { key }))).toEqual(DENIED);
    const head = await s3(`HEAD ${missing}`, { key });
    expect([head.status, head.body]).toEqual([403, ""]);
    expect((await s3(`HEAD /${BUCKET}/${MAIN}`, { key })).status).toBe(200);
  }
  await done(`GET /${BUCKET}?list-type=2&prefix=manifests%2Fapp`, { key: narrow });
  for (const query of ["list-type=2&prefix=blobs", "list-type=2", "prefix="]) {
    expect(codes(await s3(`GET /${BUCKET}?${query}`, { key: narrow }))).toEqual(DENIED);
  }
});

test("an empty version is no version: it is refused, and not judged as one", async () => {
  const versions = await role("versions", [allow(["s3:DeleteObjectVersion", "s3:GetObjectVersion"], `${BUCKET}/*`)]);
  for (const line of [`GET /${BUCKET}/${MAIN}?versionId=`, `DELETE /${BUCKET}/${MAIN}?versionId=`])
    expect(codes(await s3(line, { key: versions }))).toEqual([400, "InvalidArgument"]);
  const body = `<Delete><Object><Key>${MAIN}</Key><VersionId></VersionId></Object></Delete>`;
  expect(codes(await s3(`POST /${BUCKET}?delete`, { key: versions, body }))).toEqual([400, "MalformedXML"]);
  expect((await s3(`GET /${BUCKET}/${MAIN}`)).body).toBe("of main");
});

test("what is not understood is an error for a role", async () => {
  const all = await role("all", [allow("s3:*", "*")]);
  await done(`GET /${BUCKET}/${MAIN}`, { key: all });
  const select = await s3(`POST /${BUCKET}/${MAIN}?select&select-type=2`, { key: all });
  expect([codes(select), elements(select, "Message")[0]]).toEqual([
    [500, "InternalError"],
    expect.stringContaining("what AWS demands for SelectObjectContent of S3 is not known here"),
  ]);
  const control = { "x-amz-account-id": "123456789012" };
  const tags = await s3("GET /v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab-1", { key: all, headers: control });
  expect(codes(tags)).toEqual([500, "InternalError"]);
});

/** Puts a policy on the bucket `ruled`. */
const ruled = (...statements: object[]) => done("PUT /ruled?policy", { body: document(...statements) });

test("a bucket's policy denies what the role's own allows, by condition and by key", async () => {
  const own = await role("ruled", [allow("s3:*", "ruled", "ruled/*")]);
  const everyone = { Principal: "*", Effect: "Deny" };
  await ruled(
    {
      ...everyone,
      Action: "s3:*",
      Resource: ["arn:aws:s3:::ruled/*"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      ...everyone,
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::ruled/main",
      Condition: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/trusted" } },
    },
  );
  const trusted = await role("trusted", [allow("s3:PutObject", "ruled/*")]);
  await done("PUT /ruled/branch", { key: own, body: "x" });
  await done("PUT /ruled/branch", { key: own, body: "again" });
  expect(codes(await s3("PUT /ruled/main", { key: own, body: "x" }))).toEqual(DENIED);
  await done("PUT /ruled/main", { key: trusted, body: "x" });
  expect(codes(await s3("PUT /ruled/main", { key: own, body: "x" }))).toEqual(DENIED);
  expect((await s3("GET /ruled/main", { key: own })).body).toBe("x");
  await done("DELETE /ruled?policy");
  await done("PUT /ruled/main", { key: own, body: "x" });
});

test("a bucket's policy allows what the role's own does not, within the role's boundary", async () => {
  const nothing = [allow("s3:GetObject", "other/*")];
  const granted = await role("granted", nothing);
  await iam("CreatePolicy", { PolicyName: "reads", PolicyDocument: document(allow("s3:Get*", "*")) });
  const bounded = await role("bounded", nothing, "arn:aws:iam::123456789012:policy/reads");
  const stranger = await role("stranger", nothing);
  const AWS = ["granted", "bounded"].map((name) => `arn:aws:iam::123456789012:role/${name}`);
  const Action = ["s3:GetObject", "s3:PutObject"];
  await ruled({ Effect: "Allow", Principal: { AWS }, Action, Resource: "arn:aws:s3:::ruled/*" });
  await done("PUT /ruled/main", { key: granted, body: "granted" });
  for (const key of [granted, bounded]) expect((await s3("GET /ruled/main", { key })).body).toBe("granted");
  for (const key of [bounded, stranger]) {
    expect(codes(await s3("PUT /ruled/main", { key, body: "x" }))).toEqual(DENIED);
  }
  await ruled({ Effect: "Deny", NotPrincipal: { AWS }, Action, Resource: "arn:aws:s3:::ruled/*" });
  expect(codes(await s3("GET /ruled/main", { key: granted }))).toEqual([500, "InternalError"]);
  await done("DELETE /ruled?policy");
});

test("refusals say what lacks, and are kept", async () => {
  const refused = await s3(`PUT /${BUCKET}/${MAIN}`, { key: branch, body: "bad" });
  expect(elements(refused, "Message")[0]).toContain(
    `is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::${BUCKET}/${MAIN}`,
  );
  expect(refused.headers["content-type"]).toBe("application/xml");
  expect(permissions.denied.at(-1)).toMatchObject({
    action: "s3:PutObject",
    resource: `arn:aws:s3:::${BUCKET}/${MAIN}`,
    caller: expect.stringContaining("/branch/"),
  });
});

test("of a bucket with a key, readers decrypt and writers make data keys, through S3 alone", async () => {
  const bucket = "with-key";
  const KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001";
  const encryption = `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${KEY}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`;
  await done(`PUT /${bucket}`, { region: "us-east-1" });
  await done(`PUT /${bucket}?encryption`, { body: encryption });
  await done(`PUT /${bucket}/k`, { body: "x" });
  const use = (actions: string[], service: string) => ({
    Effect: "Allow",
    Action: actions,
    Resource: KEY,
    Condition: { StringEquals: { "kms:ViaService": `${service}.eu-west-1.amazonaws.com` } },
  });
  const objects = allow(["s3:GetObject", "s3:PutObject"], `${bucket}/*`);
  const both = ["kms:Decrypt", "kms:GenerateDataKey"];
  const keys = {
    none: await role("keyless", [objects]),
    elsewhere: await role("key-elsewhere", [objects, use(both, "ecr")]),
    reads: await role("key-reads", [objects, use(["kms:Decrypt"], "s3")]),
    both: await role("key-both", [objects, use(both, "s3")]),
  };
  const copy = { "x-amz-copy-source": `${bucket}/k`, "x-amz-metadata-directive": "REPLACE" };
  const statuses = async (key: string) => [
    (await s3(`HEAD /${bucket}/k`, { key })).status,
    (await s3(`GET /${bucket}/k`, { key })).status,
    (await s3(`PUT /${bucket}/k`, { key, body: "y" })).status,
    (await s3(`PUT /${bucket}/k`, { key, headers: copy })).status,
    (await s3(`POST /${bucket}/k?uploads`, { key })).status,
  ];
  expect(await statuses(keys.none)).toEqual([200, 403, 403, 403, 403]);
  expect(await statuses(keys.elsewhere)).toEqual([200, 403, 403, 403, 403]);
  expect(await statuses(keys.reads)).toEqual([200, 200, 403, 403, 403]);
  expect(await statuses(keys.both)).toEqual([200, 200, 200, 200, 200]);
});
