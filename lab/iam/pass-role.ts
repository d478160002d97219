/**
 * Calls that hand a role to a service take `iam:PassRole` on it beside their own permission. The IAM User Guide says so ("Grant a user permissions
 * to pass a role to an AWS service"), and the API reference of each call: the caller of AddRoleToInstanceProfile, too, "must be granted the PassRole
 * permission". The Service Authorization Reference lists it for few of them.
 */
import type { Asked, Demand } from "./demand";
import { roleArn } from "./identity-demands";
import type { Input } from "./input";

interface Passing {
  /** Service that gets the role, as `iam:PassedToService` names it. */
  readonly to: string;
  /** Role that the call names, by name or ARN; undefined if it names none. */
  readonly role: (input: Input) => unknown;
}

const inTarget = ({ Target }: Input) => (Target as { readonly RoleArn?: string } | undefined)?.RoleArn;

/** Calls by `service:Action`. A launch is in launch-demands.ts: its role is its instance profile's. */
const PASSING: Readonly<Record<string, Passing>> = {
  "codebuild:CreateProject": { to: "codebuild", role: ({ serviceRole }) => serviceRole },
  "codebuild:StartBuild": { to: "codebuild", role: ({ serviceRoleOverride }) => serviceRoleOverride },
  "codebuild:UpdateProject": { to: "codebuild", role: ({ serviceRole }) => serviceRole },
  "dlm:CreateLifecyclePolicy": { to: "dlm", role: ({ ExecutionRoleArn }) => ExecutionRoleArn },
  "dlm:UpdateLifecyclePolicy": { to: "dlm", role: ({ ExecutionRoleArn }) => ExecutionRoleArn },
  "ecr:CreatePullThroughCacheRule": { to: "pullthroughcache.ecr", role: ({ customRoleArn }) => customRoleArn },
  "ecr:CreateRepositoryCreationTemplate": { to: "ecr", role: ({ customRoleArn }) => customRoleArn },
  "ecr:UpdatePullThroughCacheRule": { to: "pullthroughcache.ecr", role: ({ customRoleArn }) => customRoleArn },
  "ecr:UpdateRepositoryCreationTemplate": { to: "ecr", role: ({ customRoleArn }) => customRoleArn },
  "iam:AddRoleToInstanceProfile": { to: "ec2", role: ({ RoleName }) => RoleName },
  "lambda:CreateFunction": { to: "lambda", role: ({ Role }) => Role },
  "lambda:UpdateFunctionConfiguration": { to: "lambda", role: ({ Role }) => Role },
  "scheduler:CreateSchedule": { to: "scheduler", role: inTarget },
  "scheduler:UpdateSchedule": { to: "scheduler", role: inTarget },
};

/** What a call takes for the role that it passes; nothing if it passes none. */
export async function passedRoles(asked: Asked): Promise<Demand[]> {
  const { service, action, input } = asked.call;
  const passing = PASSING[`${service}:${action}`];
  const role = passing?.role(input);
  if (!passing || typeof role !== "string" || role === "") return [];
  return [passRole(asked, role.startsWith("arn:") ? role : await roleArn(asked, role), passing.to)];
}

/** The demand of PassRole on a role, for a service by its name without domain. */
export function passRole({ aws }: Asked, resource: string, service: string): Demand {
  const domain = aws.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const keys = { "iam:PassedToService": `${service}.${domain}`, "iam:AssociatedResourceArn": undefined };
  return { action: "iam:PassRole", resource, keys };
}
