/** What roles with the entry's policies can do to layers of others, judged by these policies (R23). */
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { type BuildxEnd, type BuildxJob, runBuildx } from "../../../lab/product/buildx-job";
import type { Credentials } from "../../../lab/product/plugin-job";
import { withBuildkit } from "../buildkit/with-buildkit";
import { BASE, credentialsOf } from "../ci-images/job-lab";
import { api, ecrApi, HOST, stopEcrLab } from "../ecr/ecr-lab";
import { type Backend, BUCKET, ENTRY, policyOf, REGION, REPOSITORIES, type Role } from "./emitted";
import { anew, BACKENDS, bootBuilder, type LayerLab, rolesOf, settingsOf, startLayerLab } from "./layer-lab";
import { contentOf, contextOf, ranAgain } from "./sample-build";

jest.setTimeout(600_000);

let layers: LayerLab;
let machine: Machine;
const roles = {} as Record<Backend, Readonly<Record<Role, Credentials>>>;
const MAIN = "default/shop/main";
/** Every call that was refused so far. */
const denied = () => layers.jobs.lab.permissions.denied.map(({ action, resource }) => `${action} ${resource}`);

const s3 = <Output>(action: string, input: object = {}) =>
  api<Output>(layers.jobs.lab, "s3", action, { Bucket: BUCKET, ...input });

/** Everything that others read, by name: manifests of protected branches. */
async function protectedManifests(backend: Backend): Promise<Record<string, string>> {
  if (backend === "ecr") {
    type Answer = { imageIds?: { imageTag?: string; imageDigest: string }[] };
    const { imageIds = [] } = await ecrApi<Answer>(layers.jobs.lab, "ListImages", {
      repositoryName: REPOSITORIES.default,
    });
    return Object.fromEntries(imageIds.map(({ imageTag = "none", imageDigest }) => [imageTag, imageDigest]));
  }
  type Page = { Contents?: { Key: string; ETag: string }[] };
  const { Contents = [] } = await s3<Page>("ListObjectsV2", { Prefix: `${ENTRY}/manifests/default/` });
  return Object.fromEntries(Contents.map(({ Key, ETag }) => [Key, ETag]));
}

const job = (backend: Backend, role: Role, branch: string, more: Partial<BuildxJob> = {}): BuildxJob => ({
  as: roles[backend][role],
  settings: settingsOf(backend),
  files: contextOf(),
  ...more,
  options: ["--app", "shop", "--branch", branch, ...(more.options ?? [])],
});
/** On a machine that has nothing. */
const build = async (one: BuildxJob): Promise<BuildxEnd> => runBuildx(await anew(machine), one);

beforeAll(async () => {
  layers = await startLayerLab();
  for (const backend of BACKENDS) roles[backend] = await rolesOf(layers, backend);
  machine = await bootBuilder(layers.jobs.lab.lab, "trixie");
});
afterAll(() => layers && stopEcrLab(layers.jobs.lab));

withBuildkit.describe.each(BACKENDS)("in %s", (backend) => {
  let main: BuildxEnd;
  beforeAll(async () => {
    const before = denied().length;
    main = await build(job(backend, "writer", "main"));
    expect([main.status, denied().slice(before)]).toEqual([0, []]);
  });

  it("who writes branches' layers is refused main's; its build succeeds, says so, and main's are as they were", async () => {
    const before = await protectedManifests(backend);
    const end = await build(job(backend, "branch_writer", "main", { files: contextOf({ late: "poison\n" }) }));
    expect([end.status, ranAgain(main, end), await protectedManifests(backend)]).toEqual([0, ["finished"], before]);
    expect(denied().join()).toMatch(
      backend === "s3"
        ? new RegExp(`s3:PutObject arn:aws:s3:::${BUCKET}/${ENTRY}/manifests/${MAIN}-[0-9a-f]{16}`)
        : new RegExp(`ecr:\\w+ arn:aws:ecr:\\S+:repository/${REPOSITORIES.default}`),
    );
    expect(end.cache).toMatch(/steps cached; imported default\/shop\/main-[0-9a-f]{16}; .*(?:not|refused|denied|403)/i);
  });

  it("its own branch is cached", async () => {
    const own = job(backend, "branch_writer", "feature", { files: contextOf({ late: "its own\n" }) });
    const [first, second] = [await build(own), await build(own)];
    expect([first.status, ranAgain(main, first)]).toEqual([0, ["finished"]]);
    expect([second.status, ranAgain(first, second)]).toEqual([0, []]);
    expect(second.cache).toMatch(/; imported branches\/shop\/feature-\S+; wrote branches\/shop\/feature-/);
  });

  it("who only reads has main's layers, and writes nothing", async () => {
    const before = await protectedManifests(backend);
    const [count, asked] = [layers.s3.length, layers.jobs.requests.registry.length];
    const end = await build(job(backend, "reader", "other"));
    expect([end.status, ranAgain(main, end), await protectedManifests(backend)]).toEqual([0, [], before]);
    expect(end.cache).not.toMatch(/wrote (?:default|branches)/);
    const own = await build(job(backend, "reader", "other", { options: ["--read-only"] }));
    expect([own.status, ranAgain(main, own)]).toEqual([0, []]);
    // With --read-only it does not even try.
    const keys = layers.s3.slice(count).filter(({ method, key }) => method === "PUT" && key?.includes("/manifests/"));
    const pushes = layers.jobs.requests.registry
      .slice(asked)
      .filter(({ method, path }) => method === "PUT" && path.includes("/manifests/"));
    expect(keys.length + pushes.length).toBeLessThanOrEqual(3);
  });
});

withBuildkit.describe("by buildx itself, past the script", () => {
  /** Names that look as if they were a branch's, in S3. */
  const NAMES = [
    "default/x/branches/y/main",
    "default/shop/main-0000000000000000",
    "../manifests/default/shop/main",
    "branches/../default/shop/main",
    "./default/shop/main",
    "branches%2F..%2Fdefault/shop/main",
  ];

  it.each(NAMES)("an export to %s changes nothing that others read", async (name) => {
    const before = await protectedManifests("s3");
    const variables = Object.entries(roles.s3.branch_writer).map(([key, value]) => `export ${key}='${value}'`);
    await anew(machine);
    const at = `type=s3,region=${REGION},bucket=${BUCKET},prefix=${ENTRY}/,name=${name}`;
    const said = await shellIn(
      machine,
      `${variables.join("\n")}
mkdir --parents /root/past && printf 'FROM ${BASE}\\nRUN echo poison >/poison\\n' >/root/past/Dockerfile
docker buildx create --name docker-cache --driver docker-container --bootstrap >/dev/null 2>&1
docker buildx build --builder docker-cache --progress plain --cache-to ${at},mode=max --output type=cacheonly /root/past 2>&1 || echo "status $?"`,
      { timeoutSeconds: 240 },
    );
    expect(await protectedManifests("s3")).toEqual(before);
    // What is below branches/ by the letters of its key is the role's own, whatever it looks like.
    expect(said.includes("status 1")).toBe(!name.startsWith("branches/"));
  });

  it("an app whose name has a slash is refused before anything is built", async () => {
    const end = await build(job("s3", "branch_writer", "x", { options: ["--app", "x/branches/y"] }));
    expect([end.status, end.builds]).toEqual([2, []]);
  });

  it("an export to the repository of protected branches is refused", async () => {
    const before = await protectedManifests("ecr");
    const variables = Object.entries(roles.ecr.branch_writer).map(([key, value]) => `export ${key}='${value}'`);
    await anew(machine);
    const said = await shellIn(
      machine,
      `${variables.join("\n")}
aws ecr get-login-password --region ${REGION} | docker login --username AWS --password-stdin ${HOST} >/dev/null 2>&1
mkdir --parents /root/past && printf 'FROM ${BASE}\\nRUN echo poison >/poison\\n' >/root/past/Dockerfile
docker buildx create --name docker-cache --driver docker-container --bootstrap >/dev/null 2>&1
docker buildx build --builder docker-cache --progress plain --cache-to type=registry,ref=${HOST}/${REPOSITORIES.default}:branches-x,mode=max --output type=cacheonly /root/past 2>&1 || echo "status $?"
docker logout ${HOST} >/dev/null`,
      { timeoutSeconds: 240 },
    );
    expect([said.includes("status 1"), await protectedManifests("ecr")]).toEqual([true, before]);
  });
});

withBuildkit.describe("with a key", () => {
  const KEY = `arn:aws:kms:${REGION}:123456789012:key/00000000-0000-4000-8000-000000000001`;
  beforeAll(async () => {
    const rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: KEY },
      BucketKeyEnabled: true,
    };
    await s3("PutBucketEncryption", { ServerSideEncryptionConfiguration: { Rules: [rule] } });
  });

  it("the policies of an entry with the key build and read; those of one without it do neither, and the build succeeds", async () => {
    const writer = await credentialsOf(layers.jobs, "key-writer", policyOf("s3", "writer", KEY));
    const reader = await credentialsOf(layers.jobs, "key-reader", policyOf("s3", "reader", KEY));
    const of = (as: Credentials) => job("s3", "writer", "main", { as, options: ["--app", "keyed"] });
    const first = await build(of(writer));
    const second = await build(of(reader));
    expect([first.status, second.status, ranAgain(first, second)]).toEqual([0, 0, []]);
    const without = await build(of(roles.s3.reader));
    expect([without.status, ranAgain(first, without).length]).toEqual([0, 3]);
    expect(contentOf(without)).toEqual(contentOf(first));
    expect(denied().join()).toContain(`kms:Decrypt ${KEY}`);
    const branch = {
      options: ["--app", "keyed", "--branch", "x"],
      as: await credentialsOf(layers.jobs, "key-branch", policyOf("s3", "branch_writer", KEY)),
    };
    const own = await build(job("s3", "branch_writer", "x", branch));
    expect([own.status, own.cache]).toEqual([0, expect.stringMatching(/wrote branches\/keyed\/x-/)]);
  });
});
