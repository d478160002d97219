/**
 * Whatever the provider may call on resources of a noun is allowed by docs/policies/deploy-<noun>.json, with its resource, its conditions and the roles
 * that it passes, and beside the boundary. deploy-policy.slow.test.ts sees what it really calls; changes are here alone.
 */
import { readerOf } from "../../../lab/iam/context";
import { isAllowed } from "../../../lab/iam/policy";
import { resourceNames, TAG } from "../../../lib/contract";
import { synthesizeEverything } from "../../../scripts/generate/everything";
import { NOUNS } from "../../../stacks/nouns";
import { arnOf, BOUNDARY, demandsFor, roleArnOf, sampleAws, taggingInput } from "../../lab/iam/samples";
import { regionOf } from "../../stacks/names";
import { DEPLOY_ACTIONS } from "./deploy-actions";
import { readPolicy } from "./iam";

const names = resourceNames("ci", "x86_64", "eu-west-1");
const stacks = synthesizeEverything();
const ours = { [TAG.name]: "ci" };
const aws = sampleAws({ tags: ours });

/** The role and the log group that a noun has. */
const OWN: Readonly<Record<string, { readonly role: string; readonly logGroup?: string }>> = {
  builder: { role: names.builderRole, logGroup: names.builderLogGroup },
  rotation: { role: names.rotationRole, logGroup: names.rotationLogGroup },
  worker: { role: names.workerRole },
};

function inputsOf(noun: string): Readonly<Record<string, object>> {
  const { role = "", logGroup = "" } = OWN[noun] ?? {};
  const queue = names.rotationDeadLetterQueue;
  return {
    cloudwatch: {
      ...{
        AlarmName: `${names.rotation}-stale`,
        AlarmNames: [`${names.rotation}-stale`],
        DashboardName: "docker-cache-x",
      },
      ...{ DashboardNames: ["docker-cache-x"], ResourceARN: arnOf("cloudwatch", `alarm:${names.rotation}-stale`) },
    },
    dlm: {
      PolicyId: "policy-1",
      ResourceArn: arnOf("dlm", "policy/policy-1"),
      ExecutionRoleArn: roleArnOf(names.dlmRole),
    },
    ec2: { GroupId: "sg-1", LaunchTemplateId: "lt-1", Resources: ["lt-1", "sg-1"], VolumeId: "vol-1", VpcId: "vpc-1" },
    events: { Name: names.rotation, Rule: names.rotation, ResourceARN: arnOf("events", `rule/${names.rotation}`) },
    iam: { InstanceProfileName: role, RoleName: role, PermissionsBoundary: BOUNDARY },
    lambda: {
      FunctionName: names.rotation,
      UUID: "mapping-1",
      Resource: arnOf("lambda", `function:${names.rotation}`),
      Role: roleArnOf(names.rotationRole),
    },
    logs: { logGroupName: logGroup, resourceArn: arnOf("logs", `log-group:${logGroup}`) },
    rbin: { Identifier: "rule-1", ResourceArn: arnOf("rbin", "rule/rule-1") },
    scheduler: {
      ...{ GroupName: names.builder, Name: names.builder, Target: { RoleArn: roleArnOf(names.schedulerRole) } },
      ResourceArn: arnOf("scheduler", `schedule-group/${names.builder}`),
    },
    sns: {
      ...{ TopicArn: arnOf("sns", "docker-cache-rotation-alarms"), ResourceArn: arnOf("sns", "docker-cache-x") },
      SubscriptionArn: arnOf("sns", "docker-cache-rotation-alarms:1"),
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
  const input = taggingInput(action, inputsOf(noun)[action.split(":")[0] ?? ""] ?? {}, ours);
  const found = await demandsFor(action, input, aws);
  const denied = found.filter(
    ({ action: demanded, resource, ...facts }) =>
      !isAllowed(policies, { action: demanded, resource, read: readerOf(facts) }),
  );
  return { known: found.length > 0, denied: denied.map((one) => `${one.action} on ${one.resource}`) };
}

describe.each(NOUNS.map(({ name }) => name))("%s", (noun) => {
  const own = stacks.filter(({ name }) => regionOf(noun, name) !== undefined);
  const types = own.flatMap(({ resource = {}, data = {} }) => [...Object.keys(resource), ...Object.keys(data)]);
  const actions = new Set([...types].flatMap((type) => DEPLOY_ACTIONS[type] ?? []));
  // Part of other calls. And the boundary is not taken off: that is what it is for.
  for (const action of ["iam:PassRole", "iam:DeleteRolePermissionsBoundary"]) actions.delete(action);

  test.each([...actions].sort())("%s is allowed on its resources", async (action) => {
    expect(await refused(noun, action)).toEqual({ known: true, denied: [] });
  });
});

test("what is not ours is refused", async () => {
  const foreign = sampleAws({ tags: { team: "x" } });
  const policies = [readPolicy("deploy-builder")];
  const calls: readonly (readonly [string, object])[] = [
    ["ec2:DeleteVolume", { VolumeId: "vol-1" }],
    ["dlm:UpdateLifecyclePolicy", { PolicyId: "policy-1" }],
    ["iam:PutRolePolicy", { RoleName: "admin" }],
    ["iam:AddRoleToInstanceProfile", { InstanceProfileName: names.builderRole, RoleName: "admin" }],
    ["scheduler:UpdateSchedule", { GroupName: names.builder, Name: "x", Target: { RoleArn: roleArnOf("admin") } }],
    ["ssm:PutParameter", { Name: "/theirs" }],
  ];
  for (const [action, input] of calls) {
    const found = await demandsFor(action, input, foreign);
    const denied = found.filter(
      ({ action: demanded, resource, ...facts }) =>
        !isAllowed(policies, { action: demanded, resource, read: readerOf(facts) }),
    );
    expect({ action, denied: denied.length }).toEqual({ action, denied: 1 });
  }
});
