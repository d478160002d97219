/** `layer-cache check` against the emulated AWS, in the name of a role that may do what docs/policies says and nothing else. */
import { AwsError } from "../../../lab/aws/aws-error";
import { assumeRole } from "../../../lab/aws/services/assume-role";
import { enforcePermissions } from "../../../lab/iam/enforce";
import { bucketName, repositories } from "../../../lib/layer-cache";
import { readPolicy } from "../../docs/policies/iam";
import { HERE, openWorld, THERE, type World } from "../pull-through/world";

jest.setTimeout(300_000);

const ACCOUNT = "123456789012";
const OURS = bucketName("ci", ACCOUNT, HERE);
const RoleName = "operator";

let world: World;
const call = (service: string, action: string, input: object, region = HERE) =>
  world.aws.aws.call({ service, action, region }, input);
const s3 = (action: string, Bucket: string, input: object = {}) => call("s3", action, { Bucket, ...input });

/** Lets the role do what the page's policy says, with these buckets for its example's. */
async function allow(...buckets: string[]): Promise<void> {
  const text = JSON.stringify(readPolicy("command-layer-cache"));
  const [, example] = /"(arn:aws:s3:::example-layers)"/.exec(text) ?? [];
  const PolicyDocument = text.replace(`"${example}"`, buckets.map((name) => `"arn:aws:s3:::${name}"`).join());
  await call("iam", "PutRolePolicy", { RoleName, PolicyName: "own", PolicyDocument });
}

beforeAll(async () => {
  world = await openWorld();
  enforcePermissions(world.aws);
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await call("iam", "CreateRole", { RoleName, AssumeRolePolicyDocument });
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
  const { AccessKeyId } = await assumeRole(world.aws.aws, HERE, { roleArn, service: "ec2" });
  process.env.AWS_ACCESS_KEY_ID = AccessKeyId;
  await allow("layers");
});
afterAll(() => world?.stop());

const BLOCK = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
const below = (Prefix: string, Days: number) => ({
  ID: Prefix,
  Status: "Enabled",
  Filter: { Prefix },
  Expiration: { Days },
});
const PARTS = {
  ID: "parts",
  Status: "Enabled",
  Filter: { Prefix: "ci/" },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
};
const RULES = [below("ci/manifests/", 14), below("ci/blobs/", 21), PARTS];

/** Makes a bucket that is in order, but for what is given. */
async function make(
  Bucket: string,
  {
    region = HERE,
    lock = false,
    rules = RULES,
    block = BLOCK as object | null,
  }: {
    region?: string;
    lock?: boolean;
    rules?: readonly object[] | null;
    block?: object | null;
  } = {},
): Promise<void> {
  const CreateBucketConfiguration = region === "us-east-1" ? undefined : { LocationConstraint: region };
  const more = { CreateBucketConfiguration, ...(lock ? { ObjectLockEnabledForBucket: true } : {}) };
  await call("s3", "CreateBucket", { Bucket, ...more }, region);
  const to = (action: string, input: object) => call("s3", action, { Bucket, ...input }, region);
  if (block) await to("PutPublicAccessBlock", { PublicAccessBlockConfiguration: block });
  if (rules) await to("PutBucketLifecycleConfiguration", { LifecycleConfiguration: { Rules: rules } });
}

/** A configuration whose entry has a bucket, or ours. */
const configure = (entry: object, name = "ci") =>
  world.configure({ regions: { [HERE]: {}, [THERE]: {} }, layer_cache: { [name]: { regions: [HERE], ...entry } } });

const check = (...words: string[]) => world.cli("layer-cache", "check", ...words);

test("our bucket: missing, then in order; nothing is changed; --json is one document", async () => {
  configure({});
  const missing = await check();
  expect([missing.status, missing.stdout]).toEqual([
    1,
    `${HERE} ci (s3 ${OURS}): not in order\n  fault: there is no such bucket\n    fix: cdktf deploy docker-cache-layer-cache-${HERE}\n`,
  ]);
  await make(OURS);
  const { status, stdout, changes } = await check("--account-id", ACCOUNT);
  expect([status, stdout, changes]).toEqual([0, `${HERE} ci (s3 ${OURS}): in order\n`, []]);
  const { stdout: json } = await check("--json");
  expect(JSON.parse(json)).toEqual({
    version: 1,
    command: "layer-cache check",
    entries: [{ region: HERE, entry: "ci", backend: "s3", names: [OURS], faults: [] }],
  });
});

/** Faults of the bucket `layers`, which is made for one test. */
async function faultsOf(given: Parameters<typeof make>[1], then: () => Promise<unknown> = async () => undefined) {
  configure({ bucket: "layers" });
  await make("layers", given);
  try {
    await then();
    const { status, stdout } = await check();
    return { status, faults: [...stdout.matchAll(/fault: (.*)/g)].map(([, fault]) => fault) };
  } finally {
    await call("s3", "DeleteBucket", { Bucket: "layers" }, given?.region);
  }
}

const GONE = "a manifest may name blobs that are gone";

test.each<[string, Parameters<typeof make>[1], string[]]>([
  ["in order", {}, []],
  ["in another region", { region: THERE }, [`the bucket is in ${THERE}`]],
  [
    "without a life cycle",
    { rules: null },
    [
      "nothing lets every object below ci/manifests/ expire",
      "nothing lets every object below ci/blobs/ expire",
      "nothing removes the parts of uploads that were broken off",
    ],
  ],
  [
    "with one rule for the whole bucket, in its former form",
    {
      rules: [
        { ID: "a", Status: "Enabled", Prefix: "", Expiration: { Days: 14 } },
        { ID: "b", Status: "Enabled", Prefix: "", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      ],
    },
    [`blobs expire after 14 days, manifests after 14: ${GONE}`],
  ],
  [
    "with a rule of several conditions",
    {
      rules: [
        ...RULES,
        {
          ID: "a",
          Status: "Enabled",
          Filter: { And: { Prefix: "ci/", Tags: [{ Key: "a", Value: "b" }] } },
          Expiration: { Days: 3 },
        },
      ],
    },
    [],
  ],
  [
    "with a rule for tags",
    {
      rules: [
        ...RULES,
        { ID: "a", Status: "Enabled", Filter: { Tag: { Key: "a", Value: "b" } }, Expiration: { Days: 1 } },
      ],
    },
    [],
  ],
  [
    "with a disabled rule",
    {
      rules: [RULES[0]!, { ...RULES[1], Status: "Disabled" }, PARTS],
    },
    ["nothing lets every object below ci/blobs/ expire"],
  ],
  [
    "with a date",
    {
      rules: [
        ...RULES,
        { ID: "a", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Date: new Date("2030-01-01T00:00:00Z") } },
      ],
    },
    [`a rule with a date deletes blobs of any age, manifests after 14: ${GONE}`],
  ],
  [
    "without a public access block",
    { block: { ...BLOCK, BlockPublicPolicy: false } },
    ["public access is not blocked: BlockPublicPolicy is off"],
  ],
])("a bucket of the user's %s", async (_, given, faults) => {
  expect(await faultsOf(given)).toEqual({ status: faults.length > 0 ? 1 : 0, faults });
});

test("versions, object lock and its default retention", async () => {
  const versioned = () => s3("PutBucketVersioning", "layers", { VersioningConfiguration: { Status: "Enabled" } });
  const versions = "versioning is on, and old versions stay and cost";
  expect((await faultsOf({}, versioned)).faults).toEqual([versions]);
  const lock = "object lock is on: with a default retention S3 would refuse every upload of BuildKit's";
  expect((await faultsOf({ lock: true })).faults).toEqual([lock, versions]);
  const DefaultRetention = { Mode: "GOVERNANCE", Days: 1 };
  const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention } };
  const retain = () => s3("PutObjectLockConfiguration", "layers", { ObjectLockConfiguration });
  expect((await faultsOf({ lock: true }, retain)).faults).toEqual([
    "object lock has a default retention, with which S3 refuses every upload of BuildKit's",
    versions,
  ]);
});

test("a bucket that the role may not read, and one that it may read in part", async () => {
  await allow("others");
  expect((await faultsOf({})).faults).toEqual(["you may not read the bucket"]);
  await allow("layers");
  const stop = world.aws.hooks.on("Request", ({ action }) => {
    if (action === "GetBucketLifecycleConfiguration") throw new AwsError("AccessDenied", "no", 403);
  });
  expect((await faultsOf({})).faults).toEqual(["you may not read its life cycle"]);
  stop();
});

test("ECR: missing, in order, and each fault", async () => {
  configure({ backend: "ecr" });
  const names = Object.values(repositories("ci"));
  expect((await check()).stdout.match(/there is no repository \S+/g)).toEqual(
    names.map((name) => `there is no repository ${name}`),
  );
  const rule = (rulePriority: number, tagStatus: string) => ({
    rulePriority,
    selection: { tagStatus, countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
    action: { type: "expire" },
  });
  const lifecyclePolicyText = JSON.stringify({ rules: [rule(1, "untagged"), rule(2, "any")] });
  for (const repositoryName of names) {
    await world.repository(HERE, repositoryName);
    await world.ecr(HERE, "PutLifecyclePolicy", { repositoryName, lifecyclePolicyText });
  }
  const { status, stdout } = await check();
  expect([status, stdout]).toEqual([0, `${HERE} ci (ecr ${names.join(", ")}): in order\n`]);
  const [repositoryName = ""] = names;
  await world.ecr(HERE, "PutImageTagMutability", { repositoryName, imageTagMutability: "IMMUTABLE" });
  await world.ecr(HERE, "DeleteLifecyclePolicy", { repositoryName });
  expect((await check()).stdout.match(/fault: .*/g)).toEqual([
    `fault: tags of ${repositoryName} are IMMUTABLE: an export moves its tag, and would be refused`,
    `fault: nothing lets untagged images of ${repositoryName} expire`,
    `fault: nothing lets tagged images of ${repositoryName} expire`,
  ]);
});

test("a region that does not answer is told, and the others are looked at", async () => {
  world.configure({ regions: { [HERE]: {}, [THERE]: {} }, layer_cache: { ci: { bucket: null } } });
  const stop = world.aws.hooks.on("Request", ({ region, action }) => {
    if (region === THERE && action === "HeadBucket") throw new AwsError("BadRequest", "no", 400);
  });
  const { status, stdout } = await check();
  stop();
  expect(status).toBe(1);
  expect(stdout).toContain(`${HERE} ci (s3 ${OURS}): in order`);
  expect(stdout).toMatch(
    new RegExp(`${THERE} ci \\(s3\\): not in order\\n  fault: .*\\n    fix: see whether the region answers`),
  );
});

test("options that select nothing are a mistake that names what there is", async () => {
  configure({});
  const { status, stderr } = await check("--entry", "x");
  expect([status, stderr]).toEqual([2, expect.stringContaining(`it has ci in ${HERE}`)]);
});
