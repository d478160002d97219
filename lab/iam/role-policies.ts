/** The policies of a role as they stand at this moment. */
import type { Aws } from "../aws/handler";
import { type Policy, parsePolicy } from "./policy";

export interface RolePolicies {
  readonly arn: string;
  /** Trust policy: says who may assume the role. */
  readonly trust: Policy;
  /** Inline and attached. */
  readonly identity: readonly Policy[];
  /** Limit to what the role can be allowed; undefined if there is none. */
  readonly boundary?: Policy;
}

/** Reads a role's policies. @throws AwsError NoSuchEntity if there is no such role */
export async function policiesOf(aws: Aws, RoleName: string): Promise<RolePolicies> {
  const { Role } = await iam<{ Role: Role }>(aws, "GetRole", { RoleName });
  const boundary = Role.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    arn: Role.Arn,
    trust: parsePolicy(plain(Role.AssumeRolePolicyDocument)),
    identity: [...(await inlinePolicies(aws, RoleName)), ...(await attachedPolicies(aws, RoleName))],
    boundary: boundary ? await managedPolicy(aws, boundary) : undefined,
  };
}

interface Role {
  readonly Arn: string;
  readonly AssumeRolePolicyDocument: string;
  readonly PermissionsBoundary?: { readonly PermissionsBoundaryArn?: string };
}

async function inlinePolicies(aws: Aws, RoleName: string): Promise<Policy[]> {
  const { PolicyNames = [] } = await iam<{ PolicyNames?: string[] }>(aws, "ListRolePolicies", { RoleName });
  return Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const answer = await iam<{ PolicyDocument: string }>(aws, "GetRolePolicy", { RoleName, PolicyName });
      return parsePolicy(plain(answer.PolicyDocument));
    }),
  );
}

async function attachedPolicies(aws: Aws, RoleName: string): Promise<Policy[]> {
  type Answer = { AttachedPolicies?: { PolicyArn?: string }[] };
  const { AttachedPolicies = [] } = await iam<Answer>(aws, "ListAttachedRolePolicies", { RoleName });
  return Promise.all(AttachedPolicies.map(({ PolicyArn = "" }) => managedPolicy(aws, PolicyArn)));
}

async function managedPolicy(aws: Aws, PolicyArn: string): Promise<Policy> {
  const { Policy } = await iam<{ Policy: { DefaultVersionId: string } }>(aws, "GetPolicy", { PolicyArn });
  const version = { PolicyArn, VersionId: Policy.DefaultVersionId };
  const { PolicyVersion } = await iam<{ PolicyVersion: { Document: string } }>(aws, "GetPolicyVersion", version);
  return parsePolicy(plain(PolicyVersion.Document));
}

/** IAM answers documents percent-encoded. */
function plain(document: string): string {
  return document.trimStart().startsWith("{") ? document : decodeURIComponent(document);
}

function iam<Output>(aws: Aws, action: string, input: object): Promise<Output> {
  return aws.moto<Output>({ service: "iam", action, region: "us-east-1" }, input);
}
