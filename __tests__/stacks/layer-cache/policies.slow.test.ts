/** R23: what roles may do that have a policy of a layer cache and nothing else, in an emulated AWS that judges each call. */
import { assumeRole } from "../../../lab/aws/services/assume-role";
import { enforcePermissions } from "../../../lab/iam/enforce";
import { send } from "../../lab/aws/services/s3/send";
import { manifest } from "../ci-images/fixture";
import { openWorkbench, type Workbench } from "../terraform";
import { ACCOUNT, asking, deploymentWith, REGION, STACK } from "./fixture";

jest.setTimeout(300_000);

/** One of the user's, so that nothing waits for rules of a bucket. */
const BUCKET = "acme-layers";
const ENTRIES = {
  ci: { bucket: BUCKET },
  // Its name begins as the other's does.
  "ci-other": { bucket: BUCKET },
  images: { backend: "ecr" },
  others: { backend: "ecr" },
};
const WHO = ["reader", "branch-writer", "writer"] as const;
type Who = (typeof WHO)[number];

let bench: Workbench;
let ask: ReturnType<typeof asking>;
/** Access keys of roles, by `<policy> <entry>`. */
const keys = new Map<string, string>();

beforeAll(async () => {
  bench = await openWorkbench();
  ask = asking(bench.aws);
  await ask("s3", "CreateBucket", { Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } });
  await bench.synthesize(deploymentWith({ layer_cache: ENTRIES }));
  await bench.apply(STACK);
  for (const entry of ["ci", "images"]) for (const who of WHO) keys.set(`${who} ${entry}`, await roleWith(who, entry));
  for (const name of ["images/default", "images/branches", "others/branches"])
    await ask("ecr", "PutImage", { ...inRepository(name), imageTag: "there", imageManifest: manifest("1") });
  enforcePermissions(bench.aws);
});
afterAll(() => bench?.close());

/** A new role that has one policy. @returns its access key */
async function roleWith(who: Who, entry: string): Promise<string> {
  const RoleName = `${who}-${entry}`;
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await ask("iam", "CreateRole", { RoleName, AssumeRolePolicyDocument });
  const PolicyArn = `arn:aws:iam::${ACCOUNT}:policy/docker-cache-layer-cache-${who}-${entry}-${REGION}`;
  await ask("iam", "AttachRolePolicy", { RoleName, PolicyArn });
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
  return (await assumeRole(bench.aws.aws, REGION, { roleArn, service: "ec2" })).AccessKeyId;
}

/** Asks S3 for an object. @returns its status */
async function s3(who: Who, method: string, path: string, headers = {}): Promise<number> {
  const key = keys.get(`${who} ci`);
  const body = method === "PUT" && !("x-amz-copy-source" in headers) ? "x" : "";
  return (await send(bench.aws.endpointUrl, { line: `${method} /${BUCKET}${path}`, key, headers, body })).status;
}

/** BuildKit's touch: a blob is copied onto itself. */
const touch = (path: string) => ({ "x-amz-copy-source": `${BUCKET}${path}`, "x-amz-metadata-directive": "REPLACE" });

/** Objects of an entry, by what they are. */
const KEYS = {
  "the manifest of a protected branch": "/ci/manifests/default/shop/main-1",
  "the manifest of a protected branch, of an app called x/branches/y": "/ci/manifests/default/x/branches/y/main-1",
  "the manifest of a protected branch, by a way up": "/ci/manifests/branches/../default/shop/main-1",
  "the manifest of a branch": "/ci/manifests/branches/shop/x-1",
  "a blob": "/ci/blobs/sha256:1",
  "another object of the entry's": "/ci/other",
  "another entry's manifest": "/ci-other/manifests/branches/shop/x-1",
  "another entry's blob": "/ci-other/blobs/sha256:1",
  "an object of the bucket's own": "/blobs/sha256:1",
} as const;
type Kind = keyof typeof KEYS;
const BRANCH: Kind[] = ["the manifest of a branch", "a blob"];
const MANIFESTS: Kind[] = [
  "the manifest of a protected branch",
  "the manifest of a protected branch, of an app called x/branches/y",
  "the manifest of a branch",
];
const ALL_OF_ENTRY: Kind[] = [...MANIFESTS, "a blob"];

/** Kinds of objects for which a call is not refused. */
async function allowed(who: Who, method: string, headers: (path: string) => object = () => ({})): Promise<Kind[]> {
  const found: Kind[] = [];
  for (const [kind, path] of Object.entries(KEYS) as [Kind, string][]) {
    await ask("s3", "PutObject", { Bucket: BUCKET, Key: path.slice(1), Body: "there" });
    const status = await s3(who, method, path, headers(path));
    if (![200, 204, 403].includes(status)) throw new Error(`${method} ${path}: ${status}`);
    if (status !== 403) found.push(kind);
  }
  return found;
}

describe("S3", () => {
  test.each<[Who, Kind[], Kind[]]>([
    ["reader", [], []],
    ["branch-writer", BRANCH, []],
    ["writer", ALL_OF_ENTRY, ["a blob"]],
  ])("%s", async (who, written, deleted) => {
    // S3 takes a key as it stands: what goes up in it is below `branches`, and is not what the default branch reads.
    const up: Kind[] = ["the manifest of a protected branch, by a way up"];
    const ofEntry = (kinds: readonly Kind[]) => Object.keys(KEYS).filter((kind) => kinds.includes(kind as Kind));
    expect(await allowed(who, "GET")).toEqual(ofEntry([...ALL_OF_ENTRY, ...up]));
    expect(await allowed(who, "HEAD")).toEqual(ofEntry([...ALL_OF_ENTRY, ...up]));
    const writes = ofEntry(written.length > 0 ? [...written, ...up] : []);
    expect(await allowed(who, "PUT")).toEqual(writes);
    expect(await allowed(who, "PUT", touch)).toEqual(writes);
    expect(await allowed(who, "DELETE")).toEqual(deleted);
  });

  test.each(WHO)("to a %s a manifest that is missing is not there, and not forbidden", async (who) => {
    expect(await s3(who, "GET", "/ci/manifests/branches/shop/none")).toBe(404);
    expect(await s3(who, "HEAD", "/ci/blobs/sha256:none")).toBe(404);
  });

  test("what would change the bucket, or an object's rights, is refused to every one", async () => {
    for (const who of WHO)
      for (const [method, path] of [
        ["DELETE", "?policy"],
        ["DELETE", "?lifecycle"],
        ["DELETE", "?encryption"],
        ["DELETE", ""],
        ["GET", "?versioning"],
        ["DELETE", "/ci/blobs/sha256:1?tagging"],
      ] as const)
        expect([who, method, path, await s3(who, method, path)]).toEqual([who, method, path, 403]);
  });
});

function inRepository(name: string) {
  return { repositoryName: `docker-cache-layer-cache/${name}` };
}

/** Repositories for which a call is not refused. */
async function inEcr(who: Who, action: string, input: object): Promise<string[]> {
  const found: string[] = [];
  const target = { service: "ecr", action, region: REGION, accessKeyId: keys.get(`${who} images`) };
  for (const name of ["images/default", "images/branches", "others/branches"])
    await bench.aws.aws.call(target, { ...inRepository(name), ...input }).then(
      () => found.push(name),
      (error: { code?: string }) => expect(error.code).toBe("AccessDeniedException"),
    );
  return found;
}

describe("ECR", () => {
  const images = { imageIds: [{ imageTag: "there" }] };
  const both = ["images/default", "images/branches"];

  test.each<[Who, string[]]>([
    ["reader", []],
    ["branch-writer", ["images/branches"]],
    ["writer", both],
  ])("%s", async (who, written) => {
    expect(await inEcr(who, "BatchGetImage", images)).toEqual(both);
    const image = { imageTag: who, imageManifest: manifest(String(WHO.indexOf(who) + 2)) };
    expect(await inEcr(who, "PutImage", image)).toEqual(written);
    expect(await inEcr(who, "BatchDeleteImage", images)).toEqual([]);
    expect(await inEcr(who, "DeleteLifecyclePolicy", {})).toEqual([]);
    const target = { service: "ecr", action: "GetAuthorizationToken", region: REGION };
    const accessKeyId = keys.get(`${who} images`);
    expect(await bench.aws.aws.call({ ...target, accessKeyId }, {})).toHaveProperty("authorizationData");
  });
});
