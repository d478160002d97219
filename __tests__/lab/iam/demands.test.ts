/** What the lab takes each call to need: roles that are passed, boundaries, tags at creation, and nothing that AWS does not have. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Aws } from "../../../lab/aws/handler";
import type { Demand } from "../../../lab/iam/demand";
import { KNOWN_ACTIONS } from "../../../lab/iam/demands";
import { S3_OPERATIONS } from "../../../lab/iam/s3/actions";
import { ROOT } from "../../../lab/tools/project";
import { listed, readPolicy } from "../../docs/policies/iam";
import { type Held, referenceComplaints, unknownKeys } from "../../docs/policies/reference";
import { roleStatements } from "../../docs/policies/role-statements";
import {
  BOUNDARY,
  demandsFor as demands,
  arnOf as of,
  policyArnOf,
  roleArnOf,
  sampleAws,
  taggingInput,
} from "./samples";

const ROLE = roleArnOf("docker-cache-x", "/ci/");
const ci = { path: "/ci/" };

const briefly = (found: readonly Demand[]) => found.map(({ action, resource }) => `${action} ${resource}`);

describe("a role that is passed", () => {
  test.each<[string, object, string]>([
    ["iam:AddRoleToInstanceProfile", { InstanceProfileName: "p", RoleName: "docker-cache-x" }, "ec2"],
    ["lambda:CreateFunction", { FunctionName: "f", Role: ROLE }, "lambda"],
    ["lambda:UpdateFunctionConfiguration", { FunctionName: "f", Role: ROLE }, "lambda"],
    ["scheduler:CreateSchedule", { GroupName: "g", Name: "s", Target: { RoleArn: ROLE } }, "scheduler"],
    ["scheduler:UpdateSchedule", { GroupName: "g", Name: "s", Target: { RoleArn: ROLE } }, "scheduler"],
    ["dlm:CreateLifecyclePolicy", { ExecutionRoleArn: ROLE }, "dlm"],
    ["dlm:UpdateLifecyclePolicy", { PolicyId: "policy-1", ExecutionRoleArn: ROLE }, "dlm"],
    ["codebuild:CreateProject", { name: "p", serviceRole: ROLE }, "codebuild"],
    ["codebuild:UpdateProject", { name: "p", serviceRole: ROLE }, "codebuild"],
    ["codebuild:StartBuild", { projectName: "p", serviceRoleOverride: ROLE }, "codebuild"],
    ["ecr:CreateRepositoryCreationTemplate", { prefix: "hub", customRoleArn: ROLE }, "ecr"],
    ["ecr:UpdateRepositoryCreationTemplate", { prefix: "hub", customRoleArn: ROLE }, "ecr"],
    ["ecr:CreatePullThroughCacheRule", { ecrRepositoryPrefix: "hub", customRoleArn: ROLE }, "pullthroughcache.ecr"],
    ["ecr:UpdatePullThroughCacheRule", { ecrRepositoryPrefix: "hub", customRoleArn: ROLE }, "pullthroughcache.ecr"],
    ["ec2:RunInstances", { ImageId: "ami-1", IamInstanceProfile: { Name: "docker-cache-x" } }, "ec2"],
  ])("%s takes iam:PassRole on it", async (action, input, service) => {
    const passed = { action: "iam:PassRole", resource: ROLE };
    const found = (await demands(action, input, sampleAws(ci))).filter((one) => one.action === "iam:PassRole");
    expect(found).toMatchObject([{ ...passed, keys: { "iam:PassedToService": `${service}.amazonaws.com` } }]);
    const china = await demands(action, input, sampleAws({ ...ci, partition: "aws-cn" }));
    expect(china.at(-1)?.keys).toMatchObject({ "iam:PassedToService": `${service}.amazonaws.com.cn` });
  });

  test.each<[string, object]>([
    ["lambda:UpdateFunctionConfiguration", { FunctionName: "f", Timeout: 3 }],
    ["dlm:UpdateLifecyclePolicy", { PolicyId: "policy-1", State: "DISABLED" }],
    ["lambda:GetFunction", { FunctionName: "f", Role: ROLE }],
    ["codebuild:UpdateProject", { name: "p", description: "d" }],
    ["codebuild:StartBuild", { projectName: "p" }],
    ["ecr:CreateRepositoryCreationTemplate", { prefix: "hub" }],
    ["ec2:RunInstances", { ImageId: "ami-1" }],
  ])("%s with %j passes none", async (action, input) => {
    const found = await demands(action, input);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((one) => one.action === "iam:PassRole")).toEqual([]);
  });

  test("one that is not there is named as it would be called", async () => {
    const found = await demands("iam:AddRoleToInstanceProfile", { InstanceProfileName: "gone", RoleName: "gone" });
    expect(briefly(found)).toEqual([
      "iam:AddRoleToInstanceProfile arn:aws:iam::123456789012:instance-profile/gone",
      "iam:PassRole arn:aws:iam::123456789012:role/gone",
    ]);
  });
});

describe("the boundary", () => {
  const boundaryOf = async (action: string, input: object, aws?: Aws) =>
    (await demands(action, input, aws))[0]?.keys?.["iam:PermissionsBoundary"];

  test.each(["CreateRole", "PutRolePermissionsBoundary"])("%s names it", async (action) => {
    expect(await boundaryOf(`iam:${action}`, { RoleName: "r", PermissionsBoundary: "arn:other" })).toBe("arn:other");
    expect(await boundaryOf(`iam:${action}`, { RoleName: "r" })).toBeUndefined();
  });

  test.each(["AttachRolePolicy", "DeleteRolePermissionsBoundary", "PutRolePolicy", "UpdateAssumeRolePolicy"])(
    "%s is asked about the role's",
    async (action) => {
      expect(await boundaryOf(`iam:${action}`, { RoleName: "r" })).toBe(BOUNDARY);
      expect(await boundaryOf(`iam:${action}`, { RoleName: "gone" })).toBeUndefined();
    },
  );
});

describe("tags", () => {
  test.each<[string, object, string[]]>([
    [
      "sqs:CreateQueue",
      { QueueName: "q", tags: { a: "b" } },
      [`sqs:CreateQueue ${of("sqs", "q")}`, `sqs:TagQueue ${of("sqs", "q")}`],
    ],
    ["sqs:CreateQueue", { QueueName: "q" }, [`sqs:CreateQueue ${of("sqs", "q")}`]],
    [
      "dlm:CreateLifecyclePolicy",
      { Tags: { a: "b" } },
      ["dlm:CreateLifecyclePolicy *", `dlm:TagResource ${of("dlm", "policy/*")}`],
    ],
    [
      "ec2:CreateSecurityGroup",
      { VpcId: "vpc-1", TagSpecifications: [{ ResourceType: "security-group", Tags: [{ Key: "a", Value: "b" }] }] },
      [
        `ec2:CreateSecurityGroup ${of("ec2", "security-group/*")}`,
        `ec2:CreateTags ${of("ec2", "security-group/*")}`,
        `ec2:CreateSecurityGroup ${of("ec2", "vpc/vpc-1")}`,
      ],
    ],
  ])("%s with %j takes a permission of its own for them", async (action, input, expected) => {
    expect(briefly(await demands(action, input))).toEqual(expected);
  });

  test("of what is there are known", async () => {
    const found = [
      ...(await demands("dlm:DeleteLifecyclePolicy", { PolicyId: "policy-1" })),
      ...(await demands("rbin:UpdateRule", { Identifier: "rule-1" })),
      ...(await demands("ec2:DeleteVolume", { VolumeId: "vol-1" })),
      ...(await demands("rbin:GetRule", { Identifier: "gone" })),
      ...(await demands("budgets:DescribeBudget", { BudgetName: "b" })),
      ...(await demands("codebuild:StartBuild", { projectName: "p" })),
      ...(await demands("codebuild:BatchGetBuilds", { ids: ["p:1"] })),
      ...(await demands("ecr:DeleteRepository", { repositoryName: "r" })),
      ...(await demands("ecr:DescribeRepositories", {})),
    ];
    expect(found.map(({ resourceTags }) => resourceTags)).toEqual([
      { cache: "ci" },
      { cache: "ci" },
      { cache: "ci" },
      {},
      ...Array.from({ length: 4 }, () => ({ cache: "ci" })),
      {},
    ]);
  });

  test.each<[string, object]>([
    ["budgets:CreateBudget", { Budget: { BudgetName: "b" }, ResourceTags: [{ Key: "a", Value: "b" }] }],
    ["codebuild:UpdateProject", { name: "p", tags: [{ key: "a", value: "b" }] }],
    ["ecr:CreateRepository", { repositoryName: "r", tags: [{ Key: "a", Value: "b" }] }],
  ])("of a request are read as %s writes them", async (action, input) => {
    expect((await demands(action, input))[0]?.requestTags).toEqual({ a: "b" });
  });

  test("that a rule of the Recycle Bin looks for are not its own", async () => {
    const ResourceTags = [{ ResourceTagKey: "a", ResourceTagValue: "b" }];
    const [found] = await demands("rbin:CreateRule", { ResourceTags });
    expect(found?.requestTags).toEqual({});
  });
});

describe("the companions' calls", () => {
  test.each<[string, object, string[]]>([
    [
      "ecr:CreateRepositoryCreationTemplate",
      { prefix: "hub/", lifecyclePolicy: "{}", repositoryPolicy: "{}" },
      [
        "ecr:CreateRepositoryCreationTemplate *",
        `ecr:CreateRepository ${of("ecr", "repository/hub/*")}`,
        `ecr:PutLifecyclePolicy ${of("ecr", "repository/hub/*")}`,
        `ecr:SetRepositoryPolicy ${of("ecr", "repository/hub/*")}`,
        `iam:CreateServiceLinkedRole ${roleArnOf("AWSServiceRoleForECRTemplate", "/aws-service-role/ecr.amazonaws.com/")}`,
      ],
    ],
    [
      "ecr:CreatePullThroughCacheRule",
      { ecrRepositoryPrefix: "hub" },
      [
        "ecr:CreatePullThroughCacheRule *",
        `iam:CreateServiceLinkedRole ${roleArnOf("AWSServiceRoleForECRPullThroughCache", "/aws-service-role/pullthroughcache.ecr.amazonaws.com/")}`,
      ],
    ],
    ["ecr:UpdatePullThroughCacheRule", { ecrRepositoryPrefix: "hub" }, ["ecr:UpdatePullThroughCacheRule *"]],
    [
      "ecr:CreateRepository",
      { repositoryName: "a/b", encryptionConfiguration: { encryptionType: "KMS", kmsKey: of("kms", "key/1") } },
      [
        `ecr:CreateRepository ${of("ecr", "repository/a/b")}`,
        ...["CreateGrant", "DescribeKey", "RetireGrant"].map((action) => `kms:${action} ${of("kms", "key/1")}`),
      ],
    ],
    [
      "ecr:CreateRepository",
      { repositoryName: "a/b", encryptionConfiguration: { encryptionType: "AES256" } },
      [`ecr:CreateRepository ${of("ecr", "repository/a/b")}`],
    ],
    [
      "ecr:UpdateRepositoryCreationTemplate",
      { prefix: "ROOT" },
      ["ecr:UpdateRepositoryCreationTemplate *", `ecr:CreateRepository ${of("ecr", "repository/*")}`],
    ],
    ["ecr:DeleteRepositoryCreationTemplate", { prefix: "hub" }, ["ecr:DeleteRepositoryCreationTemplate *"]],
    [
      "ecr:DescribeRepositories",
      { repositoryNames: ["a", "b/c"] },
      ["a", "b/c"].map((name) => `ecr:DescribeRepositories ${of("ecr", `repository/${name}`)}`),
    ],
    ["ecr:DescribeRepositories", {}, [`ecr:DescribeRepositories ${of("ecr", "repository/*")}`]],
    [
      "ecr:CreateRepository",
      { repositoryName: "r", tags: [{ Key: "a", Value: "b" }] },
      [`ecr:CreateRepository ${of("ecr", "repository/r")}`, `ecr:TagResource ${of("ecr", "repository/r")}`],
    ],
    ["codebuild:BatchGetProjects", { names: ["p"] }, [`codebuild:BatchGetProjects ${of("codebuild", "project/p")}`]],
    ["codebuild:StopBuild", { id: "p:1" }, [`codebuild:StopBuild ${of("codebuild", "project/p")}`]],
    [
      "codebuild:BatchGetBuilds",
      { ids: [of("codebuild", "build/p:1")] },
      [`codebuild:BatchGetBuilds ${of("codebuild", "project/p")}`],
    ],
    [
      "iam:CreatePolicy",
      { PolicyName: "p", Path: "/ci/", Tags: [{ Key: "a", Value: "b" }] },
      [`iam:CreatePolicy ${policyArnOf("ci/p")}`, `iam:TagPolicy ${policyArnOf("ci/p")}`],
    ],
    [
      "iam:CreatePolicyVersion",
      { PolicyArn: policyArnOf("p"), PolicyDocument: "{}" },
      [`iam:CreatePolicyVersion ${policyArnOf("p")}`],
    ],
    ["iam:GetPolicyVersion", { PolicyArn: policyArnOf("p") }, [`iam:GetPolicyVersion ${policyArnOf("p")}`]],
    ["logs:PutResourcePolicy", { policyName: "p" }, ["logs:PutResourcePolicy *"]],
    ["secretsmanager:ListSecrets", { Filters: [{ Key: "name", Values: ["s"] }] }, ["secretsmanager:ListSecrets *"]],
    ["budgets:DescribeBudgets", {}, ["budgets:ViewBudget arn:aws:budgets::123456789012:budget/*"]],
    [
      "budgets:UpdateBudget",
      { NewBudget: { BudgetName: "b" } },
      ["budgets:ModifyBudget arn:aws:budgets::123456789012:budget/b"],
    ],
    [
      "budgets:DescribeSubscribersForNotification",
      { BudgetName: "b" },
      ["budgets:ViewBudget arn:aws:budgets::123456789012:budget/b"],
    ],
    [
      "budgets:CreateBudget",
      { Budget: { BudgetName: "b" }, ResourceTags: [{ Key: "a", Value: "b" }] },
      [
        "budgets:ModifyBudget arn:aws:budgets::123456789012:budget/b",
        "budgets:TagResource arn:aws:budgets::123456789012:budget/b",
      ],
    ],
  ])("%s with %j", async (action, input, expected) => {
    expect(briefly(await demands(action, input))).toEqual(expected);
  });
});

/** Inputs that name one of everything that calls of a service name. */
const INPUTS: Readonly<Record<string, object>> = {
  budgets: { BudgetName: "b", ResourceARN: "arn:aws:budgets::123456789012:budget/b" },
  codebuild: { name: "p", names: ["p"], projectName: "p", id: "p:1", ids: ["p:1"] },
  dlm: { PolicyId: "policy-1", ResourceArn: of("dlm", "policy/policy-1") },
  ec2: {
    ...{ GroupId: "sg-1", ImageId: "ami-1", InstanceId: "i-1", InstanceIds: ["i-1"], LaunchTemplateId: "lt-1" },
    ...{ Resources: ["vol-1"], SnapshotId: "snap-1", SourceSnapshotId: "snap-1", SourceSnapshotIds: ["snap-1"] },
    ...{ SubnetId: "subnet-1", VolumeId: "vol-1", VpcId: "vpc-1", SecurityGroupIds: ["sg-1"] },
  },
  ecr: { repositoryName: "r", repositoryNames: ["r"], resourceArn: of("ecr", "repository/r"), prefix: "r" },
  events: { Name: "r", Rule: "r", ResourceARN: of("events", "rule/r") },
  iam: { InstanceProfileName: "p", RoleName: "r", PolicyName: "p", PolicyArn: policyArnOf("p") },
  kms: { KeyId: of("kms", "key/k") },
  lambda: { FunctionName: "f", UUID: "m", Resource: of("lambda", "function:f") },
  logs: { logGroupName: "g", logStreamName: "s", resourceArn: of("logs", "log-group:g") },
  monitoring: {
    AlarmName: "a",
    AlarmNames: ["a"],
    DashboardName: "d",
    DashboardNames: ["d"],
    ResourceARN: of("cloudwatch", "alarm:a"),
  },
  s3: {
    ...{
      Bucket: "b",
      Key: "k",
      CopySource: "c/gone",
      Delete: { Objects: [{ Key: "k" }, { Key: "l", VersionId: "1" }] },
    },
    ...{
      ACL: "public-read",
      StorageClass: "STANDARD",
      ServerSideEncryption: "AES256",
      Tagging: "a=b",
      IfNoneMatch: "*",
    },
    ...{ ObjectLockEnabledForBucket: "true", ObjectOwnership: "ObjectWriter", BypassGovernanceRetention: "true" },
    ...{ Prefix: "p/", Delimiter: "/", MaxKeys: "1", ObjectLockMode: "COMPLIANCE", ObjectLockLegalHoldStatus: "ON" },
    CreateBucketConfiguration: { LocationConstraint: "eu-west-1", Tags: [{ Key: "a", Value: "b" }] },
  },
  rbin: { Identifier: "rule-1", ResourceArn: of("rbin", "rule/rule-1") },
  scheduler: { GroupName: "g", Name: "s", ResourceArn: of("scheduler", "schedule-group/g") },
  secretsmanager: { SecretId: "s" },
  sns: { TopicArn: of("sns", "t"), ResourceArn: of("sns", "t"), SubscriptionArn: of("sns", "t:1") },
  sqs: { QueueUrl: "http://localhost/123456789012/q" },
  ssm: { Name: "/a", ResourceId: "/a" },
};

/** Values that calls have beside: the reference says of the keys if the action knows them. */
const VALUES: Readonly<Record<string, object>> = {
  "cloudwatch:PutMetricData": { Namespace: "N" },
  "iam:AttachRolePolicy": { PolicyArn: BOUNDARY },
  "iam:DetachRolePolicy": { PolicyArn: BOUNDARY },
  "iam:CreateRole": { PermissionsBoundary: BOUNDARY },
};

/** What a call demands that has everything that calls of its service have. */
function sample(action: string): Promise<readonly Demand[]> {
  const service = action.split(":")[0]?.replace("cloudwatch", "monitoring") ?? "";
  return demands(action, taggingInput(action, { ...INPUTS[service], ...VALUES[action] }, { a: "b" }));
}

async function held(action: string): Promise<Held[]> {
  return (await sample(action)).map(
    ({ action: demanded, resource, keys = {}, requestTags = {}, resourceTags = {} }) => ({
      where: action,
      actions: [demanded],
      resources: [resource],
      keys: [
        ...Object.keys(keys).filter((key) => keys[key] !== undefined),
        ...Object.keys(requestTags).flatMap((key) => [`aws:RequestTag/${key}`, "aws:TagKeys"]),
        ...Object.keys(resourceTags).map((key) => `aws:ResourceTag/${key}`),
      ],
    }),
  );
}

/** A call for each known action. S3's operations have other names than its actions. */
const CALLS = [
  ...KNOWN_ACTIONS.filter((action) => !action.startsWith("s3:")),
  ...S3_OPERATIONS.map((operation) => `s3:${operation}`),
];

describe("the reference", () => {
  test.each(CALLS)("knows what %s is taken to need", async (action) => {
    const found = await held(action);
    expect(found.length).toBeGreaterThan(0);
    expect(await referenceComplaints(found)).toEqual([]);
  });

  test("knows every key that a demand speaks of, whether or not the call has it", async () => {
    const all = await Promise.all(CALLS.map(sample));
    const keys = [...new Set(all.flat().flatMap((one) => Object.keys(one.keys ?? {})))];
    expect(keys.length).toBeGreaterThan(5);
    expect(await unknownKeys(keys)).toEqual([]);
    expect(await unknownKeys(["iam:PassedToServices", "aws:Planted", "none:Such"])).toHaveLength(3);
  });
});

/** Actions that nobody calls in the lab: services call KMS, ECR replicates by itself, and X-Ray's daemon is not there. PassRole and CreateServiceLinkedRole are parts of other calls. */
const NOT_CALLED =
  /^(?:kms|xray):|^ecr:ReplicateImage$|^iam:(?:CreateServiceLinkedRole|PassRole)$|^sns:Publish$|^sts:AssumeRole$/;

test("each action that a policy of ours allows is known here", () => {
  const documented = readdirSync(join(ROOT, "docs/policies"))
    .map((file) => readPolicy(file.replace(/\.json$/, "")))
    .flatMap(({ Statement }) => Statement)
    .filter(({ Effect }) => Effect === "Allow");
  const allowed = new Set([...documented, ...roleStatements].flatMap(({ Action }) => listed(Action)));
  const unknown = [...allowed].filter((action) => !KNOWN_ACTIONS.includes(action) && !/^ec2:Describe/.test(action));
  expect(unknown.filter((action) => !NOT_CALLED.test(action))).toEqual([]);
});
