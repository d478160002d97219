/** Calls in the name of roles, judged by policies that moto's IAM holds. */
import { CreateVolumeCommand, DeleteSnapshotCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { startEmulatedAws } from "../../../lab/aws/server/start";
import { assumeRole } from "../../../lab/aws/services/assume-role";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";

jest.setTimeout(120_000);

const region = "eu-west-1";
let aws: EmulatedAws;
let permissions: Permissions;

beforeAll(async () => {
  aws = await startEmulatedAws();
  permissions = enforcePermissions(aws);
}, 180_000);
afterAll(() => aws?.stop());

const iam = (action: string, input: object) => aws.aws.call({ service: "iam", action, region }, input);
const document = (statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const trust = (condition?: object) =>
  document([
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole", ...condition },
  ]);

/** Makes a role and returns what calls EC2 in its name. */
async function role(name: string, statements: object[], options: { boundary?: string; trust?: string } = {}) {
  const input = { RoleName: name, AssumeRolePolicyDocument: options.trust ?? trust() };
  await iam("CreateRole", { ...input, PermissionsBoundary: options.boundary });
  await iam("PutRolePolicy", { RoleName: name, PolicyName: "own", PolicyDocument: document(statements) });
  return as(name);
}

async function as(name: string) {
  const wish = { roleArn: `arn:aws:iam::123456789012:role/${name}`, service: "lambda" };
  const { AccessKeyId: accessKeyId } = await assumeRole(aws.aws, region, wish);
  return (service: string, action: string, input: object) =>
    aws.aws.call<Record<string, string>>({ service, action, region, accessKeyId }, input);
}

async function snapshot(tags: Record<string, string>): Promise<string> {
  const volume = { AvailabilityZone: "eu-west-1a", Size: 1 };
  const { VolumeId } = await aws.aws.call<{ VolumeId: string }>(
    { service: "ec2", action: "CreateVolume", region },
    volume,
  );
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const input = { VolumeId, TagSpecifications: Tags.length ? [{ ResourceType: "snapshot", Tags }] : undefined };
  const target = { service: "ec2", action: "CreateSnapshot", region };
  return (await aws.aws.call<{ SnapshotId: string }>(target, input)).SnapshotId;
}

test("a tag of the resource decides, as it is at that moment; refusals have EC2's code and are kept", async () => {
  const Condition = { StringEquals: { "aws:ResourceTag/cache": "ci" } };
  const call = await role("keeper", [
    { Effect: "Allow", Action: "ec2:DeleteSnapshot", Resource: "arn:aws:ec2:*::snapshot/*", Condition },
  ]);
  const [ours, foreign] = [await snapshot({ cache: "ci" }), await snapshot({})];
  await expect(call("ec2", "DeleteSnapshot", { SnapshotId: foreign })).rejects.toMatchObject({
    code: "UnauthorizedOperation",
    message: expect.stringContaining(
      `perform: ec2:DeleteSnapshot on resource: arn:aws:ec2:eu-west-1::snapshot/${foreign}`,
    ),
  });
  expect(permissions.denied.at(-1)).toMatchObject({
    action: "ec2:DeleteSnapshot",
    caller: expect.stringContaining("/keeper/"),
  });
  await call("ec2", "DeleteSnapshot", { SnapshotId: ours });
});

test("clients over HTTP are judged by the key that they sign with, and read the refusal as AWS's", async () => {
  await role("reader", [{ Effect: "Allow", Action: "ec2:DescribeVolumes", Resource: "*" }]);
  const wish = { roleArn: "arn:aws:iam::123456789012:role/reader", service: "lambda" };
  const { AccessKeyId, SecretAccessKey, SessionToken } = await assumeRole(aws.aws, region, wish);
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const ec2 = new EC2Client({ region, endpoint: aws.endpointUrl, credentials });
  const refused = ec2.send(new DeleteSnapshotCommand({ SnapshotId: await snapshot({}) }));
  await expect(refused).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  // An action that no statement names is refused without knowing what it would take.
  const create = ec2.send(new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", Size: 1 }));
  await expect(create).rejects.toMatchObject({ name: "UnauthorizedOperation" });
});

test("tags at creation take a permission of their own", async () => {
  const create = { Effect: "Allow", Action: "ec2:CreateSnapshot", Resource: "*" };
  const tag = (action: string) => ({
    Effect: "Allow",
    Action: "ec2:CreateTags",
    Resource: "arn:aws:ec2:eu-west-1::snapshot/*",
    Condition: { StringEquals: { "ec2:CreateAction": action } },
  });
  const { VolumeId } = await aws.aws.call<{ VolumeId: string }>(
    { service: "ec2", action: "CreateVolume", region },
    { AvailabilityZone: "eu-west-1a", Size: 1 },
  );
  const plain = { VolumeId };
  const tagged = { VolumeId, TagSpecifications: [{ ResourceType: "snapshot", Tags: [{ Key: "a", Value: "b" }] }] };
  const without = await role("without", [create, tag("RunInstances")]);
  await without("ec2", "CreateSnapshot", plain);
  await expect(without("ec2", "CreateSnapshot", tagged)).rejects.toMatchObject({
    message: expect.stringContaining("ec2:CreateTags"),
  });
  const withTags = await role("with", [create, tag("CreateSnapshot")]);
  const { SnapshotId } = await withTags("ec2", "CreateSnapshot", tagged);
  // Later the same tag is no part of a creation.
  const later = withTags("ec2", "CreateTags", { Resources: [SnapshotId], Tags: [{ Key: "a", Value: "c" }] });
  await expect(later).rejects.toMatchObject({ code: "UnauthorizedOperation" });
});

test("a boundary limits what the role's own policies allow", async () => {
  const policy = document([{ Effect: "Allow", Action: "ec2:DescribeVolumes", Resource: "*" }]);
  await iam("CreatePolicy", { PolicyName: "limit", PolicyDocument: policy });
  const all = [{ Effect: "Allow", Action: "ec2:Describe*", Resource: "*" }];
  const call = await role("limited", all, { boundary: "arn:aws:iam::123456789012:policy/limit" });
  await call("ec2", "DescribeVolumes", {});
  await expect(call("ec2", "DescribeSnapshots", {})).rejects.toMatchObject({ code: "UnauthorizedOperation" });
});

test("a role goes into an instance profile with iam:PassRole for EC2 alone", async () => {
  const profile = (Resource: string) => ({ Effect: "Allow", Action: "iam:AddRoleToInstanceProfile", Resource });
  const pass = (service: string) => ({
    Effect: "Allow",
    Action: "iam:PassRole",
    Resource: "arn:aws:iam::123456789012:role/in/passed",
    Condition: { StringEquals: { "iam:PassedToService": service } },
  });
  await iam("CreateRole", { RoleName: "passed", Path: "/in/", AssumeRolePolicyDocument: trust() });
  await iam("CreateInstanceProfile", { InstanceProfileName: "machine", Path: "/in/" });
  const ours = profile("arn:aws:iam::123456789012:instance-profile/in/machine");
  const add = { InstanceProfileName: "machine", RoleName: "passed" };
  for (const [name, statements] of Object.entries({
    "adds-without": [ours],
    "adds-for-lambda": [ours, pass("lambda.amazonaws.com")],
  })) {
    const call = await role(name, statements);
    await expect(call("iam", "AddRoleToInstanceProfile", add)).rejects.toMatchObject({
      code: "AccessDenied",
      message: expect.stringContaining("perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/in/passed"),
    });
  }
  const call = await role("adds", [ours, pass("ec2.amazonaws.com")]);
  await call("iam", "AddRoleToInstanceProfile", add);
});

test("who may make roles with a boundary alone makes none without, and takes it off none", async () => {
  const boundary = "arn:aws:iam::123456789012:policy/limit";
  const Condition = { StringNotEquals: { "iam:PermissionsBoundary": boundary } };
  const call = await role("maker", [
    { Effect: "Allow", Action: "iam:*", Resource: "*" },
    { Effect: "Deny", Action: ["iam:CreateRole", "iam:PutRolePolicy"], Resource: "*", Condition },
    { Effect: "Deny", Action: "iam:DeleteRolePermissionsBoundary", Resource: "*" },
  ]);
  const all = [{ Effect: "Allow", Action: "ec2:DescribeVolumes", Resource: "*" }];
  const made = (RoleName: string, PermissionsBoundary?: string) =>
    call("iam", "CreateRole", { RoleName, AssumeRolePolicyDocument: trust(), PermissionsBoundary });
  const given = (RoleName: string) =>
    call("iam", "PutRolePolicy", { RoleName, PolicyName: "all", PolicyDocument: document(all) });
  await expect(made("free")).rejects.toMatchObject({ code: "AccessDenied" });
  await made("bound", boundary);
  await given("bound");
  await expect(given("passed")).rejects.toMatchObject({ code: "AccessDenied" });
  await expect(call("iam", "DeleteRolePermissionsBoundary", { RoleName: "bound" })).rejects.toMatchObject({
    code: "AccessDenied",
  });
});

test("parameters, metrics and logs are refused in the words of their services", async () => {
  const call = await role("writer", [
    { Effect: "Allow", Action: "ssm:GetParameter", Resource: "arn:aws:ssm:eu-west-1:123456789012:parameter/ours/*" },
    {
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": "Ours" } },
    },
  ]);
  await expect(call("ssm", "GetParameter", { Name: "/theirs/x" })).rejects.toMatchObject({
    code: "AccessDeniedException",
  });
  await expect(call("ssm", "GetParameter", { Name: "/ours/x" })).rejects.toMatchObject({ code: "ParameterNotFound" });
  const metric = (Namespace: string) => ({ Namespace, MetricData: [{ MetricName: "m", Value: 1 }] });
  await expect(call("monitoring", "PutMetricData", metric("Theirs"))).rejects.toMatchObject({ code: "AccessDenied" });
  await call("monitoring", "PutMetricData", metric("Ours"));
  const stream = { logGroupName: "g", logStreamName: "s" };
  await expect(call("logs", "CreateLogStream", stream)).rejects.toMatchObject({ code: "AccessDeniedException" });
});

test("what a policy names and the lab does not know is an error of the lab, neither allowed nor refused", async () => {
  const call = await role("unknown", [{ Effect: "Allow", Action: "ec2:ImportKeyPair", Resource: "*" }]);
  await expect(call("ec2", "ImportKeyPair", {})).rejects.toThrow(
    "what AWS demands for ec2:ImportKeyPair is not known here",
  );
});

test("a role's trust policy is asked about the service and what it works for", async () => {
  const wanted = {
    StringEquals: { "aws:SourceAccount": "123456789012" },
    ArnLike: { "aws:SourceArn": "arn:aws:dlm:*:*:policy/*" },
  };
  const RoleName = "trusting";
  const AssumeRolePolicyDocument = trust({ Principal: { Service: "dlm.amazonaws.com" }, Condition: wanted });
  await iam("CreateRole", { RoleName, AssumeRolePolicyDocument });
  const roleArn = `arn:aws:iam::123456789012:role/${RoleName}`;
  const policy = "arn:aws:dlm:eu-west-1:123456789012:policy/p";
  await assumeRole(aws.aws, region, { roleArn, service: "dlm", sourceArn: policy });
  const refused = [
    { roleArn, service: "dlm" },
    { roleArn, service: "lambda", sourceArn: policy },
    { roleArn: `${roleArn}-not`, service: "dlm" },
  ];
  for (const wish of refused) await expect(assumeRole(aws.aws, region, wish)).rejects.toThrow();
});

test.each([
  ["ec2", "DescribeVolumes", "AuthFailure"],
  ["sns", "ListTopics", "InvalidClientTokenId"],
  ["ssm", "DescribeParameters", "UnrecognizedClientException"],
  ["s3", "ListBuckets", "InvalidAccessKeyId"],
])("a key that nobody has is refused, and is not the owner's (%s)", async (service, action, code) => {
  const stranger = aws.aws.call({ service, action, region, accessKeyId: "AKIASTRANGER" }, {});
  await expect(stranger).rejects.toMatchObject({ code });
});

test("keys of no role are not judged, and nothing is once it is stopped", async () => {
  const before = permissions.judged;
  await snapshot({});
  expect(permissions.judged).toBe(before);
  permissions.stop();
  const call = await as("reader");
  await call("ec2", "DescribeSnapshots", {});
  expect(permissions.judged).toBe(before);
});
