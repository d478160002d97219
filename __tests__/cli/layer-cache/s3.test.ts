/** What S3's answers make of a bucket, from a server that answers as a test says. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readBucket } from "../../../cli/layer-cache/s3";

/** An answer: status, body and headers. Whatever is not named answers 404 to a HEAD, and 500 otherwise. */
type Answer = readonly [status: number, body?: string, headers?: Record<string, string>];

let answers: Readonly<Record<string, Answer>> = {};
let server: Server;
const former = { ...process.env };

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://s3");
    const [about = ""] = [...searchParams.keys()].filter((key) => key !== "x-id");
    const [status, body = "", headers = {}] = answers[request.method === "HEAD" ? "HEAD" : about] ?? [500];
    response.writeHead(pathname === "/layers" || pathname === "/layers/" ? status : 500, headers);
    response.end(request.method === "HEAD" ? "" : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
  });
});
afterAll(async () => {
  process.env = former;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const error = (code: string, status = 404): Answer => [
  status,
  `<Error><Code>${code}</Code><Message>no</Message></Error>`,
];
const read = (given: Readonly<Record<string, Answer>>) => {
  answers = given;
  return readBucket("eu-west-1", "layers");
};
const xml = (name: string, content: string): Answer => [200, `<${name}>${content}</${name}>`];

const NOTHING = {
  HEAD: [200],
  "object-lock": error("ObjectLockConfigurationNotFoundError"),
  lifecycle: error("NoSuchLifecycleConfiguration"),
  versioning: xml("VersioningConfiguration", ""),
  publicAccessBlock: error("NoSuchPublicAccessBlockConfiguration"),
} as const satisfies Readonly<Record<string, Answer>>;

test.each<[string, Answer, object]>([
  ["404: there is none", [404], { state: "missing" }],
  ["403: not for the caller", [403], { state: "refused" }],
  [
    "301, and where it is",
    [301, "", { "x-amz-bucket-region": "us-east-1" }],
    { state: "elsewhere", region: "us-east-1" },
  ],
  [
    "403, and where it is",
    [403, "", { "x-amz-bucket-region": "us-east-1" }],
    { state: "elsewhere", region: "us-east-1" },
  ],
  ["403 from here", [403, "", { "x-amz-bucket-region": "eu-west-1" }], { state: "refused" }],
  [
    "200, and elsewhere",
    [200, "", { "x-amz-bucket-region": "us-east-1" }],
    { state: "elsewhere", region: "us-east-1" },
  ],
])("HEAD answers %s", async (_, answer, facts) => {
  expect(await read({ ...NOTHING, HEAD: answer })).toEqual(facts);
});

test("a bucket without any of it", async () => {
  expect(await read(NOTHING)).toEqual({
    state: "here",
    refused: [],
    settings: {
      objectLock: null,
      rules: [],
      versioning: null,
      openTo: ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"],
    },
  });
});

test("a bucket with all of it", async () => {
  const lock =
    "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>";
  const rule =
    "<Rule><ID>a</ID><Status>Enabled</Status><Filter><And><Prefix>ci/</Prefix><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And></Filter><Expiration><Days>3</Days></Expiration></Rule>";
  const block = ["BlockPublicAcls", "IgnorePublicAcls", "RestrictPublicBuckets"].map(
    (name) => `<${name}>true</${name}>`,
  );
  const facts = await read({
    HEAD: [200, "", { "x-amz-bucket-region": "eu-west-1" }],
    "object-lock": xml("ObjectLockConfiguration", lock),
    lifecycle: xml("LifecycleConfiguration", rule),
    versioning: xml("VersioningConfiguration", "<Status>Enabled</Status>"),
    publicAccessBlock: xml(
      "PublicAccessBlockConfiguration",
      `${block.join("")}<BlockPublicPolicy>false</BlockPublicPolicy>`,
    ),
  });
  expect(facts).toEqual({
    state: "here",
    refused: [],
    settings: {
      objectLock: { retention: true },
      rules: [
        expect.objectContaining({
          Filter: { And: { Prefix: "ci/", ObjectSizeGreaterThan: 5 } },
          Expiration: { Days: 3 },
        }),
      ],
      versioning: "Enabled",
      openTo: ["BlockPublicPolicy"],
    },
  });
});

test("what may not be read is told, and the rest is read", async () => {
  const facts = await read({
    ...NOTHING,
    lifecycle: error("AccessDenied", 403),
    "object-lock": error("AccessDenied", 403),
  });
  expect(facts).toMatchObject({
    refused: ["object lock", "its life cycle"],
    settings: { objectLock: undefined, rules: undefined, versioning: null },
  });
});

test("any other answer is an error, and no fault of the bucket", async () => {
  await expect(read({ ...NOTHING, HEAD: [400] })).rejects.toThrow();
  await expect(read({ ...NOTHING, lifecycle: error("NoSuchBucket") })).rejects.toThrow("no");
});
