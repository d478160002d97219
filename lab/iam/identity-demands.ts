/** IAM's demands for calls on roles, instance profiles and managed policies. */
import type { Aws } from "../aws/handler";
import type { Facts } from "./context";
import { type Asked, arnOf } from "./demand";
import { forEach, type Input, type Resources, texts } from "./input";

interface Role {
  readonly Arn: string;
  readonly PermissionsBoundary?: { readonly PermissionsBoundaryArn?: string };
}

/** Actions on a role that is there. */
const ON_ROLES = [
  ...["AttachRolePolicy", "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "DetachRolePolicy"],
  ...["GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole", "ListRolePolicies"],
  ...["PutRolePermissionsBoundary", "PutRolePolicy", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole"],
  "UpdateRoleDescription",
];

const ON_PROFILES = [
  ...["AddRoleToInstanceProfile", "DeleteInstanceProfile", "GetInstanceProfile", "RemoveRoleFromInstanceProfile"],
  ...["TagInstanceProfile", "UntagInstanceProfile"],
];

/** Actions on a managed policy that is there. */
const ON_POLICIES = [
  ...["CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "GetPolicy", "GetPolicyVersion"],
  ...["ListPolicyVersions", "TagPolicy", "UntagPolicy"],
];

/** Calls on a role whose policy is the fact that they are judged by, and not what they act on. */
const NAMES_POLICY = new Set(["AttachRolePolicy", "DetachRolePolicy"]);

/** Calls that name the boundary: the others are asked about that of the role as it stands. */
const NAMES_BOUNDARY = new Set(["CreateRole", "PutRolePermissionsBoundary"]);

/** Calls that the reference gives no `iam:PermissionsBoundary`. */
const WITHOUT_BOUNDARY = new Set([
  ...["GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole", "ListRolePolicies", "TagRole"],
  "UntagRole",
]);

/** Resources of IAM's calls. */
export const IDENTITY_RESOURCES: Readonly<Record<string, Resources>> = {
  ...forEach("iam", ON_ROLES, async (asked, { RoleName }) => [await roleArn(asked, String(RoleName))]),
  ...forEach("iam", ON_PROFILES, async (asked, { InstanceProfileName }) => [
    await profileArn(asked, String(InstanceProfileName)),
  ]),
  "iam:CreateInstanceProfile": (asked, { Path, InstanceProfileName }) => [
    ofIam(asked, "instance-profile", Path, InstanceProfileName),
  ],
  ...forEach("iam", ON_POLICIES, (_, { PolicyArn }) => texts(PolicyArn)),
  "iam:CreatePolicy": (asked, { Path, PolicyName }) => [ofIam(asked, "policy", Path, PolicyName)],
  "iam:CreateRole": (asked, { Path, RoleName }) => [ofIam(asked, "role", Path, RoleName)],
};

/** Facts of IAM's calls: the boundary that the role has or is to have, and the policy that is attached. */
export async function identityKeys(asked: Asked): Promise<Facts["keys"]> {
  const { service, action, input } = asked.call;
  if (service !== "iam") return {};
  return {
    "iam:PermissionsBoundary": await boundary(asked.aws, action, input),
    "iam:PolicyARN": NAMES_POLICY.has(action) ? texts(input.PolicyArn)[0] : undefined,
  };
}

async function boundary(aws: Aws, action: string, input: Input): Promise<string | undefined> {
  if (NAMES_BOUNDARY.has(action)) return input.PermissionsBoundary as string | undefined;
  if (WITHOUT_BOUNDARY.has(action) || !ON_ROLES.includes(action)) return undefined;
  return (await findRole(aws, String(input.RoleName)))?.PermissionsBoundary?.PermissionsBoundaryArn;
}

/** The ARN of a role, whose path IAM knows; of one that is not there, as if it had none. */
export async function roleArn(asked: Asked, name: string): Promise<string> {
  return (await findRole(asked.aws, name))?.Arn ?? ofIam(asked, "role", "/", name);
}

async function profileArn(asked: Asked, InstanceProfileName: string): Promise<string> {
  type Answer = { InstanceProfile?: { Arn?: string } };
  const found = await unlessMissing(iam<Answer>(asked.aws, "GetInstanceProfile", { InstanceProfileName }));
  return found?.InstanceProfile?.Arn ?? ofIam(asked, "instance-profile", "/", InstanceProfileName);
}

async function findRole(aws: Aws, RoleName: string): Promise<Role | undefined> {
  return (await unlessMissing(iam<{ Role?: Role }>(aws, "GetRole", { RoleName })))?.Role;
}

function ofIam(asked: Asked, type: string, path: unknown, name: unknown): string {
  return arnOf(asked, "iam", `${type}${path ?? "/"}${name}`, { region: "" });
}

function iam<Output>(aws: Aws, action: string, input: object): Promise<Output> {
  return aws.moto<Output>({ service: "iam", action, region: "us-east-1" }, input);
}

async function unlessMissing<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { code?: string }).code === "NoSuchEntity") return undefined;
    throw error;
  }
}
