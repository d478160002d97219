import type { BuildProject, BuildRecord } from "../../../../../lab/aws/codebuild-project";
import type { StartedBuild } from "../../../../../lab/aws/hooks";
import { enforcePermissions } from "../../../../../lab/iam/enforce";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";
import { type JsonClient, jsonClient } from "../../json-client";

let aws: Emulated;
let codebuild: JsonClient;
const started: StartedBuild[] = [];
beforeAll(async () => {
  aws = await startEmulated();
  codebuild = jsonClient(aws, "codebuild", "CodeBuild_20161006");
  enforcePermissions(aws);
  aws.hooks.on("StartBuild", (build) => void started.push(build));
  await role("build");
}, 120_000);
afterAll(() => aws?.stop());

const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** A role that a service may assume, with what it may do. */
async function role(RoleName: string, { service = "codebuild", actions = ["sts:TagSession"], Condition = {} } = {}) {
  const iam = (action: string, input: object) => aws.aws.call({ service: "iam", action, region: REGION }, input);
  const Principal = { Service: `${service}.amazonaws.com` };
  const trust = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole", Condition });
  await iam("CreateRole", { RoleName, AssumeRolePolicyDocument: trust });
  const own = document({ Effect: "Allow", Action: actions, Resource: "*" });
  await iam("PutRolePolicy", { RoleName, PolicyName: "own", PolicyDocument: own });
}

const BUILDSPEC = "version: 0.2\nphases: {}\n";
const PROJECT = {
  source: { type: "NO_SOURCE", buildspec: BUILDSPEC },
  artifacts: { type: "NO_ARTIFACTS" },
  environment: {
    type: "LINUX_CONTAINER",
    image: "aws/codebuild/standard:8.0",
    computeType: "BUILD_GENERAL1_SMALL",
    privilegedMode: true,
    environmentVariables: [
      { name: "A", value: "1" },
      { name: "B", value: "/b", type: "PARAMETER_STORE" },
    ],
  },
  serviceRole: roleArn("build"),
};
const create = async (name: string, more: object = {}) =>
  (await codebuild<{ project: BuildProject }>("CreateProject", { ...PROJECT, name, ...more })).project;
const update = async (name: string, more: object) =>
  (await codebuild<{ project: BuildProject }>("UpdateProject", { name, ...more })).project;
const get = (...names: string[]) =>
  codebuild<{ projects: BuildProject[]; projectsNotFound: string[] }>("BatchGetProjects", { names });
const start = async (projectName: string, more: object = {}) =>
  (await codebuild<{ build: BuildRecord }>("StartBuild", { projectName, ...more })).build;

test("a project without a source is made with CodeBuild's defaults, read, listed and deleted", async () => {
  const tags = [{ key: "cache", value: "ci" }];
  const made = await create("plain", { tags });
  const arn = `arn:aws:codebuild:${REGION}:123456789012:project/plain`;
  const now = aws.aws.now().getTime() / 1000;
  expect(made).toEqual({
    ...{ ...PROJECT, name: "plain", arn, tags, created: now, lastModified: now },
    cache: { type: "NO_CACHE" },
    badge: { badgeEnabled: false },
    encryptionKey: `arn:aws:kms:${REGION}:123456789012:alias/aws/s3`,
    projectVisibility: "PRIVATE",
    timeoutInMinutes: 60,
    queuedTimeoutInMinutes: 480,
    environment: {
      ...PROJECT.environment,
      imagePullCredentialsType: "CODEBUILD",
      environmentVariables: [
        { name: "A", value: "1", type: "PLAINTEXT" },
        { name: "B", value: "/b", type: "PARAMETER_STORE" },
      ],
    },
  });
  expect(await get(arn, "gone")).toEqual({ projects: [made], projectsNotFound: ["gone"] });
  await create("another");
  expect(await codebuild("ListProjects", {})).toEqual({ projects: ["another", "plain"] });
  expect(await codebuild("ListProjects", { sortOrder: "DESCENDING" })).toEqual({ projects: ["plain", "another"] });
  await codebuild("DeleteProject", { name: arn });
  expect(await get("plain")).toEqual({ projects: [], projectsNotFound: ["plain"] });
  await codebuild("DeleteProject", { name: "plain" });
});

test("an update replaces what it gives and keeps the rest", async () => {
  const made = await create("changing", { concurrentBuildLimit: 2, description: "first" });
  await aws.pass(60);
  const source = { type: "NO_SOURCE", buildspec: "version: 0.2" };
  const changed = await update("changing", { source, badgeEnabled: true, timeoutInMinutes: 5, tags: [] });
  expect(changed).toEqual({
    ...made,
    ...{ source, badge: { badgeEnabled: true }, timeoutInMinutes: 5, tags: [] },
    lastModified: aws.aws.now().getTime() / 1000,
  });
  expect((await update("changing", { concurrentBuildLimit: -1 })).concurrentBuildLimit).toBeUndefined();
  expect(await errorOf(update("gone", {}))).toBe("ResourceNotFoundException");
  expect(await errorOf(create("changing"))).toBe("ResourceAlreadyExistsException");
});

const { environment, source } = PROJECT;
test.each<[string, object]>([
  ["a malformed name", { name: "a b" }],
  ["an unknown type of source", { source: { type: "SVN" } }],
  ["no buildspec without a source", { source: { type: "NO_SOURCE" } }],
  ["a location without a source", { source: { ...source, location: "x" } }],
  ["a report without a source", { source: { ...source, reportBuildStatus: false } }],
  ["a source without its location", { source: { type: "GITHUB" } }],
  ["encryption of no artifacts", { artifacts: { type: "NO_ARTIFACTS", encryptionDisabled: false } }],
  ["artifacts without a bucket", { artifacts: { type: "S3" } }],
  ["a cache without a bucket", { cache: { type: "S3" } }],
  ["a local cache without modes", { cache: { type: "LOCAL" } }],
  [
    "Docker's layers without privileges",
    {
      environment: { ...environment, privilegedMode: false },
      cache: { type: "LOCAL", modes: ["LOCAL_DOCKER_LAYER_CACHE"] },
    },
  ],
  ["a curated image with the role", { environment: { ...environment, imagePullCredentialsType: "SERVICE_ROLE" } }],
  ["a compute type of Lambda's", { environment: { ...environment, computeType: "BUILD_LAMBDA_1GB" } }],
  ["too short a timeout", { timeoutInMinutes: 4 }],
  ["a role by name", { serviceRole: "build" }],
  ["a role that is not there", { serviceRole: roleArn("gone") }],
  ["a network without subnets", { vpcConfig: { vpcId: "vpc-1", securityGroupIds: ["sg-1"] } }],
])("%s is refused, and no half of a project is kept", async (_what, more) => {
  expect(await errorOf(create("refused", more))).toBe("InvalidInputException");
  expect((await get("refused")).projects).toEqual([]);
});

test("a role must trust CodeBuild, when a project is made, changed or built", async () => {
  await role("for-lambda", { service: "lambda" });
  const serviceRole = roleArn("for-lambda");
  await expect(create("distrusted", { serviceRole })).rejects.toMatchObject({
    name: "InvalidInputException",
    message: expect.stringContaining(`CodeBuild is not authorized to perform: sts:AssumeRole on ${serviceRole}`),
  });
  await create("distrusted");
  expect(await errorOf(update("distrusted", { serviceRole }))).toBe("InvalidInputException");
  started.length = 0;
  expect(await errorOf(start("distrusted", { serviceRoleOverride: serviceRole }))).toBe("InvalidInputException");
  expect(started).toEqual([]);
  expect(await codebuild("ListBuildsForProject", { projectName: "distrusted" })).toEqual({ ids: [] });
});

test("a role may trust CodeBuild for one project", async () => {
  const project = `arn:aws:codebuild:${REGION}:123456789012:project/only`;
  await role("for-one", { Condition: { ArnEquals: { "aws:SourceArn": project } } });
  const serviceRole = roleArn("for-one");
  await create("only", { serviceRole });
  expect(await errorOf(create("other", { serviceRole }))).toBe("InvalidInputException");
});

test("a network is looked at in the role's name", async () => {
  const ec2 = <Output>(action: string, input: object = {}) =>
    aws.aws.call<Output>({ service: "ec2", action, region: REGION }, input);
  const { Subnets } = await ec2<{ Subnets: { SubnetId: string; VpcId: string }[] }>("DescribeSubnets");
  const { SubnetId = "", VpcId: vpcId = "" } = Subnets[0] ?? {};
  const Filters = [{ Name: "vpc-id", Values: [vpcId] }];
  const groups = await ec2<{ SecurityGroups: { GroupId: string }[] }>("DescribeSecurityGroups", { Filters });
  const vpcConfig = { vpcId, subnets: [SubnetId], securityGroupIds: [groups.SecurityGroups[0]?.GroupId] };
  await expect(create("inside", { vpcConfig })).rejects.toMatchObject({
    message: "Not authorized to perform DescribeSecurityGroups",
  });
  await role("inside", { actions: ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"] });
  const serviceRole = roleArn("inside");
  expect((await create("inside", { vpcConfig, serviceRole })).vpcConfig).toEqual(vpcConfig);
  const wrong = { ...vpcConfig, subnets: ["subnet-0123456789abcdef0"] };
  expect(await errorOf(update("inside", { vpcConfig: wrong }))).toBe("InvalidInputException");
  expect((await update("inside", { vpcConfig: {} })).vpcConfig).toBeUndefined();
});

test("a build gets the role's credentials, and stays as its listener leaves it", async () => {
  await role("runner", { actions: ["ssm:GetParameter"] });
  const { arn } = await create("runs", { serviceRole: roleArn("runner") });
  started.length = 0;
  const build = await start("runs");
  expect(build).toMatchObject({
    id: expect.stringMatching(/^runs:[0-9a-f-]{36}$/),
    arn: `arn:aws:codebuild:${REGION}:123456789012:build/${build.id}`,
    ...{ projectName: "runs", buildNumber: 1, buildStatus: "IN_PROGRESS", currentPhase: "SUBMITTED" },
    ...{ buildComplete: false, serviceRole: roleArn("runner"), source: PROJECT.source },
  });
  const [{ credentials, ...told } = { credentials: undefined }] = started;
  expect(told).toEqual({ region: REGION, projectName: "runs", buildId: build.id });
  const caller = { service: "ssm", action: "GetParameter", region: REGION, accessKeyId: credentials?.AccessKeyId };
  await expect(aws.aws.call(caller, { Name: "/x" })).rejects.toMatchObject({ code: "ParameterNotFound" });
  await expect(aws.aws.call({ ...caller, action: "PutParameter" }, { Name: "/x" })).rejects.toMatchObject({
    code: "AccessDeniedException",
  });

  const record = aws.regions[REGION]?.builds[build.id];
  Object.assign(record ?? {}, { buildStatus: "SUCCEEDED", buildComplete: true, currentPhase: "COMPLETED" });
  await codebuild("DeleteProject", { name: arn });
  expect(await codebuild("BatchGetBuilds", { ids: [build.id, "runs:gone"] })).toMatchObject({
    builds: [{ id: build.id, buildStatus: "SUCCEEDED", buildComplete: true }],
    buildsNotFound: ["runs:gone"],
  });
});

test("a build's request may override its project", async () => {
  await create("overridden");
  const variables = [
    { name: "A", value: "2" },
    { name: "C", value: "3" },
  ];
  const build = await start("overridden", {
    buildspecOverride: "version: 0.2",
    environmentVariablesOverride: variables,
    imageOverride: "aws/codebuild/standard:7.0",
    timeoutInMinutesOverride: 7,
  });
  expect(build).toMatchObject({
    source: { type: "NO_SOURCE", buildspec: "version: 0.2" },
    timeoutInMinutes: 7,
    environment: {
      image: "aws/codebuild/standard:7.0",
      privilegedMode: true,
      environmentVariables: [
        { name: "B", value: "/b", type: "PARAMETER_STORE" },
        { name: "A", value: "2", type: "PLAINTEXT" },
        { name: "C", value: "3", type: "PLAINTEXT" },
      ],
    },
  });
  expect((await get("overridden")).projects[0]?.source).toEqual(PROJECT.source);
  expect(await errorOf(start("overridden", { buildspecOverride: "" }))).toBe("InvalidInputException");
  expect(await errorOf(start("gone"))).toBe("ResourceNotFoundException");
  await expect(start("overridden", { debugSessionEnabled: true })).rejects.toThrow("is not emulated");
});

test("a token starts one build for five minutes", async () => {
  await create("once");
  const first = await start("once", { idempotencyToken: "t" });
  expect((await start("once", { idempotencyToken: "t" })).id).toBe(first.id);
  const changed = { idempotencyToken: "t", sourceVersion: "x" };
  expect(await errorOf(start("once", changed))).toBe("InvalidInputException");
  await aws.pass(301);
  const second = await start("once", { idempotencyToken: "t" });
  expect(second.buildNumber).toBe(2);
  expect(await codebuild("ListBuildsForProject", { projectName: "once" })).toEqual({ ids: [second.id, first.id] });
});

test("a project runs no more builds at once than it may, and a build can be stopped", async () => {
  await create("single", { concurrentBuildLimit: 1 });
  const { id } = await start("single");
  expect(await errorOf(start("single"))).toBe("AccountLimitExceededException");
  expect(await codebuild("StopBuild", { id })).toMatchObject({
    build: { buildStatus: "STOPPED", buildComplete: true },
  });
  expect((await start("single")).buildNumber).toBe(2);
  expect(await errorOf(codebuild("StopBuild", { id: "single:gone" }))).toBe("ResourceNotFoundException");
});

test("builds that are started at once have a number each, keep to the limit, and are one by one token", async () => {
  await create("raced", { concurrentBuildLimit: 2 });
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => start("raced")));
  const started = results.flatMap((one) => (one.status === "fulfilled" ? one.value.buildNumber : []));
  expect(started.sort()).toEqual([1, 2]);
  await create("token");
  const same = await Promise.all([1, 2, 3].map(() => start("token", { idempotencyToken: "raced" })));
  expect(new Set(same.map(({ id }) => id)).size).toBe(1);
});
