/**
 * Whatever the provider may call on resources of a noun is allowed by docs/policies/deploy-<noun>.json, with its resource, its conditions and the roles
 * that it passes, and beside the boundary. deploy-policy.slow.test.ts sees what it really calls; changes are here alone.
 */
import { readerOf } from "../../../lab/iam/context";
import { isAllowed } from "../../../lab/iam/policy";
import { ciImagesNames, layerCacheNames, pullThroughNames, resourceNames, TAG } from "../../../lib/contract";
import { bucketName, repositories } from "../../../lib/layer-cache";
import { synthesizeEverything } from "../../../scripts/generate/everything";
import { NOUNS } from "../../../stacks/nouns";
import { arnOf, BOUNDARY, demandsFor, policyArnOf, roleArnOf, sampleAws, taggingInput } from "../../lab/iam/samples";
import { regionOf } from "../../stacks/names";
import { DEPLOY_ACTIONS } from "./deploy-actions";
import { readPolicy } from "./iam";

const names = resourceNames("ci", "x86_64", "eu-west-1");
const pullThrough = pullThroughNames("eu-west-1");
const stacks = synthesizeEverything();
const ours = { [TAG.name]: "ci" };
const aws = sampleAws({ tags: ours });

interface Own {
  /** @default - none */
  readonly role?: string;
  readonly logGroup?: string;
  /** What the names of the rest begin with. @default - that of rotation's */
  readonly base?: string;
  /** @default - one below a prefix of pull-through's */
  readonly repository?: string;
  /** Name of a managed policy. @default - that of pull-through's */
  readonly policy?: string;
  /** @default - none */
  readonly bucket?: string;
}

/** The role and the log group that a noun has. */
const OWN: Readonly<Record<string, Own>> = {
  "ci-images": { repository: "build-cache/acme/app", policy: ciImagesNames("app", "eu-west-1").pusherPolicy },
  builder: { role: names.builderRole, logGroup: names.builderLogGroup },
  "layer-cache": {
    repository: repositories("images").default,
    policy: layerCacheNames("ci", "eu-west-1").writerPolicy,
    bucket: bucketName("ci", "123456789012", "eu-west-1"),
  },
  "pull-through": { role: pullThrough.role, logGroup: pullThrough.logGroup, base: pullThrough.failures },
  rotation: { role: names.rotationRole, logGroup: names.rotationLogGroup },
  worker: { role: names.workerRole },
};

/** Inputs of calls by their service, or by themselves if they differ from others of their service. */
function inputsOf(noun: string): Readonly<Record<string, object>> {
  const { role = "", logGroup = "", base = names.rotation, repository = "quay/acme/app" } = OWN[noun] ?? {};
  const { policy = pullThrough.pullerPolicy, bucket = "" } = OWN[noun] ?? {};
  const topic = `docker-cache-${noun}-alarms`;
  const queue = names.rotationDeadLetterQueue;
  return {
    budgets: {
      BudgetName: pullThrough.budget,
      ResourceARN: `arn:aws:budgets::123456789012:budget/${pullThrough.budget}`,
    },
    cloudwatch: {
      ...{
        AlarmName: `${base}-stale`,
        AlarmNames: [`${base}-stale`],
        DashboardName: "docker-cache-x",
      },
      ...{ DashboardNames: ["docker-cache-x"], ResourceARN: arnOf("cloudwatch", `alarm:${base}-stale`) },
    },
    dlm: {
      PolicyId: "policy-1",
      ResourceArn: arnOf("dlm", "policy/policy-1"),
      ExecutionRoleArn: roleArnOf(names.dlmRole),
    },
    ec2: { GroupId: "sg-1", LaunchTemplateId: "lt-1", Resources: ["lt-1", "sg-1"], VolumeId: "vol-1", VpcId: "vpc-1" },
    ecr: {
      ...{ ecrRepositoryPrefix: "quay", prefix: "quay", repositoryName: repository, lifecyclePolicy: "{}" },
      ...{ repositoryNames: [repository], resourceArn: arnOf("ecr", `repository/${repository}`) },
      customRoleArn: roleArnOf(role),
    },
    // The role of an upstream registry, which is the user's.
    ...Object.fromEntries(
      ["Create", "Update"].map((how) => [
        `ecr:${how}PullThroughCacheRule`,
        { ecrRepositoryPrefix: "team", customRoleArn: roleArnOf("ecr-pull-through") },
      ]),
    ),
    events: { Name: base, Rule: base, ResourceARN: arnOf("events", `rule/${base}`) },
    iam: {
      ...{ InstanceProfileName: role, RoleName: role, PermissionsBoundary: BOUNDARY },
      ...{ PolicyName: policy, PolicyArn: policyArnOf(policy) },
    },
    lambda: {
      FunctionName: names.rotation,
      UUID: "mapping-1",
      Resource: arnOf("lambda", `function:${names.rotation}`),
      Role: roleArnOf(names.rotationRole),
    },
    logs: { logGroupName: logGroup, resourceArn: arnOf("logs", `log-group:${logGroup}`) },
    rbin: { Identifier: "rule-1", ResourceArn: arnOf("rbin", "rule/rule-1") },
    s3: { Bucket: bucket, Key: "ci/blobs/sha256:0", VersionId: "null" },
    scheduler: {
      ...{ GroupName: names.builder, Name: names.builder, Target: { RoleArn: roleArnOf(names.schedulerRole) } },
      ResourceArn: arnOf("scheduler", `schedule-group/${names.builder}`),
    },
    sns: {
      ...{ TopicArn: arnOf("sns", topic), ResourceArn: arnOf("sns", topic) },
      SubscriptionArn: arnOf("sns", `${topic}:1`),
    },
    sqs: { QueueUrl: `http://localhost/123456789012/${queue}` },
    ssm: { Name: "/docker-cache/ci/x86_64/x", ResourceId: "/docker-cache/ci/x86_64/x" },
  };
}

const boundary = JSON.parse(
  JSON.stringify(readPolicy("deploy-boundary")).replaceAll("policy/BOUNDARY", "policy/boundary"),
);

/** What calls need and policies of a noun do not allow. */
async function refused(noun: string, action: string, policies = [readPolicy(`deploy-${noun}`), boundary]) {
  const inputs = inputsOf(noun);
  const input = taggingInput(action, { ...(inputs[action] ?? inputs[action.split(":")[0] ?? ""]) }, ours);
  const found = await demandsFor(action, input, aws);
  const denied = found.filter(
    ({ action: demanded, resource, ...facts }) =>
      !isAllowed(policies, { action: demanded, resource, read: readerOf(facts) }),
  );
  return { known: found.length > 0, denied: denied.map((one) => `${one.action} on ${one.resource}`) };
}

/** What other calls take beside their own permission. */
const PARTS = ["ecr:CreateRepository", "ecr:PutLifecyclePolicy", "iam:CreateServiceLinkedRole", "iam:PassRole"];

describe.each(NOUNS.map(({ name }) => name))("%s", (noun) => {
  const own = stacks.filter(({ name }) => regionOf(noun, name) !== undefined);
  const types = own.flatMap(({ resource = {}, data = {} }) => [...Object.keys(resource), ...Object.keys(data)]);
  const actions = new Set([...types].flatMap((type) => DEPLOY_ACTIONS[type] ?? []));
  // Part of other calls. And the boundary is not taken off: that is what it is for.
  for (const action of [...PARTS, "iam:DeleteRolePermissionsBoundary"]) actions.delete(action);

  test.each([...actions].sort())("%s is allowed on its resources", async (action) => {
    expect(await refused(noun, action)).toEqual({ known: true, denied: [] });
  });
});

describe("what is not ours is refused", () => {
  const foreign = sampleAws({ tags: { team: "x" } });
  const admin = roleArnOf("admin");
  const [pass, passed] = [{ customRoleArn: roleArnOf(pullThrough.role) }, { customRoleArn: admin }];

  test.each<[string, string, object, string]>([
    ["builder", "ec2:DeleteVolume", { VolumeId: "vol-1" }, "ec2:DeleteVolume"],
    ["builder", "dlm:UpdateLifecyclePolicy", { PolicyId: "policy-1" }, "dlm:UpdateLifecyclePolicy"],
    ["builder", "iam:PutRolePolicy", { RoleName: "admin" }, "iam:PutRolePolicy"],
    [
      "builder",
      "iam:AddRoleToInstanceProfile",
      { InstanceProfileName: names.builderRole, RoleName: "admin" },
      "iam:PassRole",
    ],
    [
      "builder",
      "scheduler:UpdateSchedule",
      { GroupName: names.builder, Name: "x", Target: { RoleArn: admin } },
      "iam:PassRole",
    ],
    ["builder", "ssm:PutParameter", { Name: "/theirs" }, "ssm:PutParameter"],
    ["pull-through", "ecr:CreateRepositoryCreationTemplate", { prefix: "theirs", ...pass }, "ecr:CreateRepository"],
    ["pull-through", "ecr:CreateRepositoryCreationTemplate", { prefix: "quay", ...passed }, "iam:PassRole"],
    ["pull-through", "ecr:CreatePullThroughCacheRule", { ecrRepositoryPrefix: "team", ...passed }, "iam:PassRole"],
    ["pull-through", "ecr:CreatePullThroughCacheRule", { ecrRepositoryPrefix: "team", ...pass }, "iam:PassRole"],
    ["pull-through", "iam:CreatePolicyVersion", { PolicyArn: policyArnOf("theirs") }, "iam:CreatePolicyVersion"],
    ["pull-through", "iam:PutRolePolicy", { RoleName: names.builderRole }, "iam:PutRolePolicy"],
    ["pull-through", "budgets:UpdateBudget", { NewBudget: { BudgetName: "theirs" } }, "budgets:ModifyBudget"],
    [
      "pull-through",
      "secretsmanager:GetSecretValue",
      { SecretId: "ecr-pullthroughcache/docker-hub" },
      "secretsmanager:GetSecretValue",
    ],
  ])("to %s: %s with %j", async (noun, action, input, expected) => {
    const policies = [readPolicy(`deploy-${noun}`)];
    const denied = (await demandsFor(action, input, foreign)).filter(
      ({ action: demanded, resource, ...facts }) =>
        !isAllowed(policies, { action: demanded, resource, read: readerOf(facts) }),
    );
    expect(denied.map((one) => one.action)).toEqual([expected]);
  });
});
